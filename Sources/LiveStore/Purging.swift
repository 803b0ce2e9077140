import ItemStore
import OfficeModel

/// What a purge removed.
public struct PurgeResult: Sendable, Equatable {
  /// Files of `undo/`.
  public var undoFiles = 0
  /// Versions of users' files.
  public var versions = 0
  /// Versions of cells.
  public var cells = 0

  public init(undoFiles: Int = 0, versions: Int = 0, cells: Int = 0) {
    self.undoFiles = undoFiles
    self.versions = versions
    self.cells = cells
  }
}

extension LiveStore {
  private static let purgePage = 500

  /// Removes the entries of undo older than `seconds` since 1970, and all versions that nothing else holds
  /// (a younger entry, a view). In bounded commits; interrupted, it is continued by the next one.
  public func purge(undoBefore seconds: Int64) throws(OfficeError) -> PurgeResult {
    var result = PurgeResult()
    try? keepReports()
    // INVARIANT: the horizon is found within the transaction, so that no commit adds to undo between looking and acting.
    let (files, horizon) = try items.write(urgent: false, mayUseReserve: true) {
      connection throws(OfficeError) in
      let files = try UndoTable.delete(before: seconds, in: connection)
      try ReportTable.deleteOrphans(
        before: seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue, in: connection)
      let newest = try MetaTable.value(.commit, in: connection)
      let oldest = try UndoTable.oldest(in: connection) ?? newest
      let watermark = try MetaTable.value(.watermark, in: connection)
      let horizon = state.withLock { state in
        let needed = watermark == 0 ? newest : watermark
        let wanted = min(oldest, newest, needed, state.pins.keys.min() ?? .max)
        state.purged = max(state.purged, wanted)
        return state.purged
      }
      try MetaTable.set(.purged, horizon, in: connection)
      return (files, horizon)
    }
    result.undoFiles = files
    while let count = try forgetVersions(upTo: horizon) { result.versions += count }
    while let count = try forgetCells(upTo: horizon) { result.cells += count }
    while try items.forgetStep(upTo: horizon) {}
    sweep()
    return result
  }

  /// Erases everything of the users who have or had this id: data, versions, undo. Open views lose it (`.stale`).
  /// Content that others hold too stays. Nothing of the rest is left in the file or the log when this returns.
  /// `isMembership` tells by their natural keys the items of the office's own cell that go too, in all its versions.
  /// Throws `.notFound` if there never was such a user, `.busy` if a reader kept the log from being emptied.
  public func purge(
    user id: UserID, isMembership: ([UInt8]) -> Bool = { _ in false }
  ) throws(OfficeError) -> PurgeResult {
    dropReport(of: id)
    let result = try change(mayUseReserve: true) { change throws(OfficeError) in
      let numbers = try UserTable.numbers(of: id, in: change.connection)
      var result = PurgeResult()
      result.cells = try eraseFromOffice(isMembership, in: change.connection)
      guard !numbers.isEmpty || result.cells > 0 else {
        throw OfficeError(.notFound, "there is and was no such user", item: id.text)
      }
      try ReportTable.delete(id, in: change.connection)
      for number in numbers { try erase(number, &result, in: &change) }
      // What is gone without a trace no feed can tell: the next backup compares everything.
      try MetaTable.set(.backup, 0, in: change.connection)
      try MetaTable.set(.nextBackup, 0, in: change.connection)
      let commit = change.commit
      state.withLock { $0.erased = commit }
      return (result, isChange: true)
    }
    while try items.sweepStep() {}
    items.clearCaches()
    try items.rewrite()
    try items.checkpoint(truncate: true)
    return result
  }

  /// Returns of how many versions of the office's cell something was taken.
  private func eraseFromOffice(
    _ isErased: ([UInt8]) -> Bool, in connection: Connection
  ) throws(OfficeError) -> Int {
    var count = 0
    for office in try UserTable.numbers(of: .office, in: connection) {
      var storages: Set<Int64> = []
      for area in Area.allCases {
        let rows = try CellTable.versions(area, of: office, in: connection)
        for storage in Set(rows.map(\.state.storage)) where storage != 0 {
          guard try items.erase(from: storage, where: isErased, in: connection) else { continue }
          storages.insert(storage)
        }
        for var row in rows where storages.contains(row.state.storage) {
          row.state = try items.remeasured(row.state, in: connection)
          try CellTable.save(row, in: connection)
          count += 1
        }
      }
      guard !storages.isEmpty else { continue }
      for var row in try UserTable.versions(of: office, in: connection) {
        let cells = try CellTable.cells(of: office, at: row.state.born, in: connection)
        row.state.sums = CellSums(cells, of: row.state.id)
        try UserTable.update(row, in: connection)
      }
    }
    return count
  }

  private func erase(
    _ number: UserNumber, _ result: inout PurgeResult, in change: inout Change
  ) throws(OfficeError) {
    let connection = change.connection
    for row in try UserTable.versions(of: number, in: connection) {
      try ReportTable.delete(row.state.id, in: connection)
      if row.isLive {
        let cells = try CellTable.cells(of: number, at: .max - 1, in: connection)
        try change.add(cells, of: row.state.id, count: -1)
      }
      result.undoFiles += try UndoTable.delete(version: row.state.version, in: connection)
      try UserTable.delete(version: row.state.version, in: connection)
      result.versions += 1
    }
    for area in Area.allCases {
      for row in try CellTable.versions(area, of: number, in: connection) {
        try CellTable.delete(row, in: connection)
        result.cells += 1
      }
    }
  }

  // Returns nil when there is nothing left.
  private func forgetVersions(upTo horizon: Int64) throws(OfficeError) -> Int? {
    try items.write(urgent: false, mayUseReserve: true) { connection throws(OfficeError) in
      let rows = try UserTable.ended(
        upTo: horizon, limit: LiveStore.purgePage, in: connection)
      for row in rows {
        try UserTable.delete(version: row.state.version, in: connection)
        guard try UserTable.versions(of: row.state.number, in: connection).isEmpty else { continue }
        for area in Area.allCases {
          for cell in try CellTable.versions(area, of: row.state.number, in: connection) {
            try CellTable.delete(cell, in: connection)
          }
        }
      }
      return rows.isEmpty ? nil : rows.count
    }
  }

  private func forgetCells(upTo horizon: Int64) throws(OfficeError) -> Int? {
    try items.write(urgent: false, mayUseReserve: true) { connection throws(OfficeError) in
      let rows = try CellTable.ended(
        upTo: horizon, limit: LiveStore.purgePage, in: connection)
      for row in rows { try CellTable.delete(row, in: connection) }
      return rows.isEmpty ? nil : rows.count
    }
  }
}
