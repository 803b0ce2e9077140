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
        let empty = emptyLine(bytes, start, before: found)
        switch separator(bytes, found, isBehindEmpty: empty != nil, isEnd: isEnd) {
        case .separator(let line, let next):
          try emit(bytes.slice(start..<(empty ?? found)))
          try endMessage(separatedBy: bytes.slice((empty ?? found)..<found))
          begin(bytes, line: line, next: next)
          return next
        case .unknown:
          try emit(bytes.slice(start..<(empty ?? found)))
          return empty ?? found
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
    let empty = isSingle ? nil : emptyLine(bytes, start, before: bytes.count)
    try emit(bytes.slice(start..<(empty ?? bytes.count)))
    if !atLineStart {
      report.note(.finalLineEnd, line: line)
      try emit(header.usesCRLF ? [Byte.cr, Byte.lf] : [Byte.lf])
    }
    try endMessage(separatedBy: bytes.slice((empty ?? bytes.count)..<bytes.count))
    return bytes.count
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

  /// Where the empty line that ends at `end` begins; nil if there is none.
  private func emptyLine(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, before end: Int
  ) -> Int? {
    guard end > start, bytes[end - 1] == Byte.lf else { return nil }
    var first = end - 1
    if first > start, bytes[first - 1] == Byte.cr { first -= 1 }
    let isLineStart = first > start ? bytes[first - 1] == Byte.lf : atLineStart
    return isLineStart ? first : nil
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
    if held == end, end > start, bytes[end - 1] == Byte.cr,
      end - 1 > start ? bytes[end - 2] == Byte.lf : atLineStart
    {
      return end - 1
    }
    return emptyLine(bytes, start, before: held) ?? held
  }

  private func emit(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    guard let last = bytes.last else { return }
    try sink.write(bytes)
    digest?.update(bytes)
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

  /// Ends the message with one empty line, whatever stood in its place.
  private func endMessage(separatedBy given: UnsafeRawBufferPointer) throws(OfficeError) {
    if !isSingle && !given.has("\n") { report.note(.separator, line: line) }
    line += given.lineFeeds
    try sink.write([Byte.lf])
    let natural = header.natural ?? digest.map { Bytes.contentKey($0.finish()) } ?? []
    try sink.end(ItemKey(order: order, natural: natural))
    report.objects += 1
    header.removeAll()
    digest = nil
    isOpen = false
  }
}
