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
  /// `2026-03-05T101500Z` for seconds since 1970: sorts by time, allowed in every file name.
  public static func text(seconds: Int64) -> String {
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let rest = seconds - days * 86_400
    let date = civil(days: days)
    guard (0...9_999).contains(date.year) else { return "\(date.year)-\(rest)" }
    // Of each listing of many sets one an entry.
    return String(unsafeUninitializedCapacity: 18) { bytes in
      var place = 0
      func add(_ value: Int64, _ width: Int, _ end: UInt8?) {
        var rest = value
        for digit in stride(from: place + width - 1, through: place, by: -1) {
          bytes[digit] = UInt8(0x30 + rest % 10)
          rest /= 10
        }
        place += width
        if let end {
          bytes[place] = end
          place += 1
        }
      }
      add(date.year, 4, 0x2D)
      add(date.month, 2, 0x2D)
      add(date.day, 2, 0x54)
      add(rest / 3_600, 2, nil)
      add(rest / 60 % 60, 2, nil)
      add(rest % 60, 2, 0x5A)
      return place
    }
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
