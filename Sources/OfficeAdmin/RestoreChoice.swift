import OfficeModel

/// What of an archive is to be restored.
public struct RestoreChoice: Sendable, Equatable {
  /// The areas; those that the archive does not have are refused when it is planned.
  public var areas: Set<Area>
  /// The users; those who are not in the archive are refused when it is planned.
  public var users: Set<UserID>
  /// The office's groups and their members.
  public var groups: Bool
  /// The office's settings: `office.toml` and the backup group.
  public var settings: Bool
  /// Users who are not in the archive are deleted; needs all nine areas.
  public var removesOthers: Bool

  public init(
    areas: Set<Area>, users: Set<UserID>, groups: Bool = false, settings: Bool = false,
    removesOthers: Bool = false
  ) {
    self.areas = areas
    self.users = users
    self.groups = groups
    self.settings = settings
    self.removesOthers = removesOthers
  }

  /// As it is hashed into a plan's code.
  var text: String {
    let areas = areas.sorted().map(\.name).joined(separator: ",")
    let users = users.sorted().map(\.text).joined(separator: ",")
    return "areas \(areas)\nusers \(users)\n\(groups) \(settings) \(removesOthers)\n"
  }
}

/// How far planning or running a restore has come.
public struct RestoreProgress: Sendable, Equatable {
  public enum Step: String, Sendable, CaseIterable {
    /// Cells of the archive and the office are compared.
    case comparing
    /// The set `before-restore` is being made.
    case backingUp
    /// Content is being copied that nobody sees yet.
    case copying
    /// It takes effect.
    case publishing
  }

  public var step: Step
  /// Of `total` users; both 0 where they are not counted.
  public var done: Int64
  public var total: Int64

  public init(step: Step, done: Int64 = 0, total: Int64 = 0) {
    self.step = step
    self.done = done
    self.total = total
  }
}
