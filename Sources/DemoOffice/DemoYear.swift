import OfficeModel

/// The year in which the sample office lives. A moment is seconds since 1970, a day counts from 1970-01-01.
enum DemoYear {
  /// 2026-01-01, a Thursday.
  static let firstDay = 20_454
  static let days = 365
  static let secondsADay = 86_400

  /// The first day and the first of the next year, as moments.
  static let start = firstDay * secondsADay
  static let end = (firstDay + days) * secondsADay

  /// 0 is Monday.
  static func weekday(_ day: Int) -> Int {
    let rest = (day + 3) % 7
    return rest < 0 ? rest + 7 : rest
  }

  /// The day itself, or the Monday after a weekend.
  static func workday(_ day: Int) -> Int {
    let weekday = weekday(day)
    return weekday < 5 ? day : day + 7 - weekday
  }

  /// The day of a date in the year.
  static func day(month: Int, day: Int) -> Int {
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    return firstDay + before[month - 1] + day - 1
  }

  /// Year, month and day.
  static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
    let date = Stamp.civil(days: Int64(day))
    return (Int(date.year), Int(date.month), Int(date.day))
  }

  /// A moment in office hours: the share of the year that has passed (of 65536), moved to a working day.
  static func officeHours(share: Int, _ dice: inout Dice) -> Int {
    let day = workday(firstDay + (days - 4) * share / 65_536)
    return day * secondsADay + 25_200 + dice.below(36_000)
  }

  static let weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  static let weekdayCodes = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
  static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
