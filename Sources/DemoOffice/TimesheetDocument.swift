/// A user's working year as a table.
struct TimesheetDocument {
  private let person: Person
  private var dice: Dice

  init(_ world: World, _ index: Int) {
    person = world.person(index)
    dice = Dice(world.seed, .timesheet, index)
  }

  /// Times are rounded to quarter hours and there are few patterns, so that rows repeat from user to user.
  private static let patterns = [
    "08:00,16:45,12:00,12:45,", "08:00,17:00,12:00,13:00,", "08:15,17:00,12:00,12:45,",
    "08:30,17:15,12:00,12:45,", "08:30,17:30,12:30,13:30,", "08:45,17:30,12:15,13:00,",
    "09:00,17:45,12:30,13:15,", "09:00,18:00,12:00,13:00,", "09:15,18:00,12:30,13:15,",
    "09:30,18:30,13:00,14:00,", "07:30,16:00,11:30,12:00,", "07:45,16:30,12:00,12:45,",
    "09:00,18:15,13:00,14:15,", "10:00,19:00,13:30,14:30,", "06:45,15:15,11:15,11:45,",
    "08:00,14:00,,,",
  ]

  /// A morning and an evening: two rows of one date.
  private static let splitShifts = [
    ("06:00,10:00,,,", "15:00,19:00,,,"), ("08:00,12:00,,,", "18:00,22:00,,,"),
  ]

  func write(to out: inout ByteWriter) {
    var dice = dice
    let culture = person.culture
    out.usesCRLF = dice.below(8) > 0
    out.line("date,in,out,away,back,note")
    let usual = (0..<3).map { _ in dice.below(TimesheetDocument.patterns.count - 1) }
    let summer = DemoYear.day(month: 6, day: 8) + 7 * dice.below(12)
    let winter = DemoYear.day(month: 12, day: 24)
    var holidays = culture.holidays[...]
    for day in DemoYear.firstDay..<DemoYear.firstDay + DemoYear.days {
      if let holiday = holidays.first, holiday.day == day {
        holidays.removeFirst()
        absence(day, holiday.name, to: &out)
        continue
      }
      guard DemoYear.weekday(day) < 5 else { continue }
      if summer..<summer + 12 ~= day || day >= winter {
        absence(day, culture.vacation, to: &out)
        continue
      }
      let chance = dice.below(64)
      switch chance {
      case 0: absence(day, culture.sick, to: &out)
      case 1:
        let shift = TimesheetDocument.splitShifts[day & 1]
        row(day, shift.0, "", to: &out)
        row(day, shift.1, "", to: &out)
      case 2: row(day, TimesheetDocument.patterns[usual[0]], dice.pick(culture.meetings), to: &out)
      case 3:
        row(day, TimesheetDocument.patterns[15], dice.pick(culture.appointments), to: &out)
      default: row(day, TimesheetDocument.patterns[usual[chance % 3]], "", to: &out)
      }
    }
  }

  private func absence(_ day: Int, _ reason: String, to out: inout ByteWriter) {
    row(day, ",,,,", reason, to: &out)
  }

  private func row(_ day: Int, _ times: String, _ note: String, to out: inout ByteWriter) {
    out.put(dashedDay: day)
    out.put(UInt8(ascii: ","))
    out.put(times)
    if note.utf8.contains(UInt8(ascii: ",")) {
      out.put(UInt8(ascii: "\""))
      out.put(note)
      out.put(UInt8(ascii: "\""))
    } else {
      out.put(note)
    }
    out.end()
  }
}
