import OfficeModel

extension MailboxDecoder {
  /// How many bytes of empty lines before the first message are looked through.
  private static let leadLimit = 4_096
  /// How many bytes are looked at: fixed, so that the verdict does not depend on the pieces in which they arrive.
  private static let window = 16_384

  /// Tells a mailbox from a message alone at the document's first bytes.
  func begin(_ all: UnsafeRawBufferPointer, isEnd: Bool) throws(OfficeError) -> Int {
    guard isEnd || all.count >= MailboxDecoder.window else { return 0 }
    let bytes = all.slice(0..<min(all.count, MailboxDecoder.window))
    var first = 0
    while first < min(bytes.count, MailboxDecoder.leadLimit) {
      if bytes.has("\n", at: first) {
        first += 1
      } else if bytes.has("\r\n", at: first) {
        first += 2
      } else {
        break
      }
    }
    if first == all.count {
      if first > 0 { report.note(.blankLines, line: 1) }
      place = .body
      return first
    }
    if case .separator = separator(bytes, first, isBehindEmpty: true, isEnd: true) {
      if first > 0 { report.note(.blankLines, line: 1) }
      line += bytes.slice(0..<first).lineFeeds
      place = .body
      return first
    }
    try alone(bytes)
    return 0
  }

  private func alone(_ text: UnsafeRawBufferPointer) throws(OfficeError) {
    var first = text.firstIndex { !Bytes.isSpace($0) } ?? text.count
    let quotes = text.slice(from: first).firstIndex { $0 != Byte.greater } ?? 0
    if text.has("From ", at: first + quotes) {
      first = (text.first(Byte.lf, from: first) ?? text.count - 1) + 1
    }
    guard FromLine.isField(text.slice(from: first)) else {
      let error = Refusal.unframed(
        "no message begins here: neither a From line nor a header field",
        line: 1 + text.slice(0..<first).lineFeeds)
      guard leavingOut != nil else { throw error }
      failure = error
      place = .broken
      return
    }
    isSingle = true
    report.note(.fromAdded, line: 1)
    place = .header
    isOpen = true
  }

  /// Takes one line of what is no message, or the first that is.
  func brokenLine(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, isEnd: Bool
  ) throws(OfficeError) -> Int {
    guard start < bytes.count else { return start }
    let isBehindEmpty = broken.count == 0 || broken.bytes.endsInEmptyLine
    switch separator(bytes, start, isBehindEmpty: isBehindEmpty, isEnd: isEnd) {
    case .unknown: return start
    case .separator(let found, let next):
      try endBroken()
      begin(bytes, line: found, next: next)
      return next
    case .text: break
    }
    let found = bytes.first(Byte.lf, from: start)
    guard found != nil || isEnd else { return start }
    let stop = found.map { $0 + 1 } ?? bytes.count
    guard broken.count + stop - start <= limits.itemBytes else {
      throw Refusal.tooLarge("what is no message is larger than \(limits.itemBytes) bytes", line: 1)
    }
    broken.append(bytes.slice(start..<stop))
    line += 1
    return stop
  }

  /// Hands over what is no message.
  func endBroken() throws(OfficeError) {
    guard let error = failure, let leavingOut else { return }
    failure = nil
    try leavingOut(BrokenObject(line: 1, bytes: Array(broken.bytes), reason: error))
    report.leftOut += 1
    broken.removeAll()
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the last line, which has its end, is empty.
  fileprivate var endsInEmptyLine: Bool {
    guard last == Byte.lf else { return false }
    var start = count - 1
    while start > 0, self[start - 1] == Byte.cr { start -= 1 }
    return start == 0 || self[start - 1] == Byte.lf
  }
}
