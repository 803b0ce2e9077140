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
  /// For each area whose document changed.
  public var changes: [CellChange]
}

/// How an area's document changed.
public struct CellChange: Sendable, Equatable {
  public var area: Area
  public var added: Int
  public var changed: Int
  public var removed: Int
  /// False if the cell was replaced without comparing item by item (see `LiveStore.prepare`);
  /// then `added` and `removed` are all items of the new and the old document.
  public var isCounted: Bool
}
