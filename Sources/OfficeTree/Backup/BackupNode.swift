import BackupRepository
import OfficeModel

/// Which way a set was entered.
///
/// It is part of the node, so that a folder's node has one path only: the kernel would move who is inside one to the other.
struct Door: RawRepresentable, Hashable, Sendable {
  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// `backup/` itself for slot 0, else `backup/1` to `backup/7`.
  static func slot(_ slot: Int) -> Door { Door(rawValue: UInt64(slot)) }
  static let latest = slot(Rotation.latest)
  static let byDate = Door(rawValue: 8)
  static let hold = Door(rawValue: 9)

  /// by-date/ is what goes offsite: a column there would send every user once more.
  var showsColumns: Bool { self != .byDate }
}

/// What a node of `backup/` is.
enum BackupNode: Hashable, Sendable {
  case root
  case byDate
  case hold
  case update
  /// `backup.txt`
  case table
  /// `update/all` (nil) or `update/<area>`
  case order(Area?)
  case set(Int64, Door)
  /// A set's folder `users`.
  case users(Int64, Door)
  /// One version of a user's file: the same in every set that shows it, through every door.
  case file(version: Int64)
  case column(Area, set: Int64)
  /// A version of `office.json`.
  case record(version: Int64)

  private enum Kind: UInt64 {
    case fixed = 0
    case order, set, users, file, column, record
  }

  private static let fixed: [BackupNode] = [.root, .byDate, .hold, .update, .table]

  /// Nil for a number that no node has.
  init?(_ node: NodeID) {
    let number = Int64(bitPattern: node.row >> 8)
    let tag = node.row >> 4 & 15
    switch Kind(rawValue: node.row & 15) {
    case .fixed:
      guard BackupNode.fixed.indices.contains(Int(number)) else { return nil }
      self = BackupNode.fixed[Int(number)]
    case .order:
      guard number != 0 else {
        self = .order(nil)
        return
      }
      guard let area = Area(rawValue: UInt8(truncatingIfNeeded: number)) else { return nil }
      self = .order(area)
    case .set: self = .set(number, Door(rawValue: tag))
    case .users: self = .users(number, Door(rawValue: tag))
    case .file: self = .file(version: number)
    case .column:
      guard let area = Area(rawValue: UInt8(tag)) else { return nil }
      self = .column(area, set: number)
    case .record: self = .record(version: number)
    case nil: return nil
    }
  }

  /// Part of inode numbers: what stands for a node must not change.
  var id: NodeID {
    switch self {
    case .root, .byDate, .hold, .update, .table:
      node(.fixed, Int64(BackupNode.fixed.firstIndex(of: self) ?? 0))
    case .order(let area): node(.order, Int64(area?.rawValue ?? 0))
    case .set(let number, let door): node(.set, number, tag: door.rawValue)
    case .users(let number, let door): node(.users, number, tag: door.rawValue)
    case .file(let version): node(.file, version)
    case .column(let area, let number): node(.column, number, tag: UInt64(area.rawValue))
    case .record(let version): node(.record, version)
    }
  }

  private func node(_ kind: Kind, _ number: Int64, tag: UInt64 = 0) -> NodeID {
    BackupBranch.node(row: UInt64(bitPattern: number) << 8 | tag << 4 | kind.rawValue)
  }
}
