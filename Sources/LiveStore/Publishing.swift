import ItemStore
import OfficeModel

extension LiveStore {
  /// Cells with more items than this, old and new together, are compared by `prepare` only, never while others wait.
  static let mostCompared: Int64 = 6_000
  /// Bytes and items in memory that may still go in with the publication itself.
  private static let mostWaiting = (bytes: 256 << 10, items: 1_000)

  /// Compares the staged cells with those of the user they will likely replace, so that `publish` changes only the
  /// items that differ. Takes time in proportion to the items and blocks nobody; call it before a publication that has
  /// to be quick, as for rename. Without it (or if the cell changes meanwhile) large cells are replaced as a whole.
  public func prepare(_ stage: Stage, as id: UserID) throws(OfficeError) {
    try stage.settle()
    let cells: [CellState]? = try items.read { connection throws(OfficeError) in
      guard let user = try UserTable.live(id, in: connection) else { return nil }
      return try CellTable.cells(of: user.state.number, at: .max - 1, in: connection)
    }
    stage.differences = [:]
    guard let cells else { return }
    // What is compared is the newest version: its storage may be changed or dropped while this reads, so it is pinned.
    let view = try view()
    defer { withExtendedLifetime(view) {} }
    for (area, current) in zip(Area.allCases, cells) {
      guard let sealed = stage.sealed.first(where: { $0.area == area }),
        current.storage != 0, sealed.cell.items > 0, sealed.state.digest != current.digest
      else { continue }
      stage.differences[area] = try items.difference(
        of: current.stored, and: stage.items.storage(of: sealed.cell))
    }
  }

  /// Makes the staged cells the user's. A user who is not there is added; cells that were not staged stay.
  ///
  /// If nothing differs, there is no new version; a given `mtime` (nanoseconds) is set all the same. Throws `.exists`
  /// if the id is taken in another case; then the stage can still be published under another id; `.stale` if the cells
  /// were merged with some that the user no longer has: merge again.
  /// `group` joins what one caller does at once (its process id) into one folder of `undo/`.
  public func publish(
    _ stage: Stage, as id: UserID, mtime: Int64? = nil, by caller: String, group: Int64 = 0
  ) throws(OfficeError) -> Publication {
    try stage.assertPublishable()
    let waiting = stage.items.waiting
    if waiting.bytes > LiveStore.mostWaiting.bytes || waiting.items > LiveStore.mostWaiting.items {
      try stage.settle()
    }
    let publication = try change(mayUseReserve: false) { change throws(OfficeError) in
      try publish(stage, as: id, mtime: mtime, by: caller, group: group, in: &change)
    }
    finish(stage)
    return publication
  }

  /// Adds a user who has nothing yet, as `touch` does; of one who is there, sets the time if one is given.
  public func add(
    _ id: UserID, mtime: Int64? = nil, by caller: String
  ) throws(OfficeError) -> Publication {
    try publish(try stage(), as: id, mtime: mtime, by: caller)
  }

  /// The refusal of an id that differs from a user's in case only.
  public static func takenInAnotherCase(_ id: UserID) -> OfficeError {
    OfficeError(
      .exists, "the id is taken in another case", item: id.text, remedy: "use \(id.text)")
  }

  private func finish(_ stage: Stage) {
    stage.isSpent = true
    let unused = stage.merged == nil ? [] : stage.items.storages
    stage.items.finish()
    drop(unused)
    sweep()
  }

  private func publish(
    _ stage: Stage, as id: UserID, mtime: Int64?, by caller: String, group: Int64,
    in change: inout Change
  ) throws(OfficeError) -> (Publication, isChange: Bool) {
    let known = try UserTable.live(folded: id.folded, in: change.connection)
    if let known, known.state.id != id {
      throw LiveStore.takenInAnotherCase(known.state.id)
    }
    let number: UserNumber
    let before: [CellState]
    if let known {
      number = known.state.number
      before = try CellTable.cells(of: number, at: .max - 1, in: change.connection)
    } else {
      number = try change.newNumber()
      before = Array(repeating: .empty, count: Area.allCases.count)
    }
    if let merged = stage.merged, merged.basis != before || merged.user != known?.state.number {
      throw OfficeError(.stale, "the user has changed since")
    }
    let after = try replace(before, with: stage, of: number, in: &change)
    if let known, after == before {
      var row = known
      if let mtime, mtime != row.state.mtime {
        row.state.mtime = mtime
        try UserTable.update(row, in: change.connection)
      }
      return (
        Publication(
          user: row.state, isNew: false, isUnchanged: true, before: before, after: after),
        false
      )
    }
    if let known {
      try change.keep(known.state, what: "import", party: group, author: caller)
      try change.close(known)
      try change.replace(before, by: after, of: id)
    } else {
      try change.add(after, of: id, count: 1)
    }
    let user = try change.open(number, id, cells: after, mtime: mtime)
    return (
      Publication(
        user: user, isNew: known == nil, isUnchanged: false, before: before, after: after),
      true
    )
  }

  /// Replaces a user's cells by the staged ones, where they differ; returns the nine cells as they are then.
  func replace(
    _ before: [CellState], with stage: Stage, of user: UserNumber, in change: inout Change
  ) throws(OfficeError) -> [CellState] {
    var after = before
    let isSame = stage.outcome.allSatisfy { sealed in
      let current = before[Area.allCases.firstIndex(of: sealed.area) ?? 0]
      return sealed.state.digest == current.digest && sealed.state.mtime == current.mtime
    }
    if !isSame { try stage.items.store(in: change.connection) }
    for (index, area) in Area.allCases.enumerated() {
      guard let sealed = stage.outcome.first(where: { $0.area == area }) else { continue }
      let current = before[index]
      let storage = stage.items.storage(of: sealed.cell)
      var state = sealed.state
      state.born = change.commit
      if sealed.state.digest == current.digest && sealed.state.size == current.size {
        try StorageChanges.drop(storage, in: change.connection)
        if sealed.state.mtime == current.mtime { continue }
        // Same document under another time: the archive's bytes differ all the same.
        state.storage = current.storage
        state.items = current.items
      } else {
        state.storage = storage
        try put(sealed, &state, over: current, area: area, from: stage, in: change)
      }
      if let old = try CellTable.cell(area, of: user, at: .max - 1, in: change.connection) {
        try CellTable.close(old, at: change.commit, in: change.connection)
      }
      try CellTable.insert(
        CellRow(area: area, user: user, state: state, died: ItemSchema.never),
        in: change.connection)
      after[index] = state
    }
    return after
  }

  // Few differences go into the storage the cell has; else the cell points to the staged one.
  private func put(
    _ sealed: Stage.Sealed, _ state: inout CellState, over current: CellState, area: Area,
    from stage: Stage, in change: Change
  ) throws(OfficeError) {
    let staged = stage.items.storage(of: sealed.cell)
    var difference: StorageDifference?
    if current.storage != 0 && staged != 0 {
      if let known = stage.differences[area], known.current == current.stored {
        difference = known
      } else if current.items + sealed.cell.items <= LiveStore.mostCompared {
        difference = try ItemDatabase.difference(
          of: current.stored, and: staged, in: change.connection)
      }
    }
    if let difference, difference.isSmall {
      try StorageChanges.apply(
        difference, from: staged, at: change.commit, in: change.connection)
      try StorageChanges.drop(staged, in: change.connection)
      state.storage = current.storage
    } else {
      try StorageChanges.adopt(staged, in: change.connection)
    }
  }
}
