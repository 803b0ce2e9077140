/// A team's meetings. Each is written from the team alone, so it has the same bytes in each participant's calendar.
struct TeamEvents {
  private let world: World
  private let team: Team
  private let people: [Person]

  static let count = 14

  init(_ world: World, _ team: Team) {
    self.world = world
    self.team = team
    people = team.members.map { world.person($0) }
  }

  /// That of the team's first member, by whose clock it meets.
  var zone: Zone { people[0].culture.zone }

  /// The indices of the users who take part; the first is the organizer.
  func participants(of number: Int) -> [Int] {
    guard number >= 4 else { return Array(team.members) }
    var dice = Dice(world.seed, .teamEvent, team.number, number)
    let organizer = team.members.lowerBound + dice.below(team.members.count)
    let mask = dice.next()
    let others = team.members.enumerated().filter { place, index in
      index != organizer && (mask >> UInt64(place)) & 1 == 1
    }
    return [organizer] + others.map(\.element)
  }

  func write(_ number: Int, _ identifier: UInt64, to out: inout ByteWriter) {
    var dice = Dice(world.seed, .teamEvent, team.number, number + TeamEvents.count)
    let culture = people[0].culture
    let day = DemoYear.firstDay + 4 + dice.below(7)
    let clock = (32 + dice.below(32)) * 900
    let made = DemoYear.start + dice.below(10 * DemoYear.secondsADay)
    let attendees = participants(of: number).map { people[$0 - team.members.lowerBound] }
    switch number {
    case 0:
      weekly(identifier, culture, DemoYear.workday(day), clock, made, attendees, to: &out)
    case 1:
      out.beginComponent("VEVENT", identifier, made: made)
      let friday = DemoYear.day(month: 1, day: 30) * DemoYear.secondsADay + clock
      times(friday, minutes: 60, to: &out)
      out.content("RRULE", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=12")
      finish(culture.meetings[1], culture.places[0], attendees, to: &out)
    case 2:
      out.beginComponent("VEVENT", identifier, made: made)
      let first = DemoYear.workday(day) * DemoYear.secondsADay + 33_300
      times(first, minutes: 15, to: &out)
      let last = zone.moment(local: DemoYear.end - 54_900)
      out.put("RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=")
      out.put(moment: last)
      out.end()
      finish("Stand-up", culture.places[2], attendees, to: &out)
    case 3:
      out.beginComponent("VEVENT", identifier, made: made)
      let start = DemoYear.workday(day + 100 + dice.below(100))
      out.day("DTSTART", start)
      out.day("DTEND", start + 2)
      out.content("CATEGORIES", "Workshop,\(team.department)")
      finish(dice.pick(culture.meetings), "", attendees, to: &out)
    default:
      let start = DemoYear.workday(day + dice.below(345)) * DemoYear.secondsADay + clock
      out.beginComponent("VEVENT", identifier, made: start - (2 + dice.below(20)) * 86_400)
      times(start, minutes: 30 * (1 + dice.below(4)), to: &out)
      let text = dice.pick(culture.sentences) + "\n" + dice.pick(culture.sentences)
      out.content("DESCRIPTION", text: text)
      if dice.once(in: 4) { out.content("X-OFFICE-PROJECT;X-COLOR=teal", text: "Nr. \(number)") }
      finish(dice.pick(culture.meetings), dice.pick(culture.places), attendees, to: &out)
    }
  }

  /// A series with one meeting left out, one moved and, of one, the subject changed.
  private func weekly(
    _ identifier: UInt64, _ culture: Culture, _ day: Int, _ clock: Int, _ made: Int,
    _ attendees: [Person], to out: inout ByteWriter
  ) {
    let start = day * DemoYear.secondsADay + clock
    let week = 7 * DemoYear.secondsADay
    out.beginComponent("VEVENT", identifier, made: made)
    times(start, minutes: 60, to: &out)
    out.content("RRULE", "FREQ=WEEKLY;BYDAY=\(DemoYear.weekdayCodes[DemoYear.weekday(day)])")
    out.moment("EXDATE", local: start + 8 * week, in: zone)
    finish(culture.meetings[0], culture.places[0], attendees, to: &out)
    for (number, place) in [5, 14 + team.number % 20].enumerated() {
      let replaced = start + place * week
      out.beginComponent("VEVENT", identifier, made: zone.moment(local: replaced) - 90_000)
      out.moment("RECURRENCE-ID", local: replaced, in: zone)
      times(number == 0 ? replaced + 7_200 : replaced, minutes: 60, to: &out)
      out.content("SEQUENCE", "1")
      let title =
        number == 0 ? culture.meetings[0] : "\(culture.meetings[0]): \(culture.meetings[5])"
      finish(title, culture.places[1], attendees, to: &out)
    }
  }

  private func times(_ local: Int, minutes: Int, to out: inout ByteWriter) {
    out.moment("DTSTART", local: local, in: zone)
    out.moment("DTEND", local: local + minutes * 60, in: zone)
  }

  private func finish(
    _ title: String, _ place: String, _ attendees: [Person], to out: inout ByteWriter
  ) {
    out.content("SUMMARY", text: title)
    if !place.isEmpty { out.content("LOCATION", text: place) }
    out.participant("ORGANIZER", attendees[0], state: "")
    for (number, person) in attendees.enumerated() {
      let states = ["ACCEPTED", "ACCEPTED", "TENTATIVE", "NEEDS-ACTION", "ACCEPTED", "DECLINED"]
      out.participant("ATTENDEE", person, state: ";PARTSTAT=\(states[number % 6])")
    }
    out.content("END", "VEVENT")
  }
}
