import ItemStore
import OfficeModel

extension LiveStore {
  /// Removes a user: one row ends. The user's items stay for undo. Throws `.notFound`.
  public func delete(
    _ id: UserID, by caller: String, group: Int64 = 0
  ) throws(OfficeError) {
    try change(mayUseReserve: true) { change throws(OfficeError) in
      guard let row = try UserTable.live(id, in: change.connection) else {
        throw OfficeError(.notFound, "there is no such user", item: id.text)
      }
      let cells = try CellTable.cells(
        of: row.state.number, at: .max - 1, in: change.connection)
      try change.keep(row.state, what: "delete", party: group, author: caller)
      try change.close(row)
      try change.add(cells, of: id, count: -1)
      return ((), isChange: true)
    }
  }

  /// Takes back a delete: the user's cells, number and time are those of `user`, the version that was deleted.
  /// Throws `.exists` if the id is taken by now, `.stale` if the data was erased.
  public func undelete(_ user: UserState) throws(OfficeError) {
    try change(mayUseReserve: true) { change throws(OfficeError) in
      if let taken = try UserTable.live(folded: user.id.folded, in: change.connection) {
        throw OfficeError(.exists, "there is such a user", item: taken.state.id.text)
      }
      guard let row = try UserTable.version(user.version, in: change.connection), !row.isLive else {
        throw OfficeError(.stale, "this version is gone", item: user.id.text)
      }
      let cells = try CellTable.cells(of: user.number, at: .max - 1, in: change.connection)
      try change.add(cells, of: user.id, count: 1)
      _ = try change.open(user.number, user.id, cells: cells, mtime: user.mtime)
      return ((), isChange: true)
    }
  }

  /// Gives a user another id; the number and the data stay, but for the cells of `replacing` (the one that names the id).
  /// Throws `.notFound`, `.exists` if the new id is taken, also in another case by another user, or `.stale` if the
  /// user's version is not the expected one.
  public func rename(
    _ id: UserID, to other: UserID, replacing stage: Stage? = nil, expecting version: Int64? = nil,
    by caller: String, group: Int64 = 0
  ) throws(OfficeError) -> UserState {
    try stage?.assertPublishable()
    // The report goes with its user.
    try? keepReports()
    let user = try change(mayUseReserve: stage == nil) { change throws(OfficeError) in
      guard let row = try UserTable.live(id, in: change.connection) else {
        throw OfficeError(.notFound, "there is no such user", item: id.text)
      }
      if let version, row.state.version != version {
        throw OfficeError(.stale, "the user has changed since")
      }
      if let taken = try UserTable.live(folded: other.folded, in: change.connection),
        taken.state.number != row.state.number
      {
        throw OfficeError(.exists, "there is such a user", item: taken.state.id.text)
      }
      let number = row.state.number
      let before = try CellTable.cells(of: number, at: .max - 1, in: change.connection)
      var after = before
      if let stage {
        after = try replace(before, with: stage, of: number, in: &change)
      }
      guard id != other || after != before else { return (row.state, isChange: false) }
      try change.keep(row.state, what: "rename", party: group, author: caller)
      try change.close(row)
      try change.add(before, of: id, count: -1)
      try change.add(after, of: other, count: 1)
      try ReportTable.rename(id, to: other, in: change.connection)
      let renamed = try change.open(number, other, cells: after, mtime: nil)
      return (renamed, isChange: true)
    }
    if let stage {
      stage.isSpent = true
      stage.items.finish()
      sweep()
    }
    return user
  }

  /// Sets the time of a user's file, in nanoseconds since 1970: the same version. Throws `.stale` if that is not the newest.
  public func setTime(version: Int64, mtime: Int64) throws(OfficeError) {
    try items.write(urgent: true, mayUseReserve: true) { connection throws(OfficeError) in
      guard var row = try UserTable.version(version, in: connection), row.isLive else {
        throw OfficeError(.stale, "the user has changed since")
      }
      row.state.mtime = mtime
      try UserTable.update(row, in: connection)
    }
  }
}
