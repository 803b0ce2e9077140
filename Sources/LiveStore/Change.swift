import ItemStore
import OfficeModel

/// One commit in the making: what all changes of the office have in common.
///
/// INVARIANT: lives within one write transaction.
struct Change {
  let connection: Connection
  /// The number this commit will have.
  let commit: Int64
  /// Nanoseconds since 1970, larger than any given before.
  let tick: Int64
  /// Seconds since 1970 by the clock.
  let seconds: Int64
  private var columns: [Area: ColumnRow] = [:]
  private var touched: Set<Area> = []

  init(_ connection: Connection, clock: WallClock) throws(OfficeError) {
    self.connection = connection
    let now = clock.now()
    commit = try MetaTable.value(.commit, in: connection) + 1
    tick = max(now, try MetaTable.value(.tick, in: connection) + 1)
    seconds = WallClock.seconds(now)
  }

  /// Counts a cell in or (-1) out of its column. The office's own are in none.
  mutating func add(
    _ cell: CellState, _ area: Area, of id: UserID, count: Int64
  ) throws(OfficeError) {
    guard id != .office else { return }
    var column: ColumnRow
    if let known = columns[area] {
      column = known
    } else {
      column = try ColumnTable.load(area, in: connection)
    }
    column.add(cell, of: id, count: count)
    columns[area] = column
  }

  /// The same for a user's nine cells.
  mutating func add(_ cells: [CellState], of id: UserID, count: Int64) throws(OfficeError) {
    for (area, cell) in zip(Area.allCases, cells) { try add(cell, area, of: id, count: count) }
  }

  /// Counts a user's nine cells as other ones, where they are.
  mutating func replace(
    _ before: [CellState], by after: [CellState], of id: UserID
  ) throws(OfficeError) {
    for (index, area) in Area.allCases.enumerated() where before[index] != after[index] {
      try add(before[index], area, of: id, count: -1)
      try add(after[index], area, of: id, count: 1)
    }
  }

  /// Ends a version of a user with this commit.
  func close(_ row: UserRow) throws(OfficeError) {
    var closed = row
    closed.died = commit
    try UserTable.update(closed, in: connection)
  }

  /// Adds a version of a user that begins with this commit.
  func open(
    _ number: UserNumber, _ id: UserID, cells: [CellState], mtime: Int64?
  ) throws(OfficeError) -> UserState {
    let previous = try UserTable.newest(of: id, in: connection)?.state.mtime
    let state = UserState(
      number: number, id: id, version: 0, born: commit,
      mtime: mtime ?? FileTime.next(tick, after: previous),
      sums: CellSums(cells, of: id))
    return try UserTable.insert(state, in: connection)
  }

  /// A user number that was never given.
  func newNumber() throws(OfficeError) -> UserNumber {
    let number = try MetaTable.value(.user, in: connection) + 1
    try MetaTable.set(.user, number, in: connection)
    return UserNumber(rawValue: number)
  }

  /// Keeps for undo what `user` is before this commit; returns the folder's number.
  @discardableResult
  func keep(
    _ user: UserState, what: String, party: Int64, author: String, joins: Bool = false
  ) throws(OfficeError) -> Int64 {
    try UndoTable.add(
      user, seen: commit - 1, what: what, party: party, author: author, seconds: seconds,
      joins: joins, in: connection)
  }

  /// Writes the columns and the counters: the last thing of a commit.
  mutating func finish() throws(OfficeError) {
    for (area, column) in columns {
      var changed = column
      changed.changed = commit
      changed.mtime = FileTime.next(tick, after: column.mtime)
      try ColumnTable.save(changed, area, in: connection)
    }
    try MetaTable.set(.tick, tick, in: connection)
    try MetaTable.set(.commit, commit, in: connection)
  }
}

extension LiveStore {
  /// Runs one change as a commit. `body` returns nil as the second value if it found nothing to change;
  /// then there is no commit.
  func change<T>(
    mayUseReserve: Bool, _ body: (inout Change) throws(OfficeError) -> (T, isChange: Bool)
  ) throws(OfficeError) -> T {
    let (value, _) = try items.write(
      urgent: true, mayUseReserve: mayUseReserve,
      { connection throws(OfficeError) -> (T, Int64?) in
        var change = try Change(connection, clock: clock)
        let (value, isChange) = try body(&change)
        guard isChange else { return (value, nil) }
        try change.finish()
        return (value, change.commit)
      },
      committed: { result throws(OfficeError) in
        guard let commit = result.1 else { return }
        // Look-ups see the commit already, so views must too; it is acknowledged only after the record is durable.
        state.withLock { $0.commit = max($0.commit, commit) }
        try record.write(commit)
      })
    return value
  }
}
