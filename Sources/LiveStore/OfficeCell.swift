import ItemStore
import OfficeModel

// The office's own cell: what belongs to no user, kept as a user's cells are.

extension LiveStore {
  /// Makes the staged cell the office's, if the office's version is still the expected one (nil: there is none yet).
  ///
  /// `what` names the folder of `undo/`; a change that `joins` one of the same `group` (a process) leaves there what the
  /// first one found. Throws `.stale` if the version is another, `.noSpace` on a full disk: then the stage is of no use.
  public func publishOffice(
    _ stage: Stage, expecting version: Int64?, what: String, joins: Bool, by caller: String,
    group: Int64
  ) throws(OfficeError) -> UserState {
    try stage.assertPublishable()
    // A stage is spent by a commit that failed, so it is not tried again here: see `releaseReserve`.
    let user = try change(mayUseReserve: false) { change throws(OfficeError) in
      let user = try publishOffice(
        stage, expecting: version, what: what, joins: joins, by: caller, group: group, in: &change)
      return (user, isChange: true)
    }
    stage.isSpent = true
    stage.items.finish()
    sweep()
    return user
  }

  func publishOffice(
    _ stage: Stage, expecting version: Int64?, what: String, joins: Bool, by caller: String,
    group: Int64, in change: inout Change
  ) throws(OfficeError) -> UserState {
    let known = try UserTable.live(.office, in: change.connection)
    guard known?.state.version == version else {
      throw OfficeError(.stale, "the groups or settings have changed since")
    }
    let number: UserNumber
    let before: [CellState]
    if let known {
      number = known.state.number
      before = try CellTable.cells(of: number, at: .max - 1, in: change.connection)
      try change.keep(known.state, what: what, party: group, author: caller, joins: joins)
      try change.close(known)
    } else {
      number = try change.newNumber()
      before = Array(repeating: .empty, count: Area.allCases.count)
    }
    let after = try replace(before, with: stage, of: number, in: &change)
    return try change.open(number, .office, cells: after, mtime: nil)
  }
}
