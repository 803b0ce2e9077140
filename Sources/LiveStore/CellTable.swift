import ItemStore
import OfficeModel

/// A version of a cell as its row says.
struct CellRow {
  var area: Area
  var user: UserNumber
  var state: CellState
  /// The commit that ended it, or `ItemSchema.never`. It is no end that its user was deleted.
  var died: Int64

  var mark: Int64 {
    var check = RowCheck(13)
    for value in [
      Int64(area.rawValue), user.rawValue, state.born, died, state.storage, state.size,
      state.items, state.mtime,
    ] {
      check.add(value)
    }
    check.add(state.digest.bytes)
    return check.value
  }

  var stored: StoredCell { state.stored }
}

/// The rows of `cell`.
enum CellTable {
  private static func row(_ found: Statement) throws(OfficeError) -> CellRow {
    guard let area = Area(rawValue: UInt8(truncatingIfNeeded: found.integer(0))),
      let state = found.cell(4, born: found.integer(2))
    else { throw Damage.found("a cell of user \(found.integer(1))") }
    let row = CellRow(
      area: area, user: UserNumber(rawValue: found.integer(1)), state: state,
      died: found.integer(3))
    guard row.mark == found.integer(9) else {
      throw Damage.found("the \(area.name) cell of user \(found.integer(1))")
    }
    return row
  }

  /// The cell as of a commit; nil where nothing was ever entered.
  static func cell(
    _ area: Area, of user: UserNumber, at commit: Int64, in connection: Connection
  ) throws(OfficeError) -> CellRow? {
    let find = try connection.statement(
      """
      SELECT area, user, born, died, storage, size, items, mtime, digest, mark FROM cell
      WHERE area = ?1 AND user = ?2 AND born <= ?3 ORDER BY born DESC LIMIT 1
      """)
    find.bind(1, Int64(area.rawValue))
    find.bind(2, user.rawValue)
    find.bind(3, commit)
    defer { find.reset() }
    guard try find.step() else { return nil }
    let found = try row(find)
    guard found.died > commit else {
      throw Damage.found("the \(area.name) cell of user \(user.rawValue)")
    }
    return found
  }

  /// A user's nine cells as of a commit.
  static func cells(
    of user: UserNumber, at commit: Int64, in connection: Connection
  ) throws(OfficeError) -> [CellState] {
    var cells: [CellState] = []
    for area in Area.allCases {
      cells.append(try cell(area, of: user, at: commit, in: connection)?.state ?? .empty)
    }
    return cells
  }

  static func insert(_ row: CellRow, in connection: Connection) throws(OfficeError) {
    let insert = try connection.statement(
      "INSERT INTO cell VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
    bind(row, to: insert)
    try insert.run()
  }

  private static func bind(_ row: CellRow, to statement: Statement) {
    statement.bind(1, Int64(row.area.rawValue))
    statement.bind(2, row.user.rawValue)
    statement.bind(3, row.state.born)
    statement.bind(4, row.died)
    statement.bind(5, row.state)
    statement.bind(10, row.mark)
  }

  /// Ends a version at a commit.
  static func close(
    _ row: CellRow, at commit: Int64, in connection: Connection
  ) throws(OfficeError) {
    var closed = row
    closed.died = commit
    try save(closed, in: connection)
  }

  /// Writes what a version's row says.
  static func save(_ row: CellRow, in connection: Connection) throws(OfficeError) {
    let update = try connection.statement(
      """
      UPDATE cell SET died = ?4, storage = ?5, size = ?6, items = ?7, mtime = ?8, digest = ?9,
      mark = ?10 WHERE area = ?1 AND user = ?2 AND born = ?3
      """)
    bind(row, to: update)
    try update.run()
  }

  /// Versions that ended at or before `commit`.
  static func ended(
    upTo commit: Int64, limit: Int, in connection: Connection
  ) throws(OfficeError) -> [CellRow] {
    let find = try connection.statement(
      """
      SELECT area, user, born, died, storage, size, items, mtime, digest, mark FROM cell
      WHERE died < 9223372036854775807 AND died <= ?1 LIMIT ?2
      """)
    find.bind(1, commit)
    find.bind(2, Int64(limit))
    return try all(find)
  }

  /// All versions of a user's cells in one area.
  static func versions(
    _ area: Area, of user: UserNumber, in connection: Connection
  ) throws(OfficeError) -> [CellRow] {
    let find = try connection.statement(
      """
      SELECT area, user, born, died, storage, size, items, mtime, digest, mark FROM cell
      WHERE area = ?1 AND user = ?2 ORDER BY born
      """)
    find.bind(1, Int64(area.rawValue))
    find.bind(2, user.rawValue)
    return try all(find)
  }

  /// Removes a version; a storage that no version shows any more is dropped.
  static func delete(_ row: CellRow, in connection: Connection) throws(OfficeError) {
    let delete = try connection.statement(
      "DELETE FROM cell WHERE area = ?1 AND user = ?2 AND born = ?3")
    delete.bind(1, Int64(row.area.rawValue))
    delete.bind(2, row.user.rawValue)
    delete.bind(3, row.state.born)
    try delete.run()
    let other = try connection.statement("SELECT 1 FROM cell WHERE storage = ?1 LIMIT 1")
    other.bind(1, row.state.storage)
    defer { other.reset() }
    if try !other.step() { try StorageChanges.drop(row.state.storage, in: connection) }
  }

  private static func all(_ found: Statement) throws(OfficeError) -> [CellRow] {
    defer { found.reset() }
    var rows: [CellRow] = []
    while try found.step() { rows.append(try row(found)) }
    return rows
  }
}
