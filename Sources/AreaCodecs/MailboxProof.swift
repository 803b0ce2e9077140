import OfficeModel

/// What a message's own header says about where it ends.
struct MailExtent {
  /// Its Content-Length, in bytes; nil if there is none or no body begins.
  var length: Int?
  /// Where in the document the body begins that Content-Length counts.
  var origin = 0
  /// The number of the line there.
  var line = 0
  /// Bytes of the body written so far.
  var written = 0
  /// Its outermost multipart.
  var delimiter: MailDelimiter?
  /// Whether one of its parts has begun and the last has not been closed.
  var isInPart = false
  /// Up to where in the document lines are proven to be the message's.
  var provenEnd = 0

  /// Reads on in what is written.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    written += bytes.count
    var index = 0
    while let found = delimiter?.next(bytes, from: index) {
      index = found.end
      isInPart = found.line == .part
      // What comes behind the last part is no part of it (RFC 2046 §5.1.1, epilogue).
      if found.line == .close { delimiter = nil }
    }
  }

  /// The most bytes that a Content-Length is believed to be short of; larger ones stem from attachments that were taken out.
  static let believable = 65_536

  /// Whether the header says that the message goes on behind what was written, before line `line`.
  ///
  /// A length that counts CR LF where there are LFs (as servers do) says nothing.
  func goesOn(line current: Int) -> Bool {
    if isInPart { return true }
    // Without a body the empty line behind the header is the one that separates.
    guard let length, written > 0 else { return false }
    let rest = length - written
    return rest > current - line + 4 && rest <= MailExtent.believable
  }
}

/// A search for the next delimiter behind a From line.
struct MailLookAhead {
  /// Where in the document the From line stands.
  var start: Int
  /// How far was looked.
  var end: Int
  var delimiter: MailDelimiter
}

extension MailboxDecoder {
  /// How far is looked ahead, in bytes.
  static let lookAhead = 8 << 20
  /// How many bytes may be looked through in vain for each byte of the document.
  private static let patience = 4

  /// Whether the message goes on behind `start`, where a line stands that could begin the next one. nil: more bytes are needed to tell.
  ///
  /// Proof is a Content-Length that ends at a From line or with the document, or a later delimiter of the message's own parts,
  /// unless another message declares the same boundary before it.
  func goesOn(_ bytes: UnsafeRawBufferPointer, _ start: Int, isEnd: Bool) -> Bool? {
    if consumed + start < extent.provenEnd { return true }
    guard let isLength = endsByLength(bytes, start, isEnd: isEnd) else { return nil }
    return isLength ? true : hasDelimiter(bytes, start, isEnd: isEnd)
  }

  private func endsByLength(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, isEnd: Bool
  ) -> Bool? {
    guard let length = extent.length else { return false }
    let end = extent.origin + length - consumed
    guard end > start, end - start <= MailExtent.believable else { return false }
    let isWhole = isEnd || bytes.count - end >= FromLine.maximumLength + 256
    guard end <= bytes.count else { return isWhole ? false : nil }
    guard isWhole else { return nil }
    guard bytes[end - 1] == Byte.lf else { return false }
    var next = end
    if bytes.has("\r\n", at: next) { next += 2 } else if bytes.has("\n", at: next) { next += 1 }
    let separates =
      if case .separator = separator(bytes, next, isBehindEmpty: next > end, isEnd: isEnd) {
        true
      } else { next == bytes.count }
    if separates { extent.provenEnd = consumed + end }
    return separates
  }

  private func hasDelimiter(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, isEnd: Bool
  ) -> Bool? {
    guard extent.isInPart, let delimiter = extent.delimiter,
      wasted <= (consumed + start) * MailboxDecoder.patience + MailboxDecoder.lookAhead
    else { return false }
    let place = consumed + start
    var search =
      ahead.flatMap { $0.start == place ? $0 : nil }
      ?? MailLookAhead(start: place, end: place, delimiter: delimiter)
    let limit = min(bytes.count, start + MailboxDecoder.lookAhead)
    let found = search.delimiter.next(bytes.slice(0..<limit), from: search.end - consumed)
    if let found {
      ahead = nil
      let between = bytes.slice(start..<found.end)
      if delimiter.declaration(in: between) == nil {
        extent.provenEnd = consumed + found.end
        return true
      }
      wasted += between.count
      return false
    }
    guard isEnd || limit - start == MailboxDecoder.lookAhead else {
      search.end = consumed + limit
      ahead = search
      return nil
    }
    ahead = nil
    wasted += limit - start
    return false
  }
}
