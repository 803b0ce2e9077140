import ItemStore
import OfficeModel

/// What an import did.
public struct Publication: Sendable {
  /// The user as published, or as before if nothing changed.
  public var user: UserState
  /// Whether the user was added.
  public var isNew: Bool
  /// Whether the office already held exactly this; then there is no new version.
  public var isUnchanged: Bool
  /// The nine cells before and after.
  public var before: [CellState]
  public var after: [CellState]
}

/// How a cell differs from what came in for it, object by object.
public struct CellChange: Sendable, Equatable {
  public var area: Area
  /// The cell that was compared.
  public var before: CellState
  /// What came in.
  public var staged: Digest
  public var comparison: CellComparison
}
