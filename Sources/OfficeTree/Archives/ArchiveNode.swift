import OfficeModel

/// What a node of `archives/` is.
enum ArchiveNode: Hashable, Sendable {
  case root
  /// A backup set as one file.
  case set(Int64)
  /// The link `latest.sar` while it leads to that set.
  case latest(Int64)
  /// A folder in `undo/` with what was removed; the number is of the first set in it.
  case removed(Int64)

  private enum Kind: UInt64 {
    case root = 0
    case set, latest, removed
  }

  /// Nil for a number that no node has.
  init?(_ node: NodeID) {
    guard node.branch == ArchivesBranch.number else { return nil }
    let number = Int64(bitPattern: node.row >> 4)
    switch Kind(rawValue: node.row & 15) {
    case .root: self = .root
    case .set: self = .set(number)
    case .latest: self = .latest(number)
    case .removed: self = .removed(number)
    case nil: return nil
    }
  }

  /// Part of inode numbers: what stands for a node must not change.
  var id: NodeID {
    switch self {
    case .root: node(.root, 0)
    case .set(let number): node(.set, number)
    case .latest(let number): node(.latest, number)
    case .removed(let number): node(.removed, number)
    }
  }

  private func node(_ kind: Kind, _ number: Int64) -> NodeID {
    ArchivesBranch.node(row: UInt64(bitPattern: number) << 4 | kind.rawValue)
  }
}
