import ItemStore
import OfficeModel

extension LiveStore {
  /// How a user's staged cells compare with the user's cells now, object by object. Takes time in proportion to the items
  /// and blocks nobody. Throws `.interrupted` soon after `isCancelled` turns true.
  public func compare(
    _ stage: Stage, as id: UserID, isCancelled: () -> Bool = { false }
  ) throws(OfficeError) -> [CellChange] {
    try stage.settle()
    let view = try view()
    defer { withExtendedLifetime(view) {} }
    let current = try cells(of: id, in: view).cells
    var changes: [CellChange] = []
    for sealed in stage.sealed {
      changes.append(
        try compare(
          current[sealed.area.index], stage.state(of: sealed.cell, mtime: 0),
          area: sealed.area, isCancelled: isCancelled))
    }
    return changes
  }

  /// How two versions of a cell compare. The older must be pinned by the caller.
  public func compare(
    _ current: CellState, _ staged: CellState, area: Area, isCancelled: () -> Bool = { false }
  ) throws(OfficeError) -> CellChange {
    var comparison = CellComparison()
    if current.digest == staged.digest {
      comparison.same = try objects(in: current, area, isCancelled: isCancelled)
    } else if current.items == 0 {
      comparison.added = try objects(in: staged, area, isCancelled: isCancelled)
    } else {
      comparison = try match(current, staged, winner: nil, isCancelled).comparison
    }
    return CellChange(
      area: area, before: current, staged: staged.digest, comparison: comparison)
  }

  /// How a cell compares with one of a backup set, and about how many bytes putting that in its place takes: what is new,
  /// or all rows where a copy is the smaller change. The cells must be pinned by the caller.
  ///
  /// Of a damaged cell nothing but its digest can be told: where that is another one, all objects count as changed.
  public func compare(
    _ current: CellState, with archived: CellState, of feed: any ItemFeed, area: Area,
    isCancelled: () -> Bool
  ) throws(OfficeError) -> (comparison: CellComparison, bytes: Int64) {
    if !isDamaged(current) {
      do throws(OfficeError) {
        return try compareReadable(
          current, with: archived, of: feed, area: area, isCancelled: isCancelled)
      } catch {
        guard error.code == .inputOutput, hasUnreadableRows(current) else { throw error }
      }
    }
    let match = try match(.empty, with: archived, of: feed, isCancelled)
    var comparison = CellComparison()
    if current.digest == archived.digest {
      comparison.same = match.comparison.added
    } else {
      comparison.changed = match.comparison.added
    }
    return (comparison, archived.size + archived.items * LiveStore.bytesARow)
  }

  private func compareReadable(
    _ current: CellState, with archived: CellState, of feed: any ItemFeed, area: Area,
    isCancelled: () -> Bool
  ) throws(OfficeError) -> (comparison: CellComparison, bytes: Int64) {
    if current.digest == archived.digest {
      var comparison = CellComparison()
      comparison.same = try objects(in: current, area, isCancelled: isCancelled)
      return (comparison, 0)
    }
    let match = try match(current, with: archived, of: feed, isCancelled)
    return (match.comparison, match.newBytes + archived.items * LiveStore.bytesARow)
  }

  private func match(
    _ current: CellState, with archived: CellState, of feed: any ItemFeed,
    _ isCancelled: () -> Bool
  ) throws(OfficeError) -> CellMatch {
    let match = try CellMatch(
      of: current.stored, in: items, and: archived,
      pages: { (place) throws(OfficeError) in
        try feed.items(of: archived, since: nil, from: place)
      }, scratch: directory.spool)
    try match.run(isCancelled: isCancelled)
    return match
  }

  /// About what the rows of an item take, in bytes.
  private static let bytesARow: Int64 = 200

