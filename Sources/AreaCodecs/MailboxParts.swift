import OfficeModel

/// What a line that begins with `From ` turned out to be.
enum FromVerdict {
  /// Ends the message before; the line stands in `line`, and the next begins at `next`.
  case separator(line: Range<Int>, next: Int)
  /// A line of the message.
  case text
  /// More bytes are needed to tell.
  case unknown
}

extension MailboxDecoder {
  /// Judges the line at `start`, which begins with `From `, or is no separator.
  func separator(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, isBehindEmpty: Bool, isEnd: Bool
  ) -> FromVerdict {
    guard bytes.has("From ", at: start) else { return .text }
    let limit = min(bytes.count, start + FromLine.maximumLength)
    let found = bytes.slice(start..<limit).first(Byte.lf, from: 0)
    guard found != nil || isEnd || limit - start == FromLine.maximumLength else { return .unknown }
    guard found != nil || limit - start < FromLine.maximumLength else { return .text }
    var stop = start + (found ?? limit - start)
    let next = found == nil ? stop : stop + 1
    while stop > start, bytes[stop - 1] == Byte.cr { stop -= 1 }
    guard FromLine.separates(bytes.slice(start..<stop)) else { return .text }
    if !isBehindEmpty {
      let behind = bytes.slice(from: next)
      let isWhole = behind.count >= FromLine.fieldLength || behind.first(Byte.lf, from: 0) != nil
      guard isWhole || isEnd else { return .unknown }
      guard FromLine.isField(behind) else { return .text }
    }
    return .separator(line: start..<stop, next: next)
  }

  /// Begins a message at its From_ line.
  func begin(_ bytes: UnsafeRawBufferPointer, line found: Range<Int>, next: Int) {
    let from = bytes.slice(found)
    fromLine = Array(from) + [Byte.lf]
    order = MailDate(from)?.order ?? []
    if next != found.upperBound + 1 { report.note(.separator, line: line) }
    line += 1
    atLineStart = true
    place = .header
    isOpen = true
  }

  /// Takes one line of the header; the empty line behind it belongs to the body.
  func headerLine(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, isEnd: Bool
  ) throws(OfficeError) -> Int {
    let found = bytes.first(Byte.lf, from: start)
    let stop = found.map { $0 + 1 } ?? bytes.count
    guard header.block.count + stop - start <= MailboxDecoder.headerLimit else {
      throw Refusal.tooLarge(
        "a message's header is larger than \(MailboxDecoder.headerLimit) bytes", line: line)
    }
    guard found != nil || isEnd else { return start }
    let text = bytes.slice(start..<stop)
    if text.isEmpty || text.has("\n") || text.has("\r\n") {
      try endHeader(emptyLine: text.count, at: consumed + start)
      return start
    }
    let quotes = text.first == Byte.greater || text.first == UInt8(ascii: "F")
    if quotes, let at = text.firstIndex(where: { $0 != Byte.greater }), text.has("From ", at: at) {
      if !isSingle && at == 0 {
        switch separator(bytes, start, isBehindEmpty: false, isEnd: isEnd) {
        case .unknown: return start
        case .separator:
          try endHeader(emptyLine: 0, at: consumed + start)
          return start
        case .text: break
        }
      }
      if isSingle || at == 0 {
        header.block.append(Byte.greater)
        report.note(.fromQuoted, line: line)
      }
    }
    header.append(text)
    line += 1
    if found == nil {
      // The document ends within the header: what is missing is a line end.
      report.note(.finalLineEnd, line: line - 1)
      header.endLine()
    }
    return stop
  }

  private func endHeader(emptyLine: Int, at start: Int) throws(OfficeError) {
    extent = header.extent
    extent.origin = start + emptyLine
    extent.written = -emptyLine
    extent.line = line + (emptyLine > 0 ? 1 : 0)
    if isSingle {
      fromLine = FromLine.added(header.moment)
      order = fromLine.withUnsafeBytes { MailDate($0) }?.order ?? []
    }
    try sink.write(fromLine)
    let block = header.block.bytes
    if header.top > 0 { try sink.write(block.slice(0..<header.top)) }
    try sink.cut()
    if header.top < block.count { try sink.write(block.slice(from: header.top)) }
    if header.natural == nil {
      var stream = DigestStream()
      stream.update(block)
      digest = stream
    }
    atLineStart = true
    atQuoteStart = true
    place = .body
  }
}
