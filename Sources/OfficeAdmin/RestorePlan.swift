import BackupRepository
import ItemStore
import LiveStore
import OfficeModel

/// How many objects a restore touches, matched by their natural keys as import reports do.
public struct RestoreCounts: Sendable, Equatable {
  /// Cells that get other bytes or another time; their objects may be the same all the same (in another frame).
  public var cells = 0
  public var added = 0
  public var changed = 0
  public var removed = 0
  /// In chosen cells, and the same on both sides.
  public var same = 0
  /// Cells of the office that could not be read, which are copied anew.
  public var damaged = 0

  public init() {}

  mutating func add(_ comparison: CellComparison) {
    added += comparison.added
    changed += comparison.changed
    removed += comparison.removed
    same += comparison.same
  }

  static func += (left: inout RestoreCounts, right: RestoreCounts) {
    left.cells += right.cells
    left.added += right.added
    left.changed += right.changed
    left.removed += right.removed
    left.same += right.same
    left.damaged += right.damaged
  }
}

/// What a restore is going to do, frozen when it was made; while it is held, so are the set and the office as it was.
///
/// Memory: some 100 bytes a user, whatever they have.
public final class RestorePlan: Sendable {
  /// What becomes of a user.
  public enum Fate: Sendable, Equatable {
    /// In the archive and the office, and chosen.
    case restored
    /// In the archive only, and chosen.
    case added
    /// Not in the archive, and removed.
    case removed
    /// Not in the archive, and left alone.
    case stays
  }

  /// A user who was chosen, or who is not in the archive.
  public struct User: Sendable, Equatable {
    public var id: UserID
    public var fate: Fate
    /// Over the chosen areas; over all for one who is removed, none for one who stays.
    public var counts: RestoreCounts
  }

  /// A chosen area.
  public struct Column: Sendable, Equatable {
    public var area: Area
    public var counts: RestoreCounts
  }

  /// Where room is needed.
  public struct Space: Sendable, Equatable {
    /// About how many bytes the office will grow by.
    public var needed: Int64
    /// What is free on its disk beside the reserve.
    public var free: Int64
    /// What is free on the repository's disk, which takes the set before the restore.
    public var repositoryFree: Int64
  }

  public let set: BackupSet
  public let choice: RestoreChoice
  /// When it was made, in seconds since 1970.
  public let seconds: Int64
  /// In the order of areas.
  public let areas: [Column]
  /// Sorted by id.
  public let users: [User]
  /// What changes in groups and settings, one line each.
  public let officeChanges: [String]
  public let space: Space
  /// Why it can't be carried out; empty if it can.
  public let refusals: [OfficeError]
  /// Eight hexadecimal digits: of the set, the choice and the versions of all chosen cells. Nil if it can't be carried out.
  public let code: String?

  let archive: SetView
  let basis: LiveView
  /// The office's own version that it was made with; nil if there was none.
  let officeVersion: Int64?

  init(
    _ planning: RestorePlanning, set: BackupSet, seconds: Int64, space: Space,
    refusals: [OfficeError], code: String
  ) {
    self.set = set
    self.seconds = seconds
    self.space = space
    self.refusals = refusals
    self.code = refusals.isEmpty ? code : nil
    choice = planning.choice
    areas = planning.areas
    users = planning.users
    officeChanges = planning.officeChanges
    archive = planning.archive
    basis = planning.basis
    officeVersion = planning.officeVersion
  }

  /// Over all chosen areas and users.
  public var total: RestoreCounts {
    users.filter { $0.fate != .removed }.reduce(into: RestoreCounts()) { $0 += $1.counts }
  }

  /// Whether carrying it out would change anything.
  public var changesAnything: Bool {
    !officeChanges.isEmpty
      || users.contains { user in
        switch user.fate {
        case .added, .removed: true
        case .restored: user.counts.cells > 0
        case .stays: false
        }
      }
  }

  /// The users whose files it changes, and how.
  public var touched: [(id: UserID, what: RestoredUser)] {
    users.compactMap { user in
      switch user.fate {
      case .added: (user.id, .added)
      case .removed: (user.id, .removed)
      case .restored: user.counts.cells > 0 ? (user.id, .changed) : nil
      case .stays: nil
      }
    }
  }
}
