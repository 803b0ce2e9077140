import OfficeModel

/// vCards of any version (RFC 6350, RFC 2426, vCard 2.1): one item from BEGIN:VCARD to its END:VCARD.
///
/// A missing BEGIN is added before properties that end in END:VCARD, a missing END where the file ends at the end of a line
/// of a card that holds no other.
final class CardDecoder: DocumentDecoder {
  private static let name = Array("VCARD".utf8)
  private static let begin = Array("BEGIN:VCARD\r\n".utf8)
  private static let end = Array("END:VCARD\r\n".utf8)

  private let limits: Limits
  private let sink: any ItemSink
  private let lines: ContentLines
  private let sieve: ObjectSieve?
  private let card = ByteBuffer()
  private let conversion = PropertyText()
  private var open: [(name: [UInt8], line: Int)] = []
  private var properties = 0
  private var hasNested = false
  /// Why the card's first line is refused if it turns out to begin none.
  private var implied: OfficeError?
  /// Where the line of its UID stands.
  private var uid: Range<Int>?
  /// Lines that say nothing of their charset, and are not UTF-8.
  private var foreign: [(range: Range<Int>, number: Int)] = []
  /// The first charset that a property of the card names, other than UTF-8.
  private var charset: Charset?
  private var objects = 0

  init(limits: Limits, sink: any ItemSink, leavingOut: BrokenObjectReceiver? = nil) {
    self.limits = limits
    self.sink = sink
    let lines = ContentLines(limits: limits, keepsRaw: leavingOut != nil, defersForeign: true)
    self.lines = lines
    sieve = leavingOut.map { ObjectSieve(.cards, limits: limits, lines: lines, hand: $0) }
  }

  func feed(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    try lines.feed(bytes) { line throws(OfficeError) in try pass(line) }
  }

  func finish() throws(OfficeError) -> DocumentReport {
    try lines.finish { line throws(OfficeError) in try pass(line) }
    try sieve?.finish { line throws(OfficeError) in try take(line) }
    if let implied { throw implied }
    if let last = open.last {
      guard open.count == 1, !hasNested, lines.endsWhole else {
        throw Refusal.unframed(
          "a card is not closed", line: last.line, "BEGIN:\(Escaped.line(last.name))")
      }
      card.append(CardDecoder.end)
      lines.report.note(.endAdded, line: last.line)
      try end(from: last.line)
    }
    var report = lines.report
    report.objects = objects
    report.leftOut = sieve?.leftOut ?? 0
    return report
  }

  private func pass(_ line: ContentLine) throws(OfficeError) {
    guard let sieve else { return try take(line) }
    try sieve.take(line) { line throws(OfficeError) in try take(line) }
  }

  private func take(_ line: ContentLine) throws(OfficeError) {
    let marker = line.marker
    if open.isEmpty { try begin(line, marker) }
    guard card.count + line.bytes.count <= limits.itemBytes else {
      throw Refusal.tooLarge(
        "a card is larger than \(limits.itemBytes) bytes", line: open.first?.line ?? line.number)
    }
    let start = card.count
    card.append(line.bytes)
    guard let marker else { return property(line, start..<card.count) }
    if marker.isBegin {
      if open.count == 1, let implied, marker.name == CardDecoder.name { throw implied }
      guard open.count < limits.depth else {
        throw Refusal.tooLarge("cards nested deeper than \(limits.depth)", line: line.number)
      }
      hasNested = hasNested || !open.isEmpty
      open.append((marker.name, line.number))
    } else {
      guard let last = open.popLast(), last.name == marker.name else {
        throw Refusal.unframed("an END without its BEGIN", line: line.number, line.excerpt)
      }
      if open.isEmpty { try end(from: last.line) }
    }
  }

  private func begin(
    _ line: ContentLine, _ marker: (isBegin: Bool, name: [UInt8])?
  ) throws(OfficeError) {
    if let marker, marker.isBegin, marker.name == CardDecoder.name { return }
    let error = Refusal.unframed("a line outside a card", line: line.number, line.excerpt)
    guard marker == nil, line.isProperty(mayHaveGroup: true) else { throw error }
    implied = error
    card.append(CardDecoder.begin)
    open = [(CardDecoder.name, line.number)]
  }

  private func property(_ line: ContentLine, _ range: Range<Int>) {
    properties += 1
    if line.isForeign { foreign.append((range, line.number)) }
    if charset == nil, let label = line.charset?.label, let named = Charset(label: label),
      named != .utf8
    {
      charset = named
    }
    if open.count == 1, uid == nil, line.value(of: "UID", mayHaveGroup: true) != nil {
      uid = range
    }
  }

  private func end(from line: Int) throws(OfficeError) {
    defer {
      card.removeAll()
      foreign = []
      charset = nil
      uid = nil
      properties = 0
      hasNested = false
      implied = nil
    }
    guard properties > 0 else {
      throw Refusal.unframed("a card with nothing in it", line: line, "BEGIN:VCARD")
    }
    if implied != nil { lines.report.note(.beginAdded, line: line) }
    let content = try foreign.isEmpty ? card : converted(from: line)
    var natural: [UInt8] = []
    if let uid {
      let property = ContentLine(bytes: content.bytes(uid), number: line)
      natural = Bytes.trimmed(property.value(of: "UID", mayHaveGroup: true) ?? [])
    }
    if natural.isEmpty {
      var digest = DigestStream()
      digest.update(content.bytes)
      natural = Bytes.contentKey(digest.finish())
    }
    try sink.write(content)
    try sink.end(ItemKey(natural: natural))
    objects += 1
  }

  /// The card with its foreign lines in UTF-8.
  private func converted(from line: Int) throws(OfficeError) -> ByteBuffer {
    let out = ByteBuffer(capacity: card.count * 2)
    var start = 0
    var moved = uid
    for (range, number) in foreign {
      out.append(card.bytes(start..<range.lowerBound))
      let property = ContentLine(bytes: card.bytes(range), number: number)
      if let charset, conversion.decode(property, in: charset) {
        lines.report.note(.cardCharset, line: number, subject: charset.name)
      } else {
        lines.report.note(.windows1252, line: number)
        _ = conversion.decode(property, in: .windows1252)
      }
      let growth = conversion.converted.count - range.count
      if let uid, let place = moved, range.upperBound <= uid.lowerBound {
        moved = place.lowerBound + growth..<place.upperBound + growth
      } else if uid == range, let place = moved {
        moved = place.lowerBound..<place.upperBound + growth
      }
      out.append(conversion.converted.bytes)
      start = range.upperBound
      // What is exported must be let in again.
      guard out.count + card.count - start <= limits.itemBytes,
        conversion.converted.count <= limits.lineBytes
      else {
        throw Refusal.tooLarge("a card is larger than \(limits.itemBytes) bytes", line: line)
      }
    }
    out.append(card.bytes(start..<card.count))
    uid = moved
    return out
  }
}
