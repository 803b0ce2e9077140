import OfficeModel

/// A moment in a From_ line or a Date field.
struct MailDate {
  /// Seconds since 1970, UTC.
  let seconds: Int64

  /// `20260105T101500Z`: sorts by time.
  var order: [UInt8] { Array(Stamp.text(seconds: seconds).utf8).filter { $0 != UInt8(ascii: "-") } }

  /// `Mon Jan  5 10:15:00 2026`, as asctime has it.
  var asctime: [UInt8] {
    let days = Int64((Double(seconds) / 86_400).rounded(.down))
    let date = Stamp.civil(days: days)
    let rest = seconds - days * 86_400
    let weekday = MailDate.weekdays[Int(((days + 4) % 7 + 7) % 7)]
    let month = MailDate.months[Int(date.month - 1)]
    let day = (date.day < 10 ? " " : "") + String(date.day)
    let clock = [rest / 3_600, rest / 60 % 60, rest % 60]
      .map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
    return Array("\(weekday) \(month) \(day) \(clock) \(date.year)".utf8)
  }

  static let epoch = MailDate(seconds: 0)

  private init(seconds: Int64) { self.seconds = seconds }

  /// Reads the last time of day in `text` and the date around it: `Mon Jan  5 10:15:00 2026` with zones before or behind the
  /// year (asctime), or `5 Jan 2026 10:15:00 +0100` (RFC 5322 §3.3). Throws nothing: nil where there is no such date.
  init?(_ text: UnsafeRawBufferPointer) {
    let words = MailDate.words(text)
    guard
      let at = words.lastIndex(where: { MailDate.clock($0) != nil }), at >= 2,
      let clock = MailDate.clock(words[at])
    else { return nil }
    let behind = Array(words[(at + 1)...].prefix(3))
    let date: (year: Int64, month: Int64, day: Int64)
    if let month = MailDate.month(words[at - 2]), let day = MailDate.number(words[at - 1], 1...31) {
      guard let year = behind.lazy.compactMap({ MailDate.number($0, 1_900...9_999, width: 4) }).first
      else { return nil }
      date = (year, month, day)
    } else if at >= 3, let month = MailDate.month(words[at - 2]),
      let day = MailDate.number(words[at - 3], 1...31), let year = MailDate.year(words[at - 1])
    {
      date = (year, month, day)
    } else {
      return nil
    }
    let days = MailDate.days(date.year, date.month, date.day)
    guard Stamp.civil(days: days) == date else { return nil }
    let offset = behind.lazy.compactMap { MailDate.offset($0) }.first ?? 0
    seconds = days * 86_400 + clock - offset
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  /// The zones RFC 5322 §4.3 names; others count as UTC there.
  private static let zones: [String: Int64] = [
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
  ]

  /// The last words: more than 16 no date has.
  private static func words(_ text: UnsafeRawBufferPointer) -> [String] {
    Array(text).split { Bytes.isSpace($0) || $0 == UInt8(ascii: ",") }.suffix(16)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private static func number(
    _ word: String, _ range: ClosedRange<Int64>, width: Int? = nil
  ) -> Int64? {
    guard word.utf8.allSatisfy(Byte.isDigit), width == nil || word.utf8.count == width,
      let value = Int64(word), range.contains(value)
    else { return nil }
    return value
  }

  private static func month(_ word: String) -> Int64? {
    months.firstIndex { $0.lowercased() == word.lowercased() }.map { Int64($0) + 1 }
  }

  private static func year(_ word: String) -> Int64? {
    if let year = number(word, 1_900...9_999, width: 4) { return year }
    return number(word, 0...99, width: 2).map { $0 < 50 ? $0 + 2_000 : $0 + 1_900 }
  }

  /// Seconds of `10:15` or `10:15:00`; a leap second counts as the next.
  private static func clock(_ word: String) -> Int64? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 || parts.count == 3, let hours = number(parts[0], 0...23),
      let minutes = number(parts[1], 0...59, width: 2),
      let seconds = parts.count == 2 ? 0 : number(parts[2], 0...60, width: 2)
    else { return nil }
    return hours * 3_600 + minutes * 60 + seconds
  }

  private static func offset(_ word: String) -> Int64? {
    if let hours = zones[word] { return hours * 3_600 }
    guard word.utf8.count == 5, let sign = word.first, sign == "+" || sign == "-",
      let value = number(String(word.dropFirst()), 0...2_359)
    else { return nil }
    let seconds = (value / 100 * 60 + value % 100) * 60
    return sign == "-" ? -seconds : seconds
  }

  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
