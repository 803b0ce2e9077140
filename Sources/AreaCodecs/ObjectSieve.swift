import OfficeModel

/// Lets the lines of sound objects through to a decoder, and hands the broken ones over.
///
/// An object is a card, or a component that stands directly in a calendar or alone. Broken are:
/// - one whose BEGINs and ENDs do not match: from its BEGIN to its END;
/// - one that is not closed: it ends before the next BEGIN in it that can't stand in it (of its own kind, or of what stands
///   directly in a calendar), else before the END:VCALENDAR, else at the document's end;
/// - one that the decoder refuses, as a card with nothing in it;
/// - lines that stand in no object and in no calendar, as many as follow each other.
///
/// Empty lines belong to the line before them. An object is held until it is closed, at most `Limits.itemBytes` of it.
final class ObjectSieve {
  /// What the document is made of.
  enum Kind { case calendar, cards }

  private struct Record {
    var contentEnd: Int
    var rawEnd: Int
    var number: Int
    var isMarker: Bool
    var isForeign: Bool
  }

  private static let card = Array("VCARD".utf8)
  private static let directly = [
    "VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE",
  ].map { Array($0.utf8) }

  private let kind: Kind
  private let limits: Limits
  private let lines: ContentLines
  private let hand: BrokenObjectReceiver
  private let content = ByteBuffer()
  private let raw = ByteBuffer()
  private var records: [Record] = []
  /// Records before it are dealt with.
  private var head = 0
  /// The next record to look at.
  private var cursor = 0
  /// The components that are open within the object that begins at `head`.
  private var stack: [[UInt8]] = []
  private var frames = 0
  private var isImplied = false
  private var hasNested = false
  private var failure: OfficeError?
  private var stray: BrokenObject?
  /// How many objects were handed over.
  private(set) var leftOut = 0

  init(
    _ kind: Kind, limits: Limits, lines: ContentLines, hand: @escaping BrokenObjectReceiver
  ) {
    self.kind = kind
    self.limits = limits
    self.lines = lines
    self.hand = hand
  }

  /// Takes the line that `lines` gives out.
  func take(
    _ line: ContentLine, to next: (ContentLine) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    content.append(line.bytes)
    if let given = lines.raw { raw.append(given.bytes) }
    records.append(
      Record(
        contentEnd: content.count, rawEnd: raw.count, number: line.number,
        isMarker: line.marker != nil, isForeign: line.isForeign))
    try run(to: next)
  }

  /// Deals with what is not closed.
  func finish(to next: (ContentLine) throws(OfficeError) -> Void) throws(OfficeError) {
    while !stack.isEmpty {
      // A card that lacks nothing but its END is the decoder's to complete.
      if kind == .cards, stack == [ObjectSieve.card], !hasNested, !isImplied, failure == nil,
        lines.endsWhole, records.count > head + 1
      {
        try forward(records.count, to: next)
        break
      }
      try unclosed(before: records.count)
      try run(to: next)
    }
    try handStray()
  }

  private func run(to next: (ContentLine) throws(OfficeError) -> Void) throws(OfficeError) {
    while cursor < records.count {
      let line = line(cursor)
      let marker = records[cursor].isMarker ? line.marker : nil
      if stack.isEmpty {
        try outside(line, marker, to: next)
      } else {
        try inside(line, marker, to: next)
      }
    }
    compact()
  }

  private func outside(
    _ line: ContentLine, _ marker: (isBegin: Bool, name: [UInt8])?,
    to next: (ContentLine) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    let isFrame = kind == .calendar && marker?.name == CalendarGroups.calendarName
    let opens = marker.map { $0.isBegin && !isFrame && !$0.name.isEmpty }
    if opens ?? (kind == .cards && line.isProperty(mayHaveGroup: true)) {
      stack = [marker?.name ?? ObjectSieve.card]
      isImplied = marker == nil
      hasNested = false
      failure = nil
      cursor += 1
      return
    }
    do throws(OfficeError) {
      try next(line)
      if let marker, isFrame { frames += marker.isBegin ? 1 : -1 }
      try handStray()
      head += 1
    } catch {
      guard error.code == .badArchive else { throw error }
      try addStray(error)
    }
    cursor = head
  }

