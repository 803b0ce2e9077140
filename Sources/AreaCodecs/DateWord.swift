/// One word of a date.
struct DateWord {
  private let bytes: UnsafeRawBufferPointer

  /// The last words of a text; more than 16 no date has.
  static func last(of text: UnsafeRawBufferPointer) -> [DateWord] {
    var out: [DateWord] = []
    out.reserveCapacity(16)
    var end = text.count
    while end > 0, out.count < 16 {
      if separates(text[end - 1]) {
        end -= 1
        continue
      }
      var start = end - 1
      while start > 0, !separates(text[start - 1]) { start -= 1 }
      out.append(DateWord(bytes: text.slice(start..<end)))
      end = start
    }
    out.reverse()
    return out
  }

  private static func separates(_ byte: UInt8) -> Bool {
    Bytes.isSpace(byte) || byte == UInt8(ascii: ",")
  }

  /// Its value if it is a number in that range and of that width.
  func number(_ range: ClosedRange<Int64>, width: Int? = nil) -> Int64? {
    DateWord.number(bytes, range, width: width)
  }

  /// 1 to 12 for an English month's first three letters.
  var month: Int64? {
    guard bytes.count == 3 else { return nil }
    let letters = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32(Byte.lower($1)) }
    return DateWord.months.firstIndex(of: letters).map { Int64($0) + 1 }
  }

  /// Four digits, or two: 1950 to 2049 (RFC 5322 §4.3).
  var year: Int64? {
    if let year = number(1_900...9_999, width: 4) { return year }
    return number(0...99, width: 2).map { $0 < 50 ? $0 + 2_000 : $0 + 1_900 }
  }

  /// Seconds of `10:15` or `10:15:00`; a leap second counts as the next.
  var clock: Int64? {
    guard let first = bytes.first(Byte.colon, from: 0), bytes.count <= 8,
      let hours = DateWord.number(bytes.slice(0..<first), 0...23)
    else { return nil }
    let rest = bytes.slice(from: first + 1)
    let second = rest.first(Byte.colon, from: 0)
    guard let minutes = DateWord.number(rest.slice(0..<(second ?? rest.count)), 0...59, width: 2)
    else { return nil }
    guard let second else { return hours * 3_600 + minutes * 60 }
    return DateWord.number(rest.slice(from: second + 1), 0...60, width: 2)
      .map { hours * 3_600 + minutes * 60 + $0 }
  }

  /// Seconds east of UTC: `+0100` or one of the zones RFC 5322 §4.3 names; others count as UTC there.
  var offset: Int64? {
    if bytes.count == 3 {
      let letters = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return DateWord.zones[letters].map { $0 * 3_600 }
    }
    guard bytes.count == 5, let sign = bytes.first,
      sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
      let value = DateWord.number(bytes.slice(from: 1), 0...2_359)
    else { return nil }
    let seconds = (value / 100 * 60 + value % 100) * 60
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }

  private static let months: [UInt32] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ].map(letters)

  private static let zones: [UInt32: Int64] = [
    letters("EST"): -5, letters("EDT"): -4, letters("CST"): -6, letters("CDT"): -5,
    letters("MST"): -7, letters("MDT"): -6, letters("PST"): -8, letters("PDT"): -7,
  ]

  private static func letters(_ word: String) -> UInt32 {
    word.utf8.reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func number(
    _ bytes: UnsafeRawBufferPointer, _ range: ClosedRange<Int64>, width: Int? = nil
  ) -> Int64? {
    guard bytes.count > 0, bytes.count <= 9, width == nil || bytes.count == width else {
      return nil
    }
    var value: Int64 = 0
    for byte in bytes {
      guard Byte.isDigit(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    return range.contains(value) ? value : nil
  }
}
