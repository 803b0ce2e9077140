/// Content lines of iCalendar and vCard, and the dates of all formats.
extension ByteWriter {
  /// Writes a folded content line whose value needs no escapes.
  mutating func content(_ name: String, _ value: String) {
    let start = bytes.count
    put(name)
    put(UInt8(ascii: ":"))
    put(value)
    endFolded(from: start)
  }

  /// Writes a folded content line with a text value (RFC 5545 §3.3.11).
  mutating func content(_ name: String, text: String) {
    let start = bytes.count
    put(name)
    put(UInt8(ascii: ":"))
    put(escaped: text)
    endFolded(from: start)
  }

  /// Writes a text value's escapes.
  mutating func put(escaped text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\\"):
        put(UInt8(ascii: "\\"))
        put(byte)
      case 10: put("\\n")
      default: put(byte)
      }
    }
  }

  /// `20260105`
  mutating func put(day: Int) {
    let date = DemoYear.civil(day)
    put(date.year, width: 4)
    put(date.month, width: 2)
    put(date.day, width: 2)
  }

  /// `2026-01-05`
  mutating func put(dashedDay day: Int) {
    let date = DemoYear.civil(day)
    put(date.year, width: 4)
    put(UInt8(ascii: "-"))
    put(date.month, width: 2)
    put(UInt8(ascii: "-"))
    put(date.day, width: 2)
  }

  /// `20260105T101500`, with a Z for UTC.
  mutating func put(moment: Int, isUTC: Bool = true) {
    let day = moment / DemoYear.secondsADay
    let second = moment % DemoYear.secondsADay
    put(day: day)
    put(UInt8(ascii: "T"))
    put(second / 3_600, width: 2)
    put(second / 60 % 60, width: 2)
    put(second % 60, width: 2)
    if isUTC { put(UInt8(ascii: "Z")) }
  }

  /// `10:15:00`
  mutating func put(clock second: Int) {
    put(second / 3_600, width: 2)
    put(UInt8(ascii: ":"))
    put(second / 60 % 60, width: 2)
    put(UInt8(ascii: ":"))
    put(second % 60, width: 2)
  }

  /// `Mon Jan  5 10:15:00 2026` in UTC, as a From_ line has it.
  mutating func put(asctime moment: Int) {
    let day = moment / DemoYear.secondsADay
    let date = DemoYear.civil(day)
    put(DemoYear.weekdayNames[DemoYear.weekday(day)])
    put(UInt8(ascii: " "))
    put(DemoYear.monthNames[date.month - 1])
    put(date.day < 10 ? "  " : " ")
    put(date.day)
    put(UInt8(ascii: " "))
    put(clock: moment % DemoYear.secondsADay)
    put(UInt8(ascii: " "))
    put(date.year)
  }

  /// `Mon, 05 Jan 2026 11:15:00 +0100` in a zone (RFC 5322 §3.3).
  mutating func put(mailDate moment: Int, in zone: Zone) {
    let offset = zone.offset(at: moment)
    let local = moment + offset
    let day = local / DemoYear.secondsADay
    let date = DemoYear.civil(day)
    put(DemoYear.weekdayNames[DemoYear.weekday(day)])
    put(", ")
    put(date.day, width: 2)
    put(UInt8(ascii: " "))
    put(DemoYear.monthNames[date.month - 1])
    put(UInt8(ascii: " "))
    put(date.year)
    put(UInt8(ascii: " "))
    put(clock: local % DemoYear.secondsADay)
    put(offset < 0 ? " -" : " +")
    put(abs(offset) / 3_600, width: 2)
    put(abs(offset) / 60 % 60, width: 2)
  }

  /// `xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx`: a UUID of version 4 (RFC 9562) from 128 bits.
  mutating func put(uuid bits: (UInt64, UInt64)) {
    put(hexadecimal: bits.0 >> 32, digits: 8)
    put(UInt8(ascii: "-"))
    put(hexadecimal: bits.0 >> 16, digits: 4)
    put("-4")
    put(hexadecimal: bits.0, digits: 3)
    put("-a")
    put(hexadecimal: bits.1 >> 48, digits: 3)
    put(UInt8(ascii: "-"))
    put(hexadecimal: bits.1, digits: 12)
  }
}