  /// Merges the staged cells with those the user has now, so that `publish` makes the user's what both hold; where both
  /// have an object it is the winner's. A user who is not there is added by it.
  ///
  /// `headers` throws if two tables' first rows do not agree, so that their rows can't stand under one.
  /// The stage can be merged again, as after `.stale` of `publish`.
  public func merge(
    _ stage: Stage, as id: UserID, winner: CellSide, isCancelled: () -> Bool = { false },
    headers: (_ current: [UInt8], _ staged: [UInt8]) throws(OfficeError) -> Void
  ) throws(OfficeError) -> [CellChange] {
    try stage.settle()
    let view = try view()
    defer { withExtendedLifetime(view) {} }
    let (user, basis) = try cells(of: id, in: view)
    var merged = Stage.Merged(user: user, basis: basis)
    var changes: [CellChange] = []
    stage.differences = [:]
    for sealed in stage.sealed {
      var staged = sealed
      staged.state = stage.state(of: sealed.cell, mtime: sealed.state.mtime)
      let current = basis[sealed.area.index]
      if current.items == 0 || staged.state.digest == current.digest {
        changes.append(
          try compare(current, staged.state, area: sealed.area, isCancelled: isCancelled))
        if current.items == 0 { merged.cells.append(staged) }
        continue
      }
      if sealed.area.format == .table, staged.state.items > 0 {
        let isEmpty = (current: current.items == 1, staged: staged.state.items == 1)
        // A header alone says nothing: the side that has rows keeps its own.
        if isEmpty.current != isEmpty.staged || isEmpty.current {
          let takes = isEmpty.staged ? isEmpty.current && winner == .staged : true
          var change = try compare(
            current, staged.state, area: sealed.area, isCancelled: isCancelled)
          if !takes { change.comparison.added = 0 }
          changes.append(change)
          if takes { merged.cells.append(staged) }
          continue
        }
        try headers(
          try firstItem(of: current), try firstItem(of: staged.state))
      }
      let match = try match(current, staged.state, winner: winner, isCancelled)
      changes.append(
        CellChange(
          area: sealed.area, before: current, staged: staged.state.digest,
          comparison: match.comparison))
      guard try match.changesCurrent else { continue }
      let cell = try stage.items.merge(match, isCancelled: isCancelled)
      guard cell.digest != current.digest else { continue }
      staged.cell = cell
      staged.state = stage.state(of: cell, mtime: max(current.mtime, sealed.state.mtime))
      merged.cells.append(staged)
      if current.items + cell.items > LiveStore.mostCompared {
        stage.differences[sealed.area] = try items.difference(
          of: current.stored, and: staged.state.storage)
      }
    }
    stage.merged = merged
    return changes
  }

  private func cells(
    of id: UserID, in view: LiveView
  ) throws(OfficeError) -> (user: UserNumber?, cells: [CellState]) {
    guard let user = try view.user(id) else {
      return (nil, Array(repeating: .empty, count: Area.allCases.count))
    }
    return (user.number, try view.cells(of: user.number))
  }

  private func match(
    _ current: CellState, _ staged: CellState, winner: CellSide?, _ isCancelled: () -> Bool
  ) throws(OfficeError) -> CellMatch {
    let match = try CellMatch(
      of: current.stored, and: staged.stored, in: items, winner: winner,
      scratch: directory.spool)
    try match.run(isCancelled: isCancelled)
    return match
  }

  /// How many objects a cell holds. Only calendars and tables have frames, which are none.
  public func objects(
    in cell: CellState, _ area: Area, isCancelled: () -> Bool
  ) throws(OfficeError) -> Int {
    switch area.format {
    case .json, .mailbox, .cards: Int(cell.items)
    case .table: max(0, Int(cell.items) - 1)
    case .calendar:
      if let frames = try items.calendarFrames(of: cell.stored) {
        Int(cell.items) - frames
      } else {
        try match(.empty, cell, winner: nil, isCancelled).comparison.added
      }
    }
  }

  private func firstItem(of cell: CellState) throws(OfficeError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(try items.firstLength(of: cell.stored)))
    try bytes.withUnsafeMutableBufferPointer { (buffer) throws(OfficeError) in
      try items.read(cell.stored, at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }
}

extension Area {
  /// Where the area stands among a user's cells.
  public var index: Int { Int(rawValue) - 1 }
}
