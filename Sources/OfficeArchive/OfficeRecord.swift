import OfficeModel

/// What belongs to the office and to no user: its groups, the backup group and its settings.
///
/// Members are ids: whoever is in a group need not be a user (yet), since users may be brought back later.
/// Everything that has a name in a folder has a number that is never given twice, so that the mount need not remember any.
public struct OfficeRecord: Sendable, Equatable {
  /// When something was added, and under which number.
  public struct Entry: Sendable, Equatable {
    public var number: Int64
    /// Seconds since 1970.
    public var seconds: Int64

    public init(number: Int64, seconds: Int64) {
      self.number = number
      self.seconds = seconds
    }
  }

  /// A settings text.
  public struct Text: Sendable, Equatable {
    public var content: String
    /// When it was written, in seconds since 1970.
    public var seconds: Int64

    public init(content: String, seconds: Int64) {
      self.content = content
      self.seconds = seconds
    }
  }

  /// A list of members.
  public enum List: Hashable, Sendable {
    case group(GroupName)
    /// Who is reminded of backups.
    case backup
  }

  /// What has a number.
  public enum Place: Hashable, Sendable {
    case group(GroupName)
    case member(UserID, of: List)
  }

  /// The groups.
  public private(set) var groups: [GroupName: Entry] = [:]
  /// Who has which settings text; what has none has its defaults.
  public var texts: [SettingsFile: Text] = [:]
  private var lists: [List: [UserID: Entry]] = [.backup: [:]]
  private var places: [Int64: Place] = [:]
  /// What is taken regardless of case.
  private var foldedGroups: [String: GroupName] = [:]
  private var foldedMembers: [List: [String: UserID]] = [:]

  public init() {}

  /// The members of a list; nil where there is no such group.
  public func members(of list: List) -> [UserID: Entry]? { lists[list] }

  /// What a number stands for; nil if it is gone.
  public subscript(number: Int64) -> Place? { places[number] }

  /// The groups that each member is in, sorted.
  public var memberships: [UserID: [GroupName]] {
    var memberships: [UserID: [GroupName]] = [:]
    for group in groups.keys.sorted() {
      for id in (lists[.group(group)] ?? [:]).keys { memberships[id, default: []].append(group) }
    }
    return memberships
  }

  // MARK: Changes

  /// Throws `.exists` if the name is taken, also in another case.
  public mutating func add(_ group: GroupName, _ entry: Entry) throws(OfficeError) {
    if let taken = foldedGroups[group.folded] {
      throw OfficeError(
        .exists,
        taken == group ? "the group exists" : "the name differs from \(taken) only in case",
        item: group.text, remedy: taken == group ? nil : "use \(taken), or another name")
    }
    groups[group] = entry
    foldedGroups[group.folded] = group
    lists[.group(group)] = [:]
    places[entry.number] = .group(group)
  }

  /// Removes a group without members. Throws `.notFound`, `.notEmpty`.
  public mutating func remove(_ group: GroupName) throws(OfficeError) {
    guard let entry = groups[group], let members = lists[.group(group)] else {
      throw OfficeError(.notFound, "no such group", item: group.text)
    }
    guard members.isEmpty else {
      throw OfficeError(.notEmpty, "the group has members", item: group.text)
    }
    groups[group] = nil
    foldedGroups[group.folded] = nil
    lists[.group(group)] = nil
    foldedMembers[.group(group)] = nil
    places[entry.number] = nil
  }

  /// Gives a group another name; a group of that name must be empty and goes. Throws `.notFound`, `.notEmpty`, `.exists`
  /// for a name that differs from a third one's in case only.
  public mutating func rename(_ group: GroupName, to other: GroupName) throws(OfficeError) {
    guard group != other else { return }
    guard let entry = groups[group], let members = lists[.group(group)] else {
      throw OfficeError(.notFound, "no such group", item: group.text)
    }
    if groups[other] != nil { try remove(other) }
    if let taken = foldedGroups[other.folded], taken != group {
      throw OfficeError(
        .exists, "the name differs from \(taken) only in case", item: other.text)
    }
    let folded = foldedMembers[.group(group)]
    lists[.group(group)] = [:]
    try remove(group)
    try add(other, entry)
    lists[.group(other)] = members
    foldedMembers[.group(other)] = folded
    for (id, member) in members { places[member.number] = .member(id, of: .group(other)) }
  }

  /// Adds a member; one who is there stays as they are. Throws `.notFound` without such a group, `.exists` for an id that
  /// differs from a member's in case only.
  public mutating func add(_ id: UserID, to list: List, _ entry: Entry) throws(OfficeError) {
    guard let members = lists[list] else { throw OfficeError(.notFound, "no such group") }
    guard members[id] == nil else { return }
    if let taken = foldedMembers[list]?[id.folded] {
      throw OfficeError(
        .exists, "the id differs from \(taken) only in case", item: id.text,
        remedy: "use \(taken), or another id")
    }
    lists[list]?[id] = entry
    foldedMembers[list, default: [:]][id.folded] = id
    places[entry.number] = .member(id, of: list)
  }

  /// Gives a member another time, in seconds since 1970. Throws `.notFound` for someone who is no member.
  public mutating func setTime(
    _ seconds: Int64, of id: UserID, in list: List
  ) throws(OfficeError) {
    guard lists[list]?[id] != nil else {
      throw OfficeError(.notFound, "no such member", item: id.text)
    }
    lists[list]?[id]?.seconds = seconds
  }

  /// Throws `.notFound` for someone who is no member.
  public mutating func remove(_ id: UserID, from list: List) throws(OfficeError) {
    guard let entry = lists[list]?[id] else {
      throw OfficeError(.notFound, "no such member", item: id.text)
    }
    lists[list]?[id] = nil
    foldedMembers[list]?[id.folded] = nil
    places[entry.number] = nil
  }
}

extension OfficeRecord.List: CustomStringConvertible {
  /// For logs.
  public var description: String {
    switch self {
    case .group(let name): "the group \(name)"
    case .backup: "the backup group"
    }
  }
}
