import AreaCodecs
import OfficeModel
import TestSupport

/// A document's items and report.
public struct Decoded {
  /// Its items.
  public var sink: CollectingSink
  /// What the decoder said of it.
  public var report: DocumentReport
  /// What was left out, if that was asked for.
  public var broken: [BrokenObject] = []

  /// The canonical document.
  public var document: [UInt8] { sink.document }
  /// The same as text.
  public var text: String { String(decoding: document, as: UTF8.self) }
  /// Contents in the order of the document.
  public var contents: [String] { sink.sorted.map { String(decoding: $0.content, as: UTF8.self) } }
  /// Natural keys in the order of the document.
  public var naturals: [String] {
    sink.sorted.map { String(decoding: $0.key.natural, as: UTF8.self) }
  }
  /// What was noted of the document.
  public var kinds: Set<DocumentNote.Kind> { Set(report.notes.map(\.kind)) }

  public init(sink: CollectingSink, report: DocumentReport, broken: [BrokenObject] = []) {
    self.sink = sink
    self.report = report
    self.broken = broken
  }
}

/// Decodes bytes fed in pieces of the given size; nil feeds them whole. Throws what the decoder does.
public func decode(
  _ area: Area, _ bytes: [UInt8], piece: Int? = nil, limits: Limits = Limits()
) throws(OfficeError) -> Decoded {
  try decode(area, bytes, limits: limits) { piece ?? max(bytes.count, 1) }
}

/// Decodes bytes fed in pieces of the sizes that `next` gives.
public func decode(
  _ area: Area, _ bytes: [UInt8], limits: Limits = Limits(), leavingOut: Bool = false,
  next: () -> Int
) throws(OfficeError) -> Decoded {
  let sink = CollectingSink()
  var broken: [BrokenObject] = []
  var decoder = DocumentCodec.decoder(
    for: area, user: try UserID("alice"), limits: limits, into: sink,
    leavingOut: leavingOut ? { broken.append($0) } : nil)
  var start = 0
  while start < bytes.count {
    let end = min(bytes.count, start + next())
    try decoder.feed(Array(bytes[start..<end]))
    start = end
  }
  let report = try decoder.finish()
  return Decoded(sink: sink, report: report, broken: broken)
}

/// Decodes what can be framed.
public func leaveOut(
  _ area: Area, _ bytes: [UInt8], limits: Limits = Limits()
) throws(OfficeError) -> Decoded {
  try decode(area, bytes, limits: limits, leavingOut: true) { max(bytes.count, 1) }
}

/// Decodes text.
public func decode(
  _ area: Area, _ text: String, piece: Int? = nil, limits: Limits = Limits()
) throws(OfficeError) -> Decoded {
  try decode(area, Array(text.utf8), piece: piece, limits: limits)
}

/// Why decoding `text` fails; nil if it does not.
public func refusal(_ area: Area, _ text: String, limits: Limits = Limits()) -> OfficeError? {
  do throws(OfficeError) {
    _ = try decode(area, text, limits: limits)
    return nil
  } catch {
    return error
  }
}

/// What contradicts the invariants of a decoder; nil if nothing does: the canonical document decodes to the same items,
/// without a note, and the pieces in which a document is fed do not matter.
public func contradiction(
  _ area: Area, _ bytes: [UInt8], _ generator: inout SeededGenerator
) throws(OfficeError) -> String? {
  let whole = try decode(area, bytes)
  var random = generator
  let pieces = try decode(area, bytes) { Int.random(in: 1...97, using: &random) }
  generator = random
  if pieces.sink.items != whole.sink.items { return "pieces give other items" }
  if pieces.report != whole.report { return "pieces give another report" }
  let again = try decode(area, whole.document)
  if again.sink.items != whole.sink.sorted { return "the canonical document gives other items" }
  if again.document != whole.document { return "the canonical document is not its own" }
  if !again.report.notes.isEmpty { return "the canonical document needs \(again.report.notes)" }
  if again.report.objects != whole.report.objects { return "objects are counted otherwise" }
  return nil
}
