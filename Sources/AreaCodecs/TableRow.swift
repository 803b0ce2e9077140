/// Finds a row's end in bytes that arrive in pieces.
struct RowCursor {
  struct Row {
    /// Without the line end.
    var content: Int
    /// With the line end.
    var end: Int
    /// Where a quote opened that is never closed.
    var openQuote: Int?
  }

  /// What a quote may follow; nil in the header row, which is where it shows.
  private let separator: UInt8?
  /// Whether quotes mean anything.
  private let isQuoting: Bool
  /// How far the row was read.
  private(set) var position = 0
  private var isQuoted = false
  private var openedAt = 0
  private var isFieldStart = true

  init(separator: UInt8?, isQuoting: Bool = true) {
    self.separator = separator
    self.isQuoting = isQuoting
  }

  /// Reads on in a row's bytes, which begin where they began before. nil: more bytes are needed to tell.
  mutating func advance(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) -> Row? {
    while position < bytes.count {
      if isQuoted {
        guard let close = bytes.first(Byte.quote, from: position) else {
          position = bytes.count
          break
        }
        position = close
        // The byte behind a quote tells whether it is doubled.
        if close + 1 == bytes.count && !isEnd { return nil }
        let isDoubled = close + 1 < bytes.count && bytes[close + 1] == Byte.quote
        isQuoted = isDoubled
        position += isDoubled ? 2 : 1
        continue
      }
      let byte = bytes[position]
      switch byte {
      case Byte.quote where isFieldStart && isQuoting:
        isQuoted = true
        openedAt = position
        isFieldStart = false
      case Byte.lf: return Row(content: position, end: position + 1)
      case Byte.cr: return carriage(bytes, isEnd: isEnd)
      default: isFieldStart = separates(byte)
      }
      position += 1
    }
    guard isEnd else { return nil }
    return Row(content: bytes.count, end: bytes.count, openQuote: isQuoted ? openedAt : nil)
  }

  private func separates(_ byte: UInt8) -> Bool {
    if let separator { return byte == separator }
    return TableRow.separators.contains(byte)
  }

  private func carriage(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) -> Row? {
    let rest = bytes.slice(from: position)
    if rest.has("\r\n") { return Row(content: position, end: position + 2) }
    if rest.has("\r\r\n") { return Row(content: position, end: position + 3) }
    if !isEnd, rest.count == 1 || rest.count == 2 && rest[1] == Byte.cr { return nil }
    return Row(content: position, end: position + 1)
  }

  /// How many lines end there: LF, CR LF, CR CR LF or CR.
  static func lineEnds(_ bytes: UnsafeRawBufferPointer) -> Int {
    var sum = bytes.lineFeeds
    var index = 0
    while let found = bytes.first(Byte.cr, from: index) {
      index = found + 1
      if index < bytes.count, bytes[index] == Byte.lf { continue }
      if index + 1 < bytes.count, bytes[index] == Byte.cr, bytes[index + 1] == Byte.lf {
        index += 1
        continue
      }
      sum += 1
    }
    return sum
  }
}

/// What the fields of a complete row are.
enum TableRow {
  /// In the order in which a header row is tried.
  static let separators: [UInt8] = [UInt8(ascii: ","), Byte.semicolon, Byte.tab]

  /// The separator a header row uses: the one that makes the most columns of it, up to `limit`.
  static func separator(of header: UnsafeRawBufferPointer, limit: Int) -> UInt8 {
    var best = (separator: separators[0], count: 1)
    for separator in separators {
      let count = columns(of: header, separator: separator, limit: limit).count
      if count > best.count { best = (separator, count) }
    }
    return best.separator
  }

  /// The separator that a first line `sep=;` states, as Excel writes it; nil for any other line.
  static func stated(in line: UnsafeRawBufferPointer) -> UInt8? {
    guard line.count == 5, line.has("sep="), separators.contains(line[4]) else { return nil }
    return line[4]
  }

  /// Where each field stands, quotes included; one more than `limit` at most.
  static func columns(
    of row: UnsafeRawBufferPointer, separator: UInt8, limit: Int
  ) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var start = 0
    var isQuoted = false
    var index = 0
    while index < row.count {
      let byte = row[index]
      if byte == Byte.quote && (isQuoted || index == start) {
        isQuoted.toggle()
        if !isQuoted, index + 1 < row.count, row[index + 1] == Byte.quote {
          isQuoted = true
          index += 1
        }
      } else if byte == separator && !isQuoted {
        out.append(start..<index)
        start = index + 1
        if out.count > limit { return out }
      }
      index += 1
    }
    out.append(start..<row.count)
    return out
  }

  /// A field's text without quotes and blanks around it.
  static func value(_ field: UnsafeRawBufferPointer) -> [UInt8] {
    let text = field.trimmed
    guard text.count >= 2, text.first == Byte.quote, text.last == Byte.quote else {
      return Array(text)
    }
    var out: [UInt8] = []
    var wasQuote = false
    for byte in text.slice(1..<text.count - 1) {
      wasQuote = byte == Byte.quote && !wasQuote
      if !wasQuote { out.append(byte) }
    }
    return Bytes.trimmed(out)
  }

  /// Which column of a header row names the date: one called so, else the first with that word in its name, else the first.
  static func keyColumn(of header: UnsafeRawBufferPointer, _ columns: [Range<Int>]) -> Int {
    let names = columns.map { Bytes.uppercased(value(header.slice($0))) }
    return names.firstIndex(of: dateWords[0]) ?? names.firstIndex(where: namesDate) ?? 0
  }

  private static func namesDate(_ name: [UInt8]) -> Bool {
    name.split { !($0 >= 0x41 && $0 <= 0x5A) && $0 < 0x80 }
      .contains { word in dateWords.contains { $0.elementsEqual(word) } }
  }

  /// English, German, French, Spanish, Italian and Portuguese, Dutch.
  private static let dateWords = ["DATE", "DATUM", "TAG", "JOUR", "FECHA", "DATA", "DAY"]
    .map { Array($0.utf8) }
}
