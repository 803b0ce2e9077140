import OfficeAdmin
import OfficeModel
import Testing

@Suite("Reminders and the calendar")
struct ScheduleTests {
  /// 2026-06-02T00:00 in Berlin.
  private static let midnight: Int64 = 1_780_351_200

  private static func time(_ hour: Int64, _ minute: Int64 = 0) -> Int64 {
    midnight + hour * 3_600 + minute * 60
  }

  private static func at(_ seconds: Int64, _ days: TenDays) { days.move(by: seconds - days.now) }

  private static func asks(_ days: TenDays, skipped: Int64? = nil) throws -> Bool {
    days.schedule.isReminding(
      at: days.now, days.calendar, sets: try days.sets, skipped: skipped)
  }

  @Test("From noon to six, until one of the group has backed up; a skip is for the day")
  func remind() throws {
    let days = try TenDays(zone: "Europe/Berlin", beginning: Self.time(11, 59))
    days.schedule.mode = .remind
    #expect(try !Self.asks(days))
    Self.at(Self.time(12), days)
    #expect(try Self.asks(days))
    let today = days.calendar.day(of: days.now)
    #expect(try !Self.asks(days, skipped: today), "who skipped is not asked")
    #expect(try Self.asks(days, skipped: today - 1), "who skipped yesterday is")
    Self.at(Self.time(17, 59), days)
    #expect(try Self.asks(days))
    Self.at(Self.time(18), days)
    #expect(try !Self.asks(days))
    Self.at(Self.time(13), days)
    try days.run("manual", [.scheduler])
    #expect(try Self.asks(days), "an area alone is no backup")
    try days.run("manual")
    #expect(try !Self.asks(days), "once one has done it, the others are not asked")
    Self.at(Self.time(36), days)
    #expect(try Self.asks(days, skipped: today), "the next day")
    #expect(!days.schedule.isDue(at: days.now, days.calendar, sets: try days.sets))
  }

  @Test("In mode auto nobody is asked; in mode both a backup of the night does not count")
  func modes() throws {
    let days = try TenDays(zone: "Europe/Berlin", beginning: Self.time(0, 10))
    try days.look()
    #expect(try days.sets.count == 1)
    Self.at(Self.time(14), days)
    #expect(try !Self.asks(days))
    days.schedule.mode = .both
    #expect(try Self.asks(days))
    try days.run("manual")
    #expect(try !Self.asks(days))
  }

  @Test("A time that a clock skips is the first moment after; of one shown twice, the first")
  func moments() throws {
    let berlin = try OfficeCalendar(zone: "Europe/Berlin")
    let half = OfficeCalendar.TimeOfDay(hour: 2, minute: 30)
    // 2026-03-29: 02:00 CET is 03:00 CEST at 01:00Z.
    let spring = berlin.day(of: 1_774_742_400)
    #expect(berlin.time(of: berlin.moment(of: half, on: spring)) >= half)
    #expect(berlin.day(of: berlin.moment(of: half, on: spring)) == spring)
    // 2026-10-25: 03:00 CEST is 02:00 CET at 01:00Z.
    let autumn = berlin.day(of: 1_792_886_400 + 3_600)
    let moment = berlin.moment(of: half, on: autumn)
    #expect(berlin.time(of: moment) == half && berlin.time(of: moment + 3_600) == half)
    // Midnight is skipped in Santiago de Chile on 2026-09-06.
    let santiago = try OfficeCalendar(zone: "America/Santiago")
    let day = santiago.day(of: 1_788_714_000)
    let begin = santiago.moment(of: OfficeCalendar.TimeOfDay(hour: 0), on: day)
    #expect(santiago.day(of: begin) == day && santiago.day(of: begin - 1) == day - 1)
  }

  @Test("Settings of backups: each is read, each that is wrong is named")
  func settings() throws {
    let settings = try OfficeSettings(
      parsing: """
        [backup]
        time = "22:15"
        mode = "both"
        reminder-begins = "11:00"
        reminder-ends = "16:30"
        time-zone = "Europe/Berlin"
        """)
    #expect(settings.backup.time == OfficeCalendar.TimeOfDay(hour: 22, minute: 15))
    #expect(settings.backup.mode == .both)
    #expect(settings.timeZone == "Europe/Berlin")
    for line in [
      "time = \"25:00\"", "time = 7", "mode = \"never\"", "time-zone = \"Mars/Olympus\"",
      "reminder-ends = \"09:00\"", "color = \"red\"",
    ] {
      let error = #expect(throws: OfficeError.self) {
        try OfficeSettings(parsing: "[backup]\n\(line)\n")
      }
      #expect(error?.code == .invalid)
    }
    #expect(throws: Never.self) { try OfficeSettings(parsing: OfficeSettings.template) }
  }
}
