import OfficeModel

/// A moment in a From_ line or a Date field.
struct MailDate {
  /// Seconds since 1970, UTC.
  let seconds: Int64

  static let epoch = MailDate(seconds: 0)

  private init(seconds: Int64) { self.seconds = seconds }

  /// Reads the last time of day in `text` and the date around it: `Mon Jan  5 10:15:00 2026` with zones before or behind the
  /// year (asctime), or `5 Jan 2026 10:15:00 +0100` (RFC 5322 §3.3). nil where there is no such date.
  init?(_ text: UnsafeRawBufferPointer) {
    let words = DateWord.last(of: text)
    guard let at = words.lastIndex(where: { $0.clock != nil }), at >= 2,
      let clock = words[at].clock, let month = words[at - 2].month
    else { return nil }
    let behind = words[(at + 1)...].prefix(3)
    let date: (year: Int64, month: Int64, day: Int64)
    if let day = words[at - 1].number(1...31),
      let year = behind.lazy.compactMap({ $0.number(1_900...9_999, width: 4) }).first
    {
      date = (year, month, day)
    } else if at >= 3, let day = words[at - 3].number(1...31), let year = words[at - 1].year {
      date = (year, month, day)
    } else {
      return nil
    }
    let days = MailDate.days(date.year, date.month, date.day)
    guard Stamp.civil(days: days) == date else { return nil }
    let offset = behind.lazy.compactMap { $0.offset }.first ?? 0
    seconds = days * 86_400 + clock - offset
  }

  /// `20260105T101500Z`: sorts by time.
  var order: [UInt8] {
    let (date, rest) = parts
    var out: [UInt8] = []
    out.reserveCapacity(20)
    MailDate.append(date.year, 4, UInt8(ascii: "0"), to: &out)
    MailDate.append(date.month, 2, UInt8(ascii: "0"), to: &out)
    MailDate.append(date.day, 2, UInt8(ascii: "0"), to: &out)
    out.append(UInt8(ascii: "T"))
    for part in [rest / 3_600, rest / 60 % 60, rest % 60] {
      MailDate.append(part, 2, UInt8(ascii: "0"), to: &out)
    }
    out.append(UInt8(ascii: "Z"))
    return out
  }

  /// `Mon Jan  5 10:15:00 2026`, as asctime has it.
  var asctime: [UInt8] {
    let (date, rest) = parts
    let weekday = Int(((days + 4) % 7 + 7) % 7) * 3
    var out = Array("SunMonTueWedThuFriSat".utf8)[weekday..<weekday + 3] + [Byte.space]
    let month = Int(date.month - 1) * 3
    out += Array("JanFebMarAprMayJunJulAugSepOctNovDec".utf8)[month..<month + 3] + [Byte.space]
    var text = Array(out)
    MailDate.append(date.day, 2, Byte.space, to: &text)
    var separator = Byte.space
    for part in [rest / 3_600, rest / 60 % 60, rest % 60] {
      text.append(separator)
      MailDate.append(part, 2, UInt8(ascii: "0"), to: &text)
      separator = Byte.colon
    }
    text.append(Byte.space)
    MailDate.append(date.year, 4, UInt8(ascii: "0"), to: &text)
    return text
  }

  private var days: Int64 { seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400 }

  private var parts: (date: (year: Int64, month: Int64, day: Int64), rest: Int64) {
    (Stamp.civil(days: days), seconds - days * 86_400)
  }

  private static func append(_ value: Int64, _ width: Int, _ fill: UInt8, to out: inout [UInt8]) {
    var digits: [UInt8] = []
    var rest = value
    repeat {
      digits.append(UInt8(rest % 10) + UInt8(ascii: "0"))
      rest /= 10
    } while rest > 0
    while digits.count < width { digits.append(fill) }
    out.append(contentsOf: digits.reversed())
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
