import Foundation
import OfficeModel

/// Days and times of day in the office's time zone; all other rooms know seconds since 1970 only.
public struct OfficeCalendar: Sendable {
  /// A time of day: seconds after 00:00 as a clock on the wall shows it.
  public struct TimeOfDay: Sendable, Equatable, Comparable {
    public var seconds: Int64

    public init(hour: Int64, minute: Int64 = 0) { seconds = hour * 3_600 + minute * 60 }

    /// From `HH:MM`; nil for anything else.
    public init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard text.utf8.count == 5, parts.count == 2, let hour = Int64(parts[0]),
        let minute = Int64(parts[1]), (0..<24).contains(hour), (0..<60).contains(minute)
      else { return nil }
      self.init(hour: hour, minute: minute)
    }

    public static func < (left: TimeOfDay, right: TimeOfDay) -> Bool {
      left.seconds < right.seconds
    }
  }

  private let zone: TimeZone

  /// Throws `.invalid` unless the zone database of this machine has the name, such as `Europe/Berlin`.
  public init(zone name: String) throws(OfficeError) {
    guard let zone = TimeZone(identifier: name) else {
      throw OfficeError(
        .invalid, "not a time zone", item: Escaped.line(name),
        remedy: "give a name of the zone database, such as Europe/Berlin")
    }
    self.zone = zone
  }

  /// The machine's own zone.
  public init() { zone = .current }

  /// The calendar day of a moment, counted from 1970-01-01.
  public func day(of seconds: Int64) -> Int64 { split(seconds).day }

  /// What a clock on the wall shows.
  public func time(of seconds: Int64) -> TimeOfDay {
    TimeOfDay(hour: 0, minute: 0).adding(split(seconds).rest)
  }

  /// When a clock on the wall shows this time on this day: where it is put forward over it, the first moment after;
  /// where it shows it twice, the first of the two.
  public func moment(of time: TimeOfDay, on day: Int64) -> Int64 {
    let wall = day * 86_400 + time.seconds
    let early = wall - offset(wall - 86_400)
    let late = wall - offset(wall + 86_400)
    for moment in [min(early, late), max(early, late)] where moment + offset(moment) == wall {
      return moment
    }
    return max(early, late)
  }

  private func split(_ seconds: Int64) -> (day: Int64, rest: Int64) {
    let wall = seconds + offset(seconds)
    let day = wall >= 0 ? wall / 86_400 : (wall - 86_399) / 86_400
    return (day, wall - day * 86_400)
  }

  private func offset(_ seconds: Int64) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
  }
}

extension OfficeCalendar.TimeOfDay {
  fileprivate func adding(_ more: Int64) -> Self {
    var sum = self
    sum.seconds += more
    return sum
  }
}
