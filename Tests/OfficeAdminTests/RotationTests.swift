import Foundation
import OfficeAdmin
import OfficeModel
import Testing

@Suite("Ten days of backups by an injected clock")
struct RotationTests {
  private static let day: Int64 = 86_400

  /// Compares with the golden listing; with OFFICEFS_WRITE_GOLDEN set writes it instead.
  private static func check(_ days: TenDays, _ name: String) throws {
    let path = (#filePath as NSString).deletingLastPathComponent + "/Golden/\(name).txt"
    let text = days.lines.joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["OFFICEFS_WRITE_GOLDEN"] != nil {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let golden = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == golden)
  }

  @Test("Several runs a day, an area alone, a hold, through the night the clocks go forward")
  func springForward() throws {
    // 2026-03-22T11:00Z, a week before the clocks of Berlin go forward.
    let days = try TenDays(zone: "Europe/Berlin", beginning: 1_774_177_200)
    for index in 1...10 {
      days.pass(hours: 5)
      if index == 2 || index == 3 { try days.run("manual") }
      if index == 4 { try days.run("manual", [.scheduler]) }
      if index == 7 {
        try days.run("manual")
        try days.run("manual")
      }
      if index == 3 { try days.hold(1, as: "quarter") }
      if index == 10 { try days.release("quarter") }
      days.pass(hours: 19)
      try days.note("day \(index)")
    }
    try Self.check(days, "spring-forward")
  }

  @Test("Over the leap day and the night the clocks go back, at half past two")
  func leapDayAndAutumn() throws {
    // 2028-02-26T12:00Z
    let days = try TenDays(zone: "Europe/Berlin", beginning: 1_835_179_200)
    days.settings.backup.time = OfficeCalendar.TimeOfDay(hour: 2, minute: 30)
    for index in 1...5 {
      days.pass(hours: 24)
      try days.note("day \(index)")
    }
    // To 2028-10-27T12:00Z: the machine was off since.
    days.move(by: 1_856_260_800 - days.now)
    days.look()
    try days.note("after the summer")
    for index in 6...10 {
      days.pass(hours: 24)
      try days.note("day \(index)")
    }
    try Self.check(days, "leap-day-and-autumn")
  }

  @Test("Row 91: a clock set back over midnight, by a day and by years, and a machine that slept")
  func clockSetBack() throws {
    // 2026-06-01T10:00Z
    let days = try TenDays(zone: "Europe/Berlin", beginning: 1_780_308_000)
    days.pass(hours: 62)
    try days.note("three nights")
    days.move(by: -3_600)
    days.look()
    try days.run("manual")
    try days.note("set back over midnight")
    days.pass(hours: 3)
    try days.note("midnight again")
    days.move(by: -Self.day)
    days.pass(hours: 24)
    try days.note("set back by a day, a day later")
    days.move(by: 3 * Self.day)
    days.look()
    try days.note("slept for three days")
    days.pass(hours: 24)
    try days.note("the day after")
    days.move(by: -2_000 * Self.day)
    days.pass(hours: 48)
    try days.note("set back by years, two days later")
    days.move(by: 2_000 * Self.day)
    days.pass(hours: 48)
    try days.note("put right, two days later")
    try Self.check(days, "clock-set-back")
  }
}
