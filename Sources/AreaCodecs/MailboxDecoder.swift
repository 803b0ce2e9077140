import OfficeModel

/// A mailbox of any kind, or one message alone, into mboxrd: a From_ line, the message's own bytes with `>` before each line
/// that matches `^>*From `, and one empty line.
///
/// Messages stream through; held are a header block, a From_ line and the empty line before it, and behind a From_ line that
/// may stand within a message up to `lookAhead` bytes.
///
/// Broken is what stands before the first message and is none: up to the first From_ line that separates, or all of it.
///
/// A message that ends before its header says so (a multipart cut short, a Content-Length too large) is followed by CR CR LF
/// instead of LF, behind which a From_ line always separates: no message that is put behind it can ever be taken for its rest.
final class MailboxDecoder: DocumentDecoder {
  /// The longest header block, in bytes.
  static let headerLimit = 16 << 20

  enum Place { case start, broken, header, body }

  let limits: Limits
  let sink: any ItemSink
  let leavingOut: BrokenObjectReceiver?
  let header = MailHeader()
  var place = Place.start
  /// A message alone: nothing separates, every From line is quoted.
  var isSingle = false
  var fromLine: [UInt8] = []
  var order: [UInt8] = []
  var report = DocumentReport()
  /// The number of the line that the next byte stands in.
  var line = 1
  /// Whether the next byte begins a line.
  var atLineStart = true
  /// Whether there is nothing but `>` between it and the line's beginning.
  var atQuoteStart = true
  var digest: DigestStream?
  var isOpen = false
  /// What is no message.
  let broken = ByteBuffer()
  /// Why not.
  var failure: OfficeError?
  var extent = MailExtent()
  var ahead: MailLookAhead?
  /// Bytes looked through in vain.
  var wasted = 0
  /// Where in the document the bytes begin that are looked at.
  private(set) var consumed = 0
  private let input = TextInput()
  private let lineEnds = MailLineEnds()
  private let pending = ByteBuffer()
  /// Bytes since the last line feed.
  private var lineLength = 0

  init(limits: Limits, sink: any ItemSink, leavingOut: BrokenObjectReceiver? = nil) {
    self.limits = limits
    self.sink = sink
    self.leavingOut = leavingOut
  }

  func feed(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    try input.feed(bytes) { piece throws(OfficeError) in
      try lineEnds.feed(piece, isEnd: false, to: take)
    }
  }

  func finish() throws(OfficeError) -> DocumentReport {
    try input.finish { piece throws(OfficeError) in
      try lineEnds.feed(piece, isEnd: false, to: take)
    }
    try lineEnds.feed(UnsafeRawBufferPointer(start: nil, count: 0), isEnd: true, to: take)
    _ = try run(pending.bytes, isEnd: true)
    try endBroken()
    if let note = input.note { report.note(note, line: 1) }
    if lineEnds.isConverting { report.note(.lineEnds, line: 1) }
    return report
  }

  private func take(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    var start = 0
    // In pieces, so that what is joined with held bytes stays small.
    while start < bytes.count {
      let piece = bytes.slice(start..<min(bytes.count, start + 1 << 20))
      try check(piece)
      if pending.count == 0 {
        let used = try run(piece, isEnd: false)
        pending.append(piece.slice(from: used))
        consumed += used
      } else {
        pending.append(piece)
        let used = try run(pending.bytes, isEnd: false)
        pending.removeFirst(used)
        consumed += used
      }
      start += piece.count
    }
  }

  /// Finds a line that is too long however the document is cut into pieces.
  private func check(_ piece: UnsafeRawBufferPointer) throws(OfficeError) {
    var start = 0
    while start < piece.count {
      let found = piece.first(Byte.lf, from: start)
      let stop = found ?? piece.count
      guard lineLength + stop - start <= limits.lineBytes else {
        let before = pending.bytes.lineFeeds + piece.slice(0..<start).lineFeeds
        throw Refusal.tooLarge(
          "a line is longer than \(limits.lineBytes) bytes", line: line + before)
      }
      guard found != nil else {
        lineLength += stop - start
        return
      }
      lineLength = 0
      start = stop + 1
      // Lines that begin and end in a piece smaller than the limit are within it.
      if piece.count <= limits.lineBytes { start = max(start, (piece.last(Byte.lf) ?? stop) + 1) }
    }
  }

  /// Takes what is certain; the result is how many bytes that was.
  private func run(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) throws(OfficeError) -> Int {
    var position = 0
    while true {
      let before = (position, place)
      switch place {
      case .start: position = try begin(bytes, isEnd: isEnd)
      case .broken: position = try brokenLine(bytes, position, isEnd: isEnd)
      case .header: position = try headerLine(bytes, position, isEnd: isEnd)
      case .body: position = try body(bytes, position, isEnd: isEnd)
      }
      if (position, place) == before { return position }
    }
  }
}
