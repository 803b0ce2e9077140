/// A user's calendar: what the office, the team and the user planned.
struct ScheduleDocument {
  private let world: World
  private let team: Team
  private let person: Person
  private let teamEvents: TeamEvents
  private let ownEvents: OwnEvents

  init(_ world: World, _ index: Int) {
    self.world = world
    team = world.team(of: index)
    person = world.person(index)
    teamEvents = TeamEvents(world, team)
    ownEvents = OwnEvents(world, person, away: teamEvents.zone)
  }

  private struct Entry {
    let identifier: UInt64
    let kind: World.Kind
    let number: Int
  }

  func write(to out: inout ByteWriter) {
    var entries: [Entry] = []
    for number in OfficeEvents.titles.indices {
      let identifier = world.identifier(.officeEvent, owner: 0, number: number)
      entries.append(Entry(identifier: identifier, kind: .officeEvent, number: number))
    }
    for number in 0..<TeamEvents.count
    where teamEvents.participants(of: number).contains(person.index) {
      let identifier = world.identifier(.teamEvent, owner: team.number, number: number)
      entries.append(Entry(identifier: identifier, kind: .teamEvent, number: number))
    }
    for number in 0..<ownEvents.count {
      let identifier = world.identifier(.ownEvent, owner: person.index, number: number)
      entries.append(Entry(identifier: identifier, kind: .ownEvent, number: number))
    }
    // INVARIANT: all UIDs are as long, so that their order is that of the numbers.
    entries.sort { $0.identifier < $1.identifier }
    out.calendarHead(zones: [person.culture.zone, teamEvents.zone])
    for entry in entries {
      switch entry.kind {
      case .officeEvent: OfficeEvents.write(entry.number, entry.identifier, to: &out)
      case .teamEvent: teamEvents.write(entry.number, entry.identifier, to: &out)
      default: ownEvents.write(entry.number, entry.identifier, to: &out)
      }
    }
    out.content("END", "VCALENDAR")
  }
}

/// What everybody has in the calendar: whole days.
enum OfficeEvents {
  static let titles = [
    (month: 2, day: 27, length: 1, title: "Inventory"),
    (month: 6, day: 26, length: 1, title: "Summer party"),
    (month: 9, day: 15, length: 1, title: "Anniversary of the company, founded 1987"),
    (month: 12, day: 28, length: 4, title: "Office closed"),
  ]

  static func write(_ number: Int, _ identifier: UInt64, to out: inout ByteWriter) {
    let event = titles[number]
    let day = DemoYear.day(month: event.month, day: event.day)
    out.beginComponent("VEVENT", identifier, made: DemoYear.start + 32_400)
    out.day("DTSTART", day)
    out.day("DTEND", day + event.length)
    if number == 2 { out.content("RRULE", "FREQ=YEARLY") }
    out.content("SUMMARY", text: event.title)
    out.content("CLASS", "PUBLIC")
    out.content("TRANSP", "TRANSPARENT")
    out.content("END", "VEVENT")
  }
}
