import OfficeModel

/// A table (RFC 4180): the header row is a frame, each further row an item, kept with its own line end. A line `sep=;` before the
/// header row is a frame too.
///
/// Broken is a row with a quote that is never closed: up to the end of the line in which it opens.
///
/// A CR without LF ends a row too, but is written as CR LF: between rows that move, a CR and an LF could meet.
final class TableDecoder: DocumentDecoder {
  private let limits: Limits
  private let sink: any ItemSink
  private let leavingOut: BrokenObjectReceiver?
  private let input = TextInput()
  private let pending = ByteBuffer()
  private let converted = ByteBuffer()
  private var cursor = RowCursor(separator: nil)
  private var line = 1
  private var separator: UInt8?
  private var isHeaderDue = true
  /// The rows before the first item, as they are handed over with a broken one.
  private var head: [UInt8] = []
  /// The document's first two bytes: in UTF-16 its mark.
  private var mark: [UInt8] = []
  private var keyColumn = 0
  private var usualEnd: [UInt8] = [Byte.cr, Byte.lf]
  private var report = DocumentReport()

  init(limits: Limits, sink: any ItemSink, leavingOut: BrokenObjectReceiver? = nil) {
    self.limits = limits
    self.sink = sink
    self.leavingOut = leavingOut
  }

  func feed(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    if mark.count < 2 { mark += bytes.prefix(2 - mark.count) }
    try input.feed(bytes) { piece throws(OfficeError) in try take(piece) }
  }

  func finish() throws(OfficeError) -> DocumentReport {
    try input.finish { piece throws(OfficeError) in try take(piece) }
    try rows(isEnd: true)
    if let note = input.note { report.note(note, line: 1) }
    return report
  }

  private func take(_ piece: UnsafeRawBufferPointer) throws(OfficeError) {
    var start = 0
    // In pieces, so that a large feed is not copied whole.
    while start < piece.count {
      let end = min(piece.count, start + 1 << 20)
      pending.append(piece.slice(start..<end))
      try rows(isEnd: false)
      start = end
    }
  }

  private func rows(isEnd: Bool) throws(OfficeError) {
    let bytes = pending.bytes
    var start = 0
    while start < bytes.count {
      if isHeaderDue, head.isEmpty, cursor.position == 0 {
        guard let count = markLength(bytes.slice(from: start), isEnd: isEnd) else { break }
        start += count
        if count > 0 { continue }
      }
      let found = cursor.advance(bytes.slice(from: start), isEnd: isEnd)
      guard cursor.position <= limits.itemBytes else {
        throw Refusal.tooLarge("a row is larger than \(limits.itemBytes) bytes", line: line)
      }
      guard let row = found else { break }
      let content = bytes.slice(start..<start + row.end)
      if let quote = row.openQuote {
        start += try leaveOut(content, quote: quote)
      } else {
        try end(content, row)
        start += row.end
      }
      cursor = RowCursor(separator: separator)
    }
    pending.removeFirst(start)
  }

  /// Bytes of a byte order mark before the first row, behind empty lines or another mark: what we write must not begin with
  /// one, it would be taken away. nil: more bytes are needed to tell.
  private func markLength(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) -> Int? {
    if bytes.has("\u{FEFF}") {
      report.note(.byteOrderMark, line: line)
      return 3
    }
    let isOpen = bytes.count < 3 && [0xEF, 0xBB].starts(with: bytes)
    return isOpen && !isEnd ? nil : 0
  }

  /// Leaves out the row up to the end of the line where its open quote stands; the result is how many bytes that is.
  private func leaveOut(
    _ row: UnsafeRawBufferPointer, quote: Int
  ) throws(OfficeError) -> Int {
    let before = RowCursor.lineEnds(row.slice(0..<quote))
    let error = Refusal.unframed("a quote is never closed", line: line + before)
    guard let leavingOut, !isHeaderDue else { throw error }
    var cursor = RowCursor(separator: nil, isQuoting: false)
    let rest = row.slice(from: quote)
    let end = quote + (cursor.advance(rest, isEnd: true)?.end ?? rest.count)
    let broken = row.slice(0..<end)
    try leavingOut(
      BrokenObject(line: line, bytes: original(Array(broken)), head: original(head), reason: error))
    report.leftOut += 1
    line += RowCursor.lineEnds(broken)
    return end
  }

  /// The bytes as they stood in the document.
  private func original(_ bytes: [UInt8]) -> [UInt8] {
    guard input.note == .utf16 else { return bytes }
    let isLittle = mark.first == 0xFF
    return String(decoding: bytes, as: UTF8.self).utf16.flatMap { unit in
      let pair = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      return isLittle ? pair : pair.reversed()
    }
  }

  private func end(_ bytes: UnsafeRawBufferPointer, _ row: RowCursor.Row) throws(OfficeError) {
    let first = line
    line += RowCursor.lineEnds(bytes)
    var content = bytes.slice(0..<row.content)
    if content.isEmpty {
      report.note(.blankLines, line: first)
      return
    }
    if !TextEncoding.isUTF8(content) {
      report.note(.windows1252, line: first)
      converted.removeAll()
      TextEncoding.appendWindows1252(content, to: converted)
      content = converted.bytes
    }
    let end = lineEnd(of: bytes.slice(row.content..<row.end), line: first)
    try isHeaderDue ? header(content, end, first) : item(content, end, first)
  }

  private func lineEnd(of given: UnsafeRawBufferPointer, line: Int) -> [UInt8] {
    if given.isEmpty {
      report.note(.finalLineEnd, line: line)
      return usualEnd
    }
    if given.has("\n") || given.has("\r\n") { return Array(given) }
    report.note(.lineEnds, line: line)
    return [Byte.cr, Byte.lf]
  }

  private func header(
    _ content: UnsafeRawBufferPointer, _ end: [UInt8], _ line: Int
  ) throws(OfficeError) {
    // Of what we write the first bytes must never look like UTF-16 that does not say so.
    guard !content.prefix(2).contains(0) else {
      throw Refusal.unframed("the header row begins with a NUL", line: line)
    }
    if separator == nil, let stated = TableRow.stated(in: content) {
      separator = stated
    } else {
      let separator = self.separator ?? TableRow.separator(of: content, limit: limits.columns)
      self.separator = separator
      isHeaderDue = false
      let columns = TableRow.columns(of: content, separator: separator, limit: limits.columns)
      try check(columns, line)
      keyColumn = TableRow.keyColumn(of: content, columns)
    }
    usualEnd = end
    head += Array(content) + end
    try sink.write(content)
    try sink.write(end)
    try sink.end(ItemKey(order: [0], natural: []))
  }

  private func item(
    _ content: UnsafeRawBufferPointer, _ end: [UInt8], _ line: Int
  ) throws(OfficeError) {
    let columns = TableRow.columns(
      of: content, separator: separator ?? TableRow.separators[0], limit: limits.columns)
    try check(columns, line)
    var natural: [UInt8] = []
    if keyColumn < columns.count { natural = TableRow.value(content.slice(columns[keyColumn])) }
    if natural.isEmpty {
      var digest = DigestStream()
      digest.update(content)
      natural = Bytes.contentKey(digest.finish())
    }
    try sink.write(content)
    try sink.write(end)
    try sink.end(ItemKey(order: [1], natural: natural))
    report.objects += 1
  }

  private func check(_ columns: [Range<Int>], _ line: Int) throws(OfficeError) {
    guard columns.count <= limits.columns else {
      throw Refusal.tooLarge("a row has more than \(limits.columns) columns", line: line)
    }
  }
}
