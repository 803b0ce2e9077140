/// A user's tasks.
struct TodoDocument {
  private let world: World
  private let person: Person

  init(_ world: World, _ index: Int) {
    self.world = world
    person = world.person(index)
  }

  func write(to out: inout ByteWriter) {
    var dice = Dice(world.seed, .todo, person.index)
    let entries = (0..<6 + dice.below(10))
      .map { (identifier: identifier($0), number: $0) }
      .sorted { $0.identifier < $1.identifier }
    out.calendarHead(zones: [person.culture.zone])
    for entry in entries { write(entry.number, entry.identifier, to: &out) }
    out.content("END", "VCALENDAR")
  }

  private func identifier(_ number: Int) -> UInt64 {
    world.identifier(.todo, owner: person.index, number: number)
  }

  private func write(_ number: Int, _ identifier: UInt64, to out: inout ByteWriter) {
    var dice = Dice(world.seed, .todo, person.index, number + 1)
    let culture = person.culture
    let day = DemoYear.workday(DemoYear.firstDay + 10 + dice.below(340))
    let due = culture.zone.moment(local: day * DemoYear.secondsADay + 61_200)
    out.beginComponent("VTODO", identifier, made: due - (2 + dice.below(30)) * 86_400)
    out.content("SUMMARY", text: dice.pick(culture.todos))
    switch number % 6 {
    case 0:
      out.day("DUE", day)
      out.content("STATUS", "NEEDS-ACTION")
    case 1:
      out.moment("DUE", due)
      out.content("PRIORITY", "\(1 + dice.below(9))")
      out.content("STATUS", "IN-PROCESS")
      out.content("PERCENT-COMPLETE", "\(10 * (1 + dice.below(9)))")
    case 2:
      out.day("DUE", day)
      out.content("STATUS", "COMPLETED")
      out.moment("COMPLETED", due - 3_600 * dice.below(48))
      out.content("PERCENT-COMPLETE", "100")
    case 3:
      // A step of the task before it.
      out.put("RELATED-TO:")
      out.put(hexadecimal: self.identifier(number - 1))
      out.put("@")
      out.line(Person.domain)
      out.content("CATEGORIES", "Office,Step")
      out.content("STATUS", "NEEDS-ACTION")
    case 4:
      out.moment("DTSTART", local: day * DemoYear.secondsADay + 32_400, in: culture.zone)
      out.moment("DUE", local: day * DemoYear.secondsADay + 61_200, in: culture.zone)
      out.content("RRULE", "FREQ=WEEKLY;INTERVAL=2")
      out.content("STATUS", "NEEDS-ACTION")
    default:
      out.moment("DUE", local: day * DemoYear.secondsADay + 61_200, in: culture.zone)
      out.content("DESCRIPTION", text: culture.sentences.shuffledText(2, &dice))
      out.alarm(minutesBefore: 60, culture.todos[number % culture.todos.count])
    }
    out.content("END", "VTODO")
  }
}
