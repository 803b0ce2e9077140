import OfficeAdmin
import OfficeModel
import TestSupport
import Testing

@Suite("Reminders and the calendar")
struct ScheduleTests {
  /// 2026-06-02T00:00 in Berlin.
  private static let midnight: Int64 = 1_780_351_200

  private static func time(_ hour: Int64, _ minute: Int64 = 0) -> Int64 {
    midnight + hour * 3_600 + minute * 60
  }

  private static func at(_ seconds: Int64, _ days: TenDays) { days.move(by: seconds - days.now) }

  private static let group = ["alice", "bob", "carol"].compactMap { try? UserID($0) }

  private static func asked(_ days: TenDays) throws -> [String] {
    try days.backups.asked(of: group).map(\.text)
  }

  @Test("From noon to six, until one of the group has backed up; who skips is not asked that day")
  func remind() throws {
    let days = try TenDays(zone: "Europe/Berlin", beginning: Self.time(11, 59))
    days.settings.backup.mode = .remind
    #expect(try Self.asked(days) == [])
    Self.at(Self.time(12), days)
    #expect(try Self.asked(days) == ["alice", "bob", "carol"])
    days.backups.skip(try UserID("bob"))
    #expect(try Self.asked(days) == ["alice", "carol"])
    Self.at(Self.time(17, 59), days)
    #expect(try Self.asked(days) == ["alice", "carol"])
    Self.at(Self.time(18), days)
    #expect(try Self.asked(days) == [])
    Self.at(Self.time(13), days)
    try days.run("manual", [.scheduler])
    #expect(try Self.asked(days) == ["alice", "carol"], "an area alone is no backup")
    try days.run("manual")
    #expect(try Self.asked(days) == [], "once one has done it, the others are not asked")
    Self.at(Self.time(36), days)
    #expect(try Self.asked(days) == ["alice", "bob", "carol"], "the next day, bob too")
    days.look()
    #expect(try days.sets.count == 2, "the daemon makes none in this mode")
    Self.at(Self.time(36 + 24 - 3), days)
    try days.run("manual")
    Self.at(Self.time(36 + 24), days)
    #expect(try Self.asked(days) == [], "there was one that morning")
  }

  @Test("In mode auto nobody is asked; in mode both a backup of the morning does not count")
  func modes() throws {
    let days = try TenDays(zone: "Europe/Berlin", beginning: Self.time(0, 10))
    days.look()
    #expect(try days.sets.count == 1)
    Self.at(Self.time(14), days)
    #expect(try Self.asked(days) == [])
    days.settings.backup.mode = .both
    #expect(try Self.asked(days).count == 3)
    try days.run("manual")
    #expect(try Self.asked(days) == [])
    Self.at(Self.time(24), days)
    days.look()
    #expect(try days.sets.last?.process == "scheduled")
    Self.at(Self.time(36), days)
    #expect(try Self.asked(days).count == 3)
  }

  @Test("A skip outlives the daemon")
  func skipIsKept() throws {
    let scratch = try ScratchDirectory()
    BackupNotes(of: scratch.path).skip(try UserID("bob"), on: 20_000)
    #expect(BackupNotes(of: scratch.path).skipped(by: try UserID("bob")) == 20_000)
    BackupNotes(of: scratch.path).skip(try UserID("alice"), on: 20_001)
    #expect(BackupNotes(of: scratch.path).skipped(by: try UserID("bob")) == nil)
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
    for (text, place) in [
      ("[backup]\n\ntime = \"25:00\"", "line 3: backup.time"), ("[backup]\ntime=7", "line 2:"),
      ("[undo]\ndays = 9\n[backup]\nmode = \"never\"", "line 4: backup.mode"),
      ("[backup]\ntime-zone = \"Mars/Olympus\"", "line 2: backup.time-zone"),
      ("[backup]\n reminder-ends = \"09:00\" # noon", "line 2: backup.reminder-ends"),
      ("[backup]\ncolor = \"red\"", "line 2: backup.color"), ("[undo]\ndays = 6", "line 2:"),
      ("[undo]\n\n[beer]\nkind = 1", "line 3: beer"), ("backup = 7", "line 1: backup"),
      ("[limits]\nexpansion = -1", "line 2: limits.expansion"), ("[backup]\nmode = ", "line 2"),
      ("backup.mode = 1", "line 1: backup.mode"),
    ] {
      let error = #expect(throws: OfficeError.self) { try OfficeSettings(parsing: text) }
      #expect(error?.code == .invalid && error?.item?.contains(place) == true, "\(text): \(error)")
    }
    #expect(throws: Never.self) { try OfficeSettings(parsing: OfficeSettings.template) }
  }
}
