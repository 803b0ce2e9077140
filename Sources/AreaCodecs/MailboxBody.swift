import OfficeModel

extension MailboxDecoder {
  /// Takes a message's body up to the next separator, or as far as is certain. The result is where to go on.
  func body(
    _ bytes: UnsafeRawBufferPointer, _ from: Int, isEnd: Bool
  ) throws(OfficeError) -> Int {
    guard isOpen else { return try firstLine(bytes, from, isEnd: isEnd) }
    var start = from
    var search = from
    while let found = candidate(bytes, start, search) {
      if !isSingle {
        let empty = try emptyLine(bytes, &start, before: found)
        switch judged(bytes, found, behind: empty, isEnd: isEnd) {
        case .separator(let line, let next):
          try endMessage(separatedBy: empty)
          begin(bytes, line: line, next: next)
          return next
        case .unknown: return start
        case .text: break
        }
      }
      try emit(bytes.slice(start..<found))
      report.note(.fromQuoted, line: line)
      try emit([Byte.greater])
      start = found
      search = found + 5
    }
    guard isEnd else {
      let held = holdFrom(bytes, start)
      try emit(bytes.slice(start..<held))
      return held
    }
    var empty = bytes.slice(from: bytes.count)
    if isSingle {
      try emit(bytes.slice(from: start))
    } else {
      empty = try emptyLine(bytes, &start, before: bytes.count)
    }
    if !atLineStart {
      report.note(.finalLineEnd, line: line)
      try emit(header.usesCRLF ? [Byte.cr, Byte.lf] : [Byte.lf])
    }
    try endMessage(separatedBy: empty)
    return bytes.count
  }

  /// Judges a line behind what was written of the message, and behind an empty line or none.
  private func judged(
    _ bytes: UnsafeRawBufferPointer, _ found: Int, behind empty: UnsafeRawBufferPointer,
    isEnd: Bool
  ) -> FromVerdict {
    let verdict = separator(bytes, found, isBehindEmpty: !empty.isEmpty, isEnd: isEnd)
    guard case .separator = verdict, empty.count < MailboxDecoder.cutShort.count,
      extent.goesOn(line: line)
    else { return verdict }
    switch goesOn(bytes, found, isEnd: isEnd) {
    case true?: return .text
    case false?: return verdict
    case nil: return .unknown
    }
  }

  private func firstLine(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, isEnd: Bool
  ) throws(OfficeError) -> Int {
    guard start < bytes.count else { return start }
    switch separator(bytes, start, isBehindEmpty: true, isEnd: isEnd) {
    case .separator(let line, let next):
      begin(bytes, line: line, next: next)
      return next
    case .unknown: return start
    case .text: throw Refusal.unframed("no message begins here", line: line)
    }
  }

  /// The next `From ` at the beginning of a line; in a message alone also behind `>`.
  private func candidate(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ search: Int
  ) -> Int? {
    var from = search
    while let found = bytes.first("From ", from: from) {
      var before = found
      if isSingle {
        while before > start, bytes[before - 1] == Byte.greater { before -= 1 }
      }
      if before > start ? bytes[before - 1] == Byte.lf : isSingle ? atQuoteStart : atLineStart {
        return found
      }
      from = found + 5
    }
    return nil
  }

  /// Writes what is the message's before `end`, and gives back the empty line there that separates.
  private func emptyLine(
    _ bytes: UnsafeRawBufferPointer, _ start: inout Int, before end: Int
  ) throws(OfficeError) -> UnsafeRawBufferPointer {
    let first = firstOfEmptyLine(bytes, start, before: end)
    try emit(bytes.slice(start..<first))
    start = first
    let empty = bytes.slice(first..<end)
    // Bytes of a message that does not end too early, whatever they look like.
    guard empty.count == MailboxDecoder.cutShort.count, !extent.goesOn(line: line) else {
      return empty
    }
    try emit(empty)
    start = end
    return bytes.slice(end..<end)
  }

  /// Where the line that ends at `end` begins if there are only CRs in it, as many as separate; `end` if not.
  private func firstOfEmptyLine(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, before end: Int
  ) -> Int {
    guard end > start, bytes[end - 1] == Byte.lf else { return end }
    var first = end - 1
    while first > start, end - first < MailboxDecoder.cutShort.count, bytes[first - 1] == Byte.cr {
      first -= 1
    }
    let isLineStart = first > start ? bytes[first - 1] == Byte.lf : atLineStart
    return isLineStart ? first : end
  }

  /// From where on bytes may belong to a separator: the beginning of `From `, and an empty line before it.
  private func holdFrom(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
    let end = bytes.count
    var held = end
    for length in stride(from: min(4, end - start), to: 0, by: -1) {
      if bytes.slice(end - length..<end).elementsEqual("From ".utf8.prefix(length)) {
        held = end - length
        break
      }
    }
    if isSingle { return held }
    if held < end || end == start || bytes[end - 1] == Byte.lf {
      return firstOfEmptyLine(bytes, start, before: held)
    }
    while end - held < 2, held > start, bytes[held - 1] == Byte.cr { held -= 1 }
    let isLineStart = held > start ? bytes[held - 1] == Byte.lf : atLineStart
    return isLineStart ? held : end
  }

  private func emit(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    guard let last = bytes.last else { return }
    try sink.write(bytes)
    digest?.update(bytes)
    extent.update(bytes)
    line += bytes.lineFeeds
    atLineStart = last == Byte.lf
    if isSingle {
      let rest = bytes.lastIndex { $0 != Byte.greater }
      if let rest { atQuoteStart = bytes[rest] == Byte.lf }
    }
  }

  private func emit(_ bytes: [UInt8]) throws(OfficeError) {
    try bytes.withUnsafeBufferPointer { buffer throws(OfficeError) in
      try emit(UnsafeRawBufferPointer(buffer))
    }
  }

  /// What stands behind a message that ends before its header says so, instead of an empty line.
  static let cutShort = [Byte.cr, Byte.cr, Byte.lf]

  /// Ends the message with one empty line, whatever stood in its place.
  private func endMessage(separatedBy given: UnsafeRawBufferPointer) throws(OfficeError) {
    let empty = extent.goesOn(line: line) ? MailboxDecoder.cutShort : [Byte.lf]
    if !isSingle && !given.elementsEqual(empty) { report.note(.separator, line: line) }
    line += given.lineFeeds
    try sink.write(empty)
    let natural = header.natural ?? digest.map { Bytes.contentKey($0.finish()) } ?? []
    try sink.end(ItemKey(order: order, natural: natural))
    report.objects += 1
    header.removeAll()
    digest = nil
    extent = MailExtent()
    isOpen = false
  }
}
