import OfficeModel

/// What a backup is to do.
public struct BackupPlan: Sendable {
  /// The areas to bring up to date; all nine are a full backup.
  public var areas: Set<Area>
  /// Who asked for it, see `BackupSet.process`.
  public var process: String
  /// The time, in seconds since 1970.
  public var seconds: Int64
  /// The calendar day in the office's time zone, counted from 1970-01-01.
  public var day: Int64
  /// The backup's name, see `LiveStore.beginBackup`.
  public var name: Int64
  /// Whether the newest set and the office know each other; if not, all cells are compared by their digests.
  public var isKnown: Bool
  /// Cells to copy anew whatever is known of them.
  public var again: [CellName] = []
  /// For how many seconds the set is kept beside the slots, of which none turns; nil for a set that takes the latest
  /// one's place.
  public var keptBeside: Int64?

  public init(
    areas: Set<Area> = Set(Area.allCases), process: String, seconds: Int64, day: Int64,
    name: Int64, isKnown: Bool
  ) {
    self.areas = areas
    self.process = process
    self.seconds = seconds
    self.day = day
    self.name = name
    self.isKnown = isKnown
  }

  var isFull: Bool { areas.count == Area.allCases.count }
}

/// A cell by the names it has in the mount.
public struct CellName: Hashable, Sendable, CustomStringConvertible {
  public var id: UserID
  public var area: Area

  public init(id: UserID, area: Area) {
    self.id = id
    self.area = area
  }

  public var description: String { "\(id)/\(area.fileName)" }
}

/// What a backup did.
public struct BackupResult: Sendable {
  public var set: BackupSet
  /// Where the books did not agree with the data; each was put right by copying the cell anew.
  public var defects: [Fault]

  public init(set: BackupSet, defects: [Fault]) {
    self.set = set
    self.defects = defects
  }
}
