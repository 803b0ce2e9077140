/// A user's `user.json` and `whereabouts.json`: one key a line.
struct UserDocument {
  private let world: World
  private let person: Person

  init(_ world: World, _ index: Int) {
    self.world = world
    person = world.person(index)
  }

  func writeUser(to out: inout ByteWriter) {
    let groups = world.groups(of: person)
    write(
      [
        ("id", .text(person.id)), ("name", .text(person.name)), ("reading", .text(person.reading)),
        ("email", .text(person.email)),
        ("url", .text("https://people.\(Person.domain)/\(person.id)")),
        ("phone", .text(person.phone)), ("defaultGroup", .text(groups[0])),
        ("groups", .list(groups)), ("language", .text(person.culture.language)),
        ("timeZone", .text(person.culture.zone.name)),
      ], to: &out)
  }

  func writeWhereabouts(to out: inout ByteWriter) {
    let culture = person.culture
    var dice = Dice(world.seed, .whereabouts, person.index)
    let day = DemoYear.workday(DemoYear.firstDay + DemoYear.days - 16 + dice.below(10))
    let updated = day * DemoYear.secondsADay + 25_200 + dice.below(36_000)
    let place: (status: String, note: String, hours: Int) =
      switch dice.below(8) {
      case 0: ("meeting", dice.pick(culture.meetings), 2)
      case 1: ("away", dice.pick(culture.appointments), 3)
      case 2: ("out", culture.vacation, 24 * 7)
      case 3: ("out", culture.sick, 24 * 2)
      case 4: ("home", "", 8)
      default: ("in", "", 0)
      }
    write(
      [
        ("status", .text(place.status)), ("note", .text(place.note)),
        ("until", place.hours == 0 ? .null : .moment(updated + place.hours * 3_600)),
        ("contact", .text(person.phone)), ("updated", .moment(updated)),
      ], to: &out)
  }

  private enum Value {
    case null
    case text(String)
    case list([String])
    case moment(Int)
  }

  private func write(_ members: [(String, Value)], to out: inout ByteWriter) {
    out.usesCRLF = false
    out.line("{")
    for (number, (key, value)) in members.enumerated() {
      string(key, to: &out)
      out.put(UInt8(ascii: ":"))
      switch value {
      case .null: out.put("null")
      case .text(let text): string(text, to: &out)
      case .list(let texts):
        out.put(UInt8(ascii: "["))
        for (place, text) in texts.enumerated() {
          if place > 0 { out.put(UInt8(ascii: ",")) }
          string(text, to: &out)
        }
        out.put(UInt8(ascii: "]"))
      case .moment(let moment):
        out.put(UInt8(ascii: "\""))
        out.put(dashedDay: moment / DemoYear.secondsADay)
        out.put(UInt8(ascii: "T"))
        out.put(clock: moment % DemoYear.secondsADay)
        out.put("Z\"")
      }
      if number < members.count - 1 { out.put(UInt8(ascii: ",")) }
      out.end()
    }
    out.line("}")
  }

  /// INVARIANT: the tables hold no quote, backslash or control character, so nothing needs an escape.
  private func string(_ text: String, to out: inout ByteWriter) {
    out.put(UInt8(ascii: "\""))
    out.put(text)
    out.put(UInt8(ascii: "\""))
  }
}

extension World {
  /// The default group first.
  func groups(of person: Person) -> [String] {
    let team = team(of: person.index)
    var groups = [team.department, person.culture.site]
    if team.members.lowerBound == person.index { groups.append(Team.leads) }
    return groups
  }
}
