import OfficeModel

/// vCards of any version (RFC 6350, RFC 2426, vCard 2.1): one item from BEGIN:VCARD to its END:VCARD.
final class CardDecoder: DocumentDecoder {
  private let limits: Limits
  private let sink: any ItemSink
  private let leavingOut: BrokenObjectReceiver?
  private let lines: ContentLines
  private let card = ByteBuffer()
  private var open: [(name: [UInt8], line: Int)] = []
  private var uid: [UInt8]?
  private var properties = 0
  private var objects = 0

  init(limits: Limits, sink: any ItemSink, leavingOut: BrokenObjectReceiver? = nil) {
    self.limits = limits
    self.sink = sink
    self.leavingOut = leavingOut
    lines = ContentLines(limits: limits)
  }

  func feed(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    try lines.feed(bytes) { line throws(OfficeError) in try take(line) }
  }

  func finish() throws(OfficeError) -> DocumentReport {
    try lines.finish { line throws(OfficeError) in try take(line) }
    if let last = open.last {
      throw Refusal.unframed(
        "a card is not closed", line: last.line, "BEGIN:\(Escaped.line(last.name))")
    }
    var report = lines.report
    report.objects = objects
    return report
  }

  private func take(_ line: ContentLine) throws(OfficeError) {
    let marker = line.marker
    if open.isEmpty {
      guard let marker, marker.isBegin, marker.name == Array("VCARD".utf8) else {
        throw Refusal.unframed("a line outside a card", line: line.number, line.excerpt)
      }
    }
    guard card.count + line.bytes.count <= limits.itemBytes else {
      throw Refusal.tooLarge(
        "a card is larger than \(limits.itemBytes) bytes", line: open.first?.line ?? line.number)
    }
    card.append(line.bytes)
    guard let marker else {
      properties += 1
      if open.count == 1, uid == nil, let value = line.value(of: "UID", mayHaveGroup: true) {
        uid = Bytes.trimmed(value)
      }
      return
    }
    if marker.isBegin {
      guard open.count < limits.depth else {
        throw Refusal.tooLarge("cards nested deeper than \(limits.depth)", line: line.number)
      }
      open.append((marker.name, line.number))
    } else {
      guard let last = open.popLast(), last.name == marker.name else {
        throw Refusal.unframed("an END without its BEGIN", line: line.number, line.excerpt)
      }
      if open.isEmpty { try end(from: last.line) }
    }
  }

  private func end(from line: Int) throws(OfficeError) {
    guard properties > 0 else {
      throw Refusal.unframed("a card with nothing in it", line: line, "BEGIN:VCARD")
    }
    var natural = uid ?? []
    if natural.isEmpty {
      var digest = DigestStream()
      digest.update(card.bytes)
      natural = Bytes.contentKey(digest.finish())
    }
    try sink.write(card)
    try sink.end(ItemKey(natural: natural))
    card.removeAll()
    uid = nil
    properties = 0
    objects += 1
  }
}
