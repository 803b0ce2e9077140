import OfficeModel

/// A believable sample office. Each user is derived from the settings and an index alone, so documents may be written
/// in any order and by several threads at once, and none is kept in memory.
public struct DemoOffice: Sendable {
  private let world: World

  public init(_ settings: DemoSettings = DemoSettings()) { world = World(settings) }

  /// The settings it was made with.
  public var settings: DemoSettings { world.settings }

  /// How many users there are.
  public var userCount: Int { world.settings.users }

  /// The office's groups, sorted: departments, sites and the team leads. All are ASCII.
  public var groups: [String] {
    (Team.departments + Culture.all.map(\.site) + [Team.leads]).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
  }

  /// The user at an index in `0..<userCount`.
  public func user(at index: Int) -> DemoUser {
    let person = world.person(index)
    guard let id = try? UserID(person.id) else {
      preconditionFailure("the name tables give allowed ids")
    }
    return DemoUser(index: index, id: id, name: person.name, groups: world.groups(of: person))
  }

  /// When a user's cell was last changed, in seconds since 1970: in the first weeks of 2026.
  public func mtime(of area: Area, at index: Int) -> Int64 {
    var dice = Dice(world.seed, .time, index, Int(area.rawValue))
    return Int64(DemoYear.start + dice.below(30 * DemoYear.secondsADay))
  }

  /// Writes a user's document of an area, in canonical form and in pieces. Throws what `sink` throws and nothing else.
  public func write(
    _ area: Area, at index: Int, to sink: (UnsafeRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    var out = ByteWriter()
    switch area {
    case .user: UserDocument(world, index).writeUser(to: &out)
    case .whereabouts: UserDocument(world, index).writeWhereabouts(to: &out)
    case .scheduler: ScheduleDocument(world, index).write(to: &out)
    case .todo: TodoDocument(world, index).write(to: &out)
    case .timesheet: TimesheetDocument(world, index).write(to: &out)
    case .addresses: CardDocument(world, index).writeAddresses(to: &out)
    case .directory: CardDocument(world, index).writeDirectory(to: &out)
    case .messages: try MessagesDocument(world, index).write(to: &out, sink)
    case .webmail: try WebmailDocument(world, index).write(to: &out, sink)
    }
    try out.drain(all: true, to: sink)
  }
}
