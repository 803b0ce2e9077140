/// What one user alone has in the calendar.
struct OwnEvents {
  let count: Int
  private let world: World
  private let person: Person
  /// A zone the user travels to.
  private let away: Zone

  init(_ world: World, _ person: Person, away: Zone) {
    self.world = world
    self.person = person
    self.away = away
    var dice = Dice(world.seed, .ownEvent, person.index)
    count = 10 + dice.below(10)
  }

  private var zone: Zone { person.culture.zone }

  func write(_ number: Int, _ identifier: UInt64, to out: inout ByteWriter) {
    var dice = Dice(world.seed, .ownEvent, person.index, number + 1)
    let culture = person.culture
    let day = DemoYear.workday(DemoYear.firstDay + 5 + dice.below(340))
    let local = day * DemoYear.secondsADay + (32 + dice.below(36)) * 900
    let made = zone.moment(local: local) - (1 + dice.below(40)) * DemoYear.secondsADay
    out.beginComponent("VEVENT", identifier, made: made)
    switch number % 8 {
    case 0:
      times(local, minutes: 45, to: &out)
      out.content("SUMMARY", text: dice.pick(culture.appointments))
      out.content("CLASS", "PRIVATE")
      out.alarm(minutesBefore: 30, culture.appointments[0])
    case 1: course(day, to: &out)
    case 2:
      out.day("DTSTART", day)
      out.day("DTEND", day + 1 + dice.below(14))
      out.content("SUMMARY", text: culture.vacation)
      out.content("TRANSP", "TRANSPARENT")
    case 3:
      let friend = Person(outside: number, &dice)
      out.day("DTSTART", day - 365 * (20 + dice.below(40)))
      out.content("RRULE", "FREQ=YEARLY")
      out.content("SUMMARY", text: "🎂 \(friend.name)")
      out.content("TRANSP", "TRANSPARENT")
    case 4:
      let start = zone.moment(local: local)
      out.moment("DTSTART", start)
      out.moment("DTEND", start + 1_800)
      out.content("SUMMARY", text: dice.pick(culture.meetings))
      out.content("DESCRIPTION", text: culture.sentences.shuffledText(3, &dice))
      out.content("URL", "https://meet.\(Person.domain)/\(identifier % 100_000)")
    case 5:
      out.moment("DTSTART", local: day * DemoYear.secondsADay + 43_200, in: nil)
      out.content("DURATION", "PT45M")
      out.content("SUMMARY", text: culture.appointments[3])
    case 6:
      monthly(identifier, made, to: &out)
    default:
      let start = zone.moment(local: local)
      let end = start + 3_600 * (2 + dice.below(9))
      out.moment("DTSTART", local: local, in: zone)
      out.moment("DTEND", local: end + away.offset(at: end), in: away)
      out.content("SUMMARY", text: "✈ \(zone.name) → \(away.name)")
      out.content("GEO", "52.520008;13.404954")
    }
    out.content("END", "VEVENT")
  }

  private func course(_ day: Int, to out: inout ByteWriter) {
    let first = DemoYear.firstDay + 11 + DemoYear.weekday(day)
    let local = first * DemoYear.secondsADay + 66_600
    times(local, minutes: 90, to: &out)
    out.content("RRULE", "FREQ=WEEKLY;COUNT=20")
    out.moment("EXDATE", local: local + 21 * DemoYear.secondsADay, in: zone)
    out.moment("EXDATE", local: local + 70 * DemoYear.secondsADay, in: zone)
    out.content("SUMMARY", text: person.culture.appointments[5])
  }

  /// A series of which the third is moved by a day.
  private func monthly(_ identifier: UInt64, _ made: Int, to out: inout ByteWriter) {
    let title = person.culture.todos[0]
    let clock = 36_000
    times(DemoYear.day(month: 1, day: 15) * DemoYear.secondsADay + clock, minutes: 30, to: &out)
    out.content("RRULE", "FREQ=MONTHLY;BYMONTHDAY=15")
    out.content("SUMMARY", text: title)
    out.content("END", "VEVENT")
    let third = DemoYear.day(month: 3, day: 15) * DemoYear.secondsADay + clock
    out.beginComponent("VEVENT", identifier, made: made + 60)
    out.moment("RECURRENCE-ID", local: third, in: zone)
    times(third + DemoYear.secondsADay, minutes: 30, to: &out)
    out.content("SUMMARY", text: title)
    out.content("SEQUENCE", "1")
  }

  private func times(_ local: Int, minutes: Int, to out: inout ByteWriter) {
    out.moment("DTSTART", local: local, in: zone)
    out.moment("DTEND", local: local + minutes * 60, in: zone)
  }
}

extension [String] {
  /// Some of the sentences, a line each.
  func shuffledText(_ count: Int, _ dice: inout Dice) -> String {
    (0..<count).map { _ in dice.pick(self) }.joined(separator: "\n")
  }
}
