/// A time zone of the sample office, as it is in 2026 (IANA tz database).
struct Zone: Sendable {
  /// As in the IANA database.
  let name: String
  /// Seconds east of Greenwich in winter.
  let standard: Int
  /// Which summer time is kept.
  let rule: Rule
  /// The abbreviations of standard and of summer time.
  let labels: (standard: String, summer: String)
  /// When the standard time of today came into force, by the clock that went before, and the offset until then in seconds.
  let since: (start: String, before: Int)

  enum Rule: Sendable {
    case none
    /// Last Sunday of March to last Sunday of October, at 01:00 UTC.
    case european
    /// Second Sunday of March to first Sunday of November, at 02:00 by the clock.
    case american
  }

  /// Seconds east of Greenwich at a moment of 2026.
  func offset(at moment: Int) -> Int { standard + (isSummer(moment) ? 3_600 : 0) }

  /// The moment of 2026 at which the clock shows `local`, seconds since 1970 by that clock.
  func moment(local: Int) -> Int {
    let moment = local - standard
    return isSummer(moment) ? moment - 3_600 : moment
  }

  private func isSummer(_ moment: Int) -> Bool {
    switch rule {
    case .none:
      return false
    case .european:
      let start = DemoYear.day(month: 3, day: 29) * DemoYear.secondsADay + 3_600
      let end = DemoYear.day(month: 10, day: 25) * DemoYear.secondsADay + 3_600
      return start <= moment && moment < end
    case .american:
      let start = DemoYear.day(month: 3, day: 8) * DemoYear.secondsADay + 7_200 - standard
      let end = DemoYear.day(month: 11, day: 1) * DemoYear.secondsADay + 3_600 - standard
      return start <= moment && moment < end
    }
  }

  /// The VTIMEZONE component (RFC 5545 §3.6.5).
  func write(to out: inout ByteWriter) {
    out.content("BEGIN", "VTIMEZONE")
    out.content("TZID", name)
    let summer = standard + 3_600
    switch rule {
    case .none:
      part("STANDARD", since.start, since.before, standard, labels.standard, nil, to: &out)
    case .european:
      // The change is at 01:00 UTC everywhere, so by the clock it depends on the zone.
      let hour = 1 + standard / 3_600
      part(
        "DAYLIGHT", "19810329T0\(hour)0000", standard, summer, labels.summer,
        "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", to: &out)
      part(
        "STANDARD", "19961027T0\(hour + 1)0000", summer, standard, labels.standard,
        "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", to: &out)
    case .american:
      part(
        "DAYLIGHT", "20070311T020000", standard, summer, labels.summer,
        "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", to: &out)
      part(
        "STANDARD", "20071104T020000", summer, standard, labels.standard,
        "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", to: &out)
    }
    out.content("END", "VTIMEZONE")
  }

  private func part(
    _ component: String, _ start: String, _ from: Int, _ to: Int, _ label: String,
    _ recurrence: String?, to out: inout ByteWriter
  ) {
    out.content("BEGIN", component)
    out.content("DTSTART", start)
    out.content("TZOFFSETFROM", Zone.text(from))
    out.content("TZOFFSETTO", Zone.text(to))
    out.content("TZNAME", label)
    if let recurrence { out.content("RRULE", recurrence) }
    out.content("END", component)
  }

  private static func text(_ offset: Int) -> String {
    let hours = abs(offset) / 3_600
    let minutes = abs(offset) / 60 % 60
    return (offset < 0 ? "-" : "+") + (hours < 10 ? "0\(hours)" : "\(hours)")
      + (minutes < 10 ? "0\(minutes)" : "\(minutes)")
  }
}

extension Zone {
  private static func central(_ name: String) -> Zone {
    Zone(
      name: name, standard: 3_600, rule: .european, labels: ("CET", "CEST"), since: ("", 0))
  }

  private static func fixed(
    _ name: String, _ label: String, minutes: Int, since start: String = "19700101T000000",
    before: Int? = nil
  ) -> Zone {
    Zone(
      name: name, standard: minutes * 60, rule: .none, labels: (label, label),
      since: (start, (before ?? minutes) * 60))
  }

  static let berlin = central("Europe/Berlin")
  static let paris = central("Europe/Paris")
  static let warsaw = central("Europe/Warsaw")
  static let london = Zone(
    name: "Europe/London", standard: 0, rule: .european, labels: ("GMT", "BST"), since: ("", 0))
  static let athens = Zone(
    name: "Europe/Athens", standard: 7_200, rule: .european, labels: ("EET", "EEST"),
    since: ("", 0))
  static let newYork = Zone(
    name: "America/New_York", standard: -18_000, rule: .american, labels: ("EST", "EDT"),
    since: ("", 0))
  static let istanbul = fixed(
    "Europe/Istanbul", "+03", minutes: 180, since: "20160907T000000")
  static let moscow = fixed(
    "Europe/Moscow", "MSK", minutes: 180, since: "20141026T020000", before: 240)
  static let tokyo = fixed("Asia/Tokyo", "JST", minutes: 540)
  static let shanghai = fixed("Asia/Shanghai", "CST", minutes: 480)
  static let kolkata = fixed("Asia/Kolkata", "IST", minutes: 330)
  static let dubai = fixed("Asia/Dubai", "+04", minutes: 240)
  static let saoPaulo = fixed(
    "America/Sao_Paulo", "-03", minutes: -180, since: "20190217T000000", before: -120)
  static let mexicoCity = fixed(
    "America/Mexico_City", "CST", minutes: -360, since: "20221030T020000", before: -300)
}
