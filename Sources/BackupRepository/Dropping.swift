import ItemStore
import OfficeModel

extension Repository {
  private static let rowsAStep = 200

  /// Lets a set go. Who has it open keeps it; its rows are removed in the background once nobody does.
  /// Throws `.busy` for a set in a slot or hold and for the newest one, `.stale` if it is gone.
  public func drop(_ set: BackupSet) throws(OfficeError) {
    try commit { connection throws(OfficeError) in
      guard let found = try SetTable.set(set.number, in: connection), found.state == .listed else {
        throw OfficeError(.stale, "this backup set is gone", item: set.name)
      }
      if found.set.slot != nil || found.set.hold != nil {
        throw OfficeError(
          .busy, "the set is in a slot or held", item: set.name,
          remedy: "rmdir what holds it; slots turn over with each day's backup")
      }
      try assertNotNewest(found.set, in: connection)
      try assertUnclaimed(found.set)
      try SetTable.save(found.set, .dropped, in: connection)
    }
    noteDropped()
  }

  /// Keeps a set out of rotation's reach under a name. Throws `.exists` if the name holds another set or the set is
  /// held under another one, `.stale` if it is gone.
  public func hold(_ set: BackupSet, as name: String) throws(OfficeError) {
    try commit { connection throws(OfficeError) in
      guard var found = try SetTable.set(set.number, in: connection), found.state == .listed,
        found.set.removal == nil
      else {
        throw OfficeError(.stale, "this backup set is gone", item: set.name)
      }
      let other = try rows.listed(in: connection).first { $0.hold == name }
      guard !name.isEmpty, other == nil, found.set.hold == nil else {
        throw OfficeError(
          .exists, "the set or the name is in use for a hold",
          item: other?.name ?? found.set.hold ?? name)
      }
      found.set.hold = name
      try SetTable.save(found.set, .listed, in: connection)
    }
    noteChange()
  }

  /// Ends a hold at `now`. A set that nothing else keeps then, neither a slot nor its time, is removed: readable until
  /// `until`, both in seconds since 1970. Throws `.notFound`.
  public func release(
    hold name: String, at now: Int64, until: Int64
  ) throws(OfficeError) {
    try commit { connection throws(OfficeError) in
      let held = try rows.listed(in: connection).first { $0.hold == name }
      guard var set = held else {
        throw OfficeError(.notFound, "nothing is held under this name", item: name)
      }
      set.hold = nil
      try SetTable.save(set, .listed, in: connection)
      if set.slot == nil && set.until <= now {
        try remove(set, .release, at: now, until: until, in: connection)
      }
      try expire(at: now, in: connection)
    }
    noteDropped()
  }

  /// Drops the sets whose time is over: for a daily call.
  public func expire(at seconds: Int64) throws(OfficeError) {
    try items.write(urgent: true, mayUseReserve: true) { connection throws(OfficeError) in
      try expire(at: seconds, in: connection)
    }
    noteDropped()
  }

  func expire(at seconds: Int64, in connection: Connection) throws(OfficeError) {
    let sets = try rows.listed(in: connection)
    let newest = sets.last { $0.chain == 0 }?.number
    let claimed = state.withLock { Set($0.claims.keys) }
    for set in sets
    where set.slot == nil && set.hold == nil && set.until <= seconds && set.number != newest
      && !claimed.contains(set.number)
    {
      try SetTable.save(set, .dropped, in: connection)
    }
  }

  private func assertNotNewest(
    _ set: BackupSet, in connection: Connection
  ) throws(OfficeError) {
    let newest = try rows.listed(in: connection).last { $0.chain == 0 }
    // The next backup is told by what differs from it.
    guard set.number != newest?.number else {
      throw OfficeError(.busy, "the newest set stays until there is a newer one", item: set.name)
    }
  }

  func noteDropped() {
    state.withLock { $0.hasDropped = true }
    noteChange()
    sweep()
  }

  /// Removes in the background, in bounded steps, what no set shows any more.
  func sweep() {
    sweeper.run { [weak self] () throws(OfficeError) in
      guard let self else { return }
      try self.sweepNow()
    }
  }

  /// The same at once, to the end.
  func sweepNow() throws(OfficeError) {
    guard items.failure == nil else { return }
    let wasWanted = state.withLock { state in
      defer { state.hasDropped = false }
      return state.hasDropped
    }
    if wasWanted {
      while !sweeper.isStopping, try removeStep() {}
    }
    try items.sweep(until: sweeper)
  }

