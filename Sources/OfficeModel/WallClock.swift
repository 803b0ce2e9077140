import Glibc

/// Where the time comes from: passed in, so that a test can be in any year.
public struct WallClock: Sendable {
  /// Nanoseconds since 1970, UTC.
  public var now: @Sendable () -> Int64

  public init(now: @escaping @Sendable () -> Int64) { self.now = now }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 { WallClock.seconds(now()) }

  /// Nanoseconds as whole seconds, rounded down where that is again a number of nanoseconds.
  public static func seconds(_ nanoseconds: Int64) -> Int64 {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return max(rest < 0 ? seconds - 1 : seconds, .min / 1_000_000_000)
  }

  /// The machine's clock.
  public static let system = WallClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// A moment in the form that names use.
public enum Stamp {
  /// `2026-03-05T101500Z` for seconds since 1970: allowed in every file name, and sorts by time in the
  /// years from 0 to 9999.
  public static func text(seconds: Int64) -> String {
    var (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
    if rest < 0 { (days, rest) = (days - 1, rest + 86_400) }
    let date = civil(days: days)
    // Of each listing of many sets one an entry.
    var bytes = [UInt8]()
    bytes.reserveCapacity(18)
    if (0...9_999).contains(date.year) {
      add(date.year / 100, to: &bytes)
      add(date.year % 100, to: &bytes)
    } else {
      bytes += String(date.year).utf8
    }
    bytes.append(UInt8(ascii: "-"))
    add(date.month, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    add(date.day, to: &bytes)
    bytes.append(UInt8(ascii: "T"))
    add(rest / 3_600, to: &bytes)
    add(rest / 60 % 60, to: &bytes)
    add(rest % 60, to: &bytes)
    bytes.append(UInt8(ascii: "Z"))
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func add(_ value: Int64, to bytes: inout [UInt8]) {
    bytes.append(UInt8(0x30 + value / 10))
    bytes.append(UInt8(0x30 + value % 10))
  }

  /// Year, month and day of a count of days since 1970-01-01 in the proleptic Gregorian calendar.
  public static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
