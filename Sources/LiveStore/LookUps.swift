import ItemStore
import OfficeModel

/// What a look-up needs: one indexed read each, of the newest commit.
extension LiveStore {
  /// The newest version of a user; nil where there is none.
  public func user(_ id: UserID) throws(OfficeError) -> UserState? {
    try items.read { connection throws(OfficeError) in
      try UserTable.live(id, in: connection)?.state
    }
  }

  /// The user whose id is this one but for case (`UserID.folded`).
  public func user(folded: String) throws(OfficeError) -> UserState? {
    try items.read { connection throws(OfficeError) in
      try UserTable.live(folded: folded, in: connection)?.state
    }
  }

  /// Any version, and the commit that ended it (nil if it is the newest); nil if it was purged or never was.
  public func user(version: Int64) throws(OfficeError) -> (state: UserState, died: Int64?)? {
    try items.read { connection throws(OfficeError) in
      guard let row = try UserTable.version(version, in: connection) else { return nil }
      return (row.state, row.isLive ? nil : row.died)
    }
  }

  /// Up to `limit` users in the order of their ids' bytes, beyond `id`; "" begins.
  public func users(after id: String, limit: Int) throws(OfficeError) -> UserPage {
    try items.read { connection throws(OfficeError) in
      try UserTable.live(after: id, limit: limit, in: connection)
    }
  }

  /// An area's sums, the commit that last changed it and its time in nanoseconds.
  public func column(
    _ area: Area
  ) throws(OfficeError) -> (sums: CellSums, commit: Int64, mtime: Int64) {
    try items.read { connection throws(OfficeError) in
      let row = try ColumnTable.load(area, in: connection)
      return (row.sums, row.changed, row.mtime)
    }
  }

  /// How many users, items and bytes of documents the office has.
  public func totals() throws(OfficeError) -> (users: Int64, items: Int64, bytes: Int64) {
    try items.read { connection throws(OfficeError) in
      var totals: (users: Int64, items: Int64, bytes: Int64) = (0, 0, 0)
      for area in Area.allCases {
        let row = try ColumnTable.load(area, in: connection)
        totals.users = row.sums.cells
        totals.items += row.items
        totals.bytes += row.bytes
      }
      return totals
    }
  }

  /// The folders of `undo/`, oldest first.
  public func undoGroups() throws(OfficeError) -> [UndoGroup] {
    try items.read { connection throws(OfficeError) in try UndoTable.groups(in: connection) }
  }

  /// The files of a folder, sorted by id; none if it is gone.
  public func undoFiles(of group: Int64) throws(OfficeError) -> [UndoFile] {
    try items.read { connection throws(OfficeError) in
      try UndoTable.files(of: group, in: connection)
    }
  }
}