  /// Removes some rows of a dropped set that nobody has open. Returns whether there is more.
  private func removeStep() throws(OfficeError) -> Bool {
    try items.write(urgent: false, mayUseReserve: true) { connection throws(OfficeError) in
      let (rows, damaged) = try self.rows.all(in: connection)
      let dropped = rows.filter { $0.state == .dropped }.map(\.set)
      // INVARIANT: pins are looked at within the transaction, after which no view of a dropped set begins.
      let pinned = state.withLock { Set($0.pins.keys) }
      if dropped.contains(where: { pinned.contains($0.number) }) {
        state.withLock { $0.hasDropped = true }
      }
      guard let set = dropped.first(where: { !pinned.contains($0.number) }) else { return false }
      // Of a damaged row the number is all that is believed, and that its set may be wanted.
      let kept =
        damaged
        + rows.filter {
          $0.set.chain == set.chain
            && ($0.state == .listed || $0.state == .dropped && pinned.contains($0.set.number))
        }.map(\.set.number)
      let gap = Gap(
        chain: set.chain, before: kept.filter { $0 < set.number }.max() ?? 0, number: set.number,
        next: kept.filter { $0 > set.number }.min() ?? .max)
      let cells = try CellTable.doomed(gap, limit: Repository.rowsAStep, in: connection)
      for cell in cells where try !remove(cell, in: connection) { return true }
      let files = try FileTable.doomed(gap, limit: Repository.rowsAStep, in: connection)
      for file in files { try remove(file, in: connection) }
      if cells.isEmpty && files.isEmpty { try SetTable.delete(set.number, in: connection) }
      return true
    }
  }

  /// Removes a version of a cell and the items that it alone shows. Returns false if there are more of those than one
  /// step removes.
  func remove(_ cell: CellRow, in connection: Connection) throws(OfficeError) -> Bool {
    if cell.state.storage != 0 {
      let (before, after) = try CellTable.neighbours(of: cell, in: connection)
      if before == nil && after == nil {
        try StorageChanges.drop(cell.state.storage, in: connection)
      } else if try items.prune(
        cell.state.storage, at: cell.state.born, after: before, before: after, in: connection)
      {
        return false
      }
    }
    try CellTable.delete(cell, in: connection)
    return true
  }

  private func remove(_ file: FileRow, in connection: Connection) throws(OfficeError) {
    try FileTable.delete(file.version, in: connection)
    if file.chain != 0 { try NameTable.forgetUnused(file.user, in: connection) }
  }

  /// At start-up: what was being made when the last process ended goes.
  func removeUnfinished() throws(OfficeError) {
    try items.dropStaged()
    for set in try unfinished() { try remove(unfinished: set) }
  }

  /// The sets that are being made, or were when what made them failed.
  func unfinished() throws(OfficeError) -> [BackupSet] {
    try items.read { connection throws(OfficeError) in
      try rows.all(in: connection).rows.filter { $0.state == .making }.map(\.set)
    }
  }

  /// Removes the rows of a set that was never listed, and the set. With `ifAbandoned` only if nobody is making it any
  /// more.
  func remove(unfinished set: BackupSet, ifAbandoned: Bool = false) throws(OfficeError) {
    while try items.write(
      urgent: false, mayUseReserve: true,
      { connection throws(OfficeError) in
        // INVARIANT: looked at within the transaction: an upload is noted in the one that reserves its number, and
        // forgotten only after the one that lists it.
        if ifAbandoned {
          let isUnderWay = state.withLock { $0.uploads.contains(set.number) }
          let state = try SetTable.set(set.number, in: connection)?.state
          guard state == .making, !isUnderWay else { return false }
        }
        return try removeStep(unfinished: set, in: connection)
      })
    {}
  }

  /// Returns whether there may be more.
  private func removeStep(
    unfinished set: BackupSet, in connection: Connection
  ) throws(OfficeError) -> Bool {
    let cells = try CellTable.born(
      at: set.number, chain: set.chain, beyond: (0, 0), limit: Repository.rowsAStep, in: connection)
    for cell in cells {
      // Another version may read the storage; items come and go only with the commit that lists the set.
      let (before, after) =
        cell.state.storage == 0
        ? (0, 0) : try CellTable.neighbours(of: cell, in: connection)
      if before == nil && after == nil {
        try StorageChanges.drop(cell.state.storage, in: connection)
      }
      try CellTable.delete(cell, in: connection)
    }
    if !cells.isEmpty { return true }
    // Only an upload has files before it is listed.
    let files =
      set.chain == 0
      ? []
      : try FileTable.page(
        chain: set.chain, beyond: (0, 0), limit: Repository.rowsAStep, in: connection)
    for file in files { try remove(file, in: connection) }
    if files.isEmpty { try SetTable.delete(set.number, in: connection) }
    return !files.isEmpty
  }
}
