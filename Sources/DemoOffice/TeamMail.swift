/// The messages of a team. A message that several users hold is made from what they have in common.
struct TeamMail {
  private let world: World
  private let team: Team
  private let people: [Person]

  init(_ world: World, _ team: Team, _ people: [Person]) {
    self.world = world
    self.team = team
    self.people = people
  }

  /// How many messages a team's thread has.
  private static let threadLength = 4

  func identifier(_ kind: World.Kind, _ number: Int, _ index: Int) -> UInt64 {
    switch kind {
    case .announcement: world.identifier(kind, owner: 0, number: number)
    case .teamMail: world.identifier(kind, owner: team.number, number: number)
    case .pairMail:
      world.identifier(kind, owner: team.number, number: number * 16 + pair(number, index).first)
    default: world.identifier(kind, owner: index, number: number)
    }
  }

  /// When a message was sent, of `count` of its kind.
  func moment(_ kind: World.Kind, _ number: Int, of count: Int, _ index: Int) -> Int {
    switch kind {
    case .teamMail:
      let place = number % TeamMail.threadLength
      return start(kind, team.number, number - place, of: count)
        + delay(.thread, number, after: place)
    case .pairMail:
      let turn = number / people.count
      let place = turn % 3
      let first = number - place * people.count
      let owner = team.number * 16 + pair(number, index).first
      return start(kind, owner, first, of: count) + delay(.time, number, after: place)
    case .announcement: return start(kind, 0, number, of: count)
    default: return start(kind, index, number, of: count)
    }
  }

  private func start(_ kind: World.Kind, _ owner: Int, _ number: Int, of count: Int) -> Int {
    var dice = Dice(world.seed ^ kind.rawValue << 40, .time, owner, number)
    return DemoYear.officeHours(
      share: (number * 64 + dice.below(64)) * 1_024 / max(1, count), &dice)
  }

  /// Answers come one to three hours one after the other.
  private func delay(_ purpose: Dice.Purpose, _ number: Int, after place: Int) -> Int {
    guard place > 0 else { return 0 }
    var dice = Dice(world.seed, purpose, team.number, number)
    return place * 7_200 + dice.below(3_600)
  }

  /// Who write to each other in a round: everybody has one colleague in each, or is alone with a note.
  private func pair(_ round: Int, _ index: Int) -> (first: Int, second: Int) {
    let own = index - team.members.lowerBound
    let other = ((round - own) % people.count + people.count) % people.count
    return (min(own, other), max(own, other))
  }

  private func size(_ slot: Int) -> (size: Int, isLarge: Bool) {
    MailSize.target(slot, mean: world.settings.messageBytes)
  }

  func announcement(_ number: Int, of count: Int) -> Mail {
    let sender = world.person(number % min(8, world.settings.users))
    let culture = Culture.all[1]
    let size = size(number)
    let identifier = identifier(.announcement, number, 0)
    return Mail(
      moment: moment(.announcement, number, of: count, 0), identifier: identifier,
      from: Mail.Correspondent(sender),
      to: [Mail.Correspondent(name: "All", address: "all@\(Person.domain)")], culture: culture,
      signature: sender.name, subject: culture.subjects[number % culture.subjects.count],
      size: size.size, attachment: .scan)
  }

  func teamMail(_ number: Int, of count: Int, slot: Int) -> Mail {
    let place = number % TeamMail.threadLength
    var dice = Dice(world.seed, .thread, team.number, number - place)
    let culture = people[0].culture
    let subject = dice.pick(culture.subjects)
    let sender = people[(dice.below(people.count) + place * 3) % people.count]
    let size = size(slot)
    let list = "\(team.department.lowercased())-\(team.number)@\(Person.domain)"
    return Mail(
      moment: moment(.teamMail, number, of: count, 0),
      identifier: identifier(.teamMail, number, 0), from: Mail.Correspondent(sender),
      to: people.prefix(2).map { Mail.Correspondent($0) }
        + [Mail.Correspondent(name: team.department, address: list)],
      culture: culture, signature: sender.name, subject: subject,
      references: (0..<place).map { identifier(.teamMail, number - place + $0, 0) },
      size: size.size, attachment: size.isLarge ? .scan : .none)
  }

  func pairMail(_ number: Int, of count: Int, slot: Int, _ index: Int) -> Mail {
    let pair = pair(number, index)
    let turn = number / people.count
    let place = turn % 3
    var dice = Dice(
      world.seed, .message, team.number * 16 + pair.first, number - place * people.count)
    let firstBegins = dice.once(in: 2)
    let (sender, receiver) =
      firstBegins == (place % 2 == 0)
      ? (people[pair.first], people[pair.second]) : (people[pair.second], people[pair.first])
    let culture = people[pair.first].culture
    let size = size(slot)
    return Mail(
      moment: moment(.pairMail, number, of: count, index),
      identifier: identifier(.pairMail, number, index), from: Mail.Correspondent(sender),
      to: [Mail.Correspondent(receiver)], culture: culture, signature: sender.givenName,
      subject: dice.pick(culture.subjects),
      references: (0..<place).map {
        identifier(.pairMail, number - (place - $0) * people.count, index)
      },
      size: size.size, attachment: size.isLarge ? .scan : .none)
  }

  /// A note about a telephone call that a colleague took.
  func memo(_ number: Int, of count: Int, slot: Int, _ index: Int) -> Mail {
    let own = people[index - team.members.lowerBound]
    let moment = moment(.memo, number, of: count, index)
    var dice = Dice(world.seed, .message, index, number)
    let colleague = dice.pick(people)
    let partner = Partner(world, dice.below(150))
    let action = dice.pick(["call-back", "will-call-again", "message-only", "urgent"])
    let size = size(slot)
    return Mail(
      moment: moment, identifier: identifier(.memo, number, index),
      from: Mail.Correspondent(colleague), to: [Mail.Correspondent(own)], culture: own.culture,
      signature: colleague.givenName, subject: "☎ \(partner.person.name)", size: size.size,
      headers: [
        ("X-Phone-Memo", "yes"), ("X-Phone-Caller", partner.person.name),
        ("X-Phone-Company", partner.company), ("X-Phone-Number", partner.person.phone),
        ("X-Phone-Action", action),
      ], attachment: size.isLarge ? .voice : .none)
  }

  /// What the office's own programs write.
  func notice(_ number: Int, of count: Int, slot: Int, _ index: Int) -> Mail {
    let own = people[index - team.members.lowerBound]
    var dice = Dice(world.seed, .message, index, number + 1_000_000)
    let size = size(slot)
    let subject = "\(dice.pick(own.culture.meetings)) / \(dice.pick(own.culture.places))"
    return Mail(
      moment: moment(.notice, number, of: count, index),
      identifier: identifier(.notice, number, index),
      from: Mail.Correspondent(name: "Rooms", address: "rooms@\(Person.domain)"),
      to: [Mail.Correspondent(own)], culture: own.culture, signature: "Rooms", subject: subject,
      size: size.size, headers: [("Auto-Submitted", "auto-generated")],
      attachment: size.isLarge ? .scan : .none)
  }
}