  private func inside(
    _ line: ContentLine, _ marker: (isBegin: Bool, name: [UInt8])?,
    to next: (ContentLine) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    if records[cursor].rawEnd - rawStart > limits.itemBytes {
      return try unclosed(
        before: cursor,
        else: Refusal.tooLarge(
          "an object is larger than \(limits.itemBytes) bytes", line: records[head].number))
    }
    guard let marker else {
      cursor += 1
      return
    }
    if marker.isBegin {
      if isImplied, stack.count == 1, marker.name == ObjectSieve.card {
        return try unclosed(before: cursor)
      }
      guard frames + stack.count < limits.depth else {
        return try unclosed(
          before: cursor + 1,
          else: Refusal.tooLarge(
            "components nested deeper than \(limits.depth)", line: line.number))
      }
      stack.append(marker.name)
      hasNested = true
      cursor += 1
      return
    }
    if let index = stack.lastIndex(of: marker.name) {
      if index < stack.count - 1 { fail(line) }
      stack.removeSubrange(index...)
    } else if frames > 0, marker.name == CalendarGroups.calendarName {
      return try unclosed(before: cursor)
    } else {
      fail(line)
    }
    cursor += 1
    if stack.isEmpty { try complete(to: next) }
  }

  private func fail(_ line: ContentLine) {
    guard failure == nil else { return }
    failure = Refusal.unframed("an END without its BEGIN", line: line.number, line.excerpt)
  }

  private func complete(
    to next: (ContentLine) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    if let failure { return try handOver(before: cursor, failure) }
    do throws(OfficeError) {
      try forward(cursor, to: next)
    } catch {
      guard error.code == .badArchive else { throw error }
      try handOver(before: cursor, error)
    }
  }

  /// The object at `head` ends before that record, or earlier where another must begin; `otherwise` is thrown if none does.
  private func unclosed(
    before end: Int, else otherwise: OfficeError? = nil
  ) throws(OfficeError) {
    let own = line(head).marker?.name
    var split: Int?
    for index in head + 1..<max(end, head + 1) where records[index].isMarker {
      guard let marker = line(index).marker, marker.isBegin else { continue }
      if marker.name == own || kind == .calendar && ObjectSieve.directly.contains(marker.name) {
        split = index
        break
      }
    }
    if split == nil, let otherwise { throw otherwise }
    let first = line(head)
    let error =
      isImplied
      ? Refusal.unframed("a line outside a card", line: first.number, first.excerpt)
      : Refusal.unframed(
        "\(kind == .cards ? "a card" : "a component") is not closed", line: first.number,
        "BEGIN:\(Escaped.line((own ?? []).prefix(40)))")
    try handOver(before: split ?? end, error)
  }

  private func forward(
    _ end: Int, to next: (ContentLine) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    try handStray()
    for index in head..<end { try next(line(index)) }
    head = end
    cursor = end
    stack = []
  }

  private func handOver(before end: Int, _ error: OfficeError) throws(OfficeError) {
    try handStray()
    let bytes = raw.bytes(rawStart..<records[end - 1].rawEnd)
    let object = BrokenObject(
      line: records[head].number, bytes: lines.original(bytes), reason: error)
    head = end
    cursor = end
    stack = []
    leftOut += 1
    try hand(object)
  }

  private func addStray(_ error: OfficeError) throws(OfficeError) {
    let bytes = lines.original(raw.bytes(rawStart..<records[head].rawEnd))
    if var stray, stray.bytes.count + bytes.count <= limits.itemBytes {
      self.stray = nil
      stray.bytes += bytes
      self.stray = stray
    } else {
      try handStray()
      stray = BrokenObject(line: records[head].number, bytes: bytes, reason: error)
    }
    head += 1
  }

  private func handStray() throws(OfficeError) {
    guard let stray else { return }
    self.stray = nil
    leftOut += 1
    try hand(stray)
  }

  private var rawStart: Int { head == 0 ? 0 : records[head - 1].rawEnd }

  private func line(_ index: Int) -> ContentLine {
    let start = index == 0 ? 0 : records[index - 1].contentEnd
    return ContentLine(
      bytes: content.bytes(start..<records[index].contentEnd), number: records[index].number,
      isForeign: records[index].isForeign)
  }

  /// Forgets what is dealt with, once that is most of what is held.
  private func compact() {
    guard head > 0, head == records.count || head > 4_096 && head > records.count / 2 else {
      return
    }
    let (gone, goneRaw) = (records[head - 1].contentEnd, records[head - 1].rawEnd)
    content.removeFirst(gone)
    raw.removeFirst(goneRaw)
    records.removeFirst(head)
    for index in records.indices {
      records[index].contentEnd -= gone
      records[index].rawEnd -= goneRaw
    }
    cursor -= head
    head = 0
  }
}
