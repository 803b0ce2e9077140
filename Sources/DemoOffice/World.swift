/// What all documents of one sample office are derived from.
struct World: Sendable {
  let settings: DemoSettings
  private let teams: Int
  private let salt: UInt64

  init(_ settings: DemoSettings) {
    self.settings = settings
    teams = max(1, settings.users / 8)
    salt = Dice.mix(settings.seed &+ 0x1D)
  }

  var seed: UInt64 { settings.seed }

  func person(_ index: Int) -> Person { Person(index, of: seed) }

  /// The 8 to 15 users who work together with a user; all there are in a smaller office.
  func team(of index: Int) -> Team {
    var number = index * teams / settings.users
    while start(of: number + 1) <= index { number += 1 }
    while start(of: number) > index { number -= 1 }
    return Team(number: number, members: start(of: number)..<start(of: number + 1))
  }

  private func start(of team: Int) -> Int { team * settings.users / teams }

  /// An identifier that nothing else in the office has: a permutation of what it names.
  func identifier(_ kind: Kind, owner: Int, number: Int) -> UInt64 {
    let name = kind.rawValue << 60 | UInt64(owner) << 36 | UInt64(number)
    return Dice.mix(name ^ salt)
  }

  /// What has identifiers.
  enum Kind: UInt64 {
    case announcement, teamMail, pairMail, memo, notice, letter, newsletter
    case officeEvent, teamEvent, ownEvent, todo, partnerCard, privateCard, userCard
  }
}

/// Users who share meetings and threads.
struct Team {
  let number: Int
  let members: Range<Int>

  /// The team's department, one of `Team.departments`.
  var department: String { Team.departments[number % Team.departments.count] }

  static let departments = [
    "Development", "Sales", "Support", "Accounting", "Marketing", "Purchasing", "Logistics",
    "Human-Resources", "Research", "Quality", "Legal", "Administration",
  ]

  static let leads = "Team-Leads"
}
