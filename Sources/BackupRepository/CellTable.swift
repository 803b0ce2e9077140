import ItemStore
import OfficeModel

/// A version of a cell as the sets from its `born` to before `died` show it.
struct CellRow {
  var chain: Int64
  var area: Area
  var user: UserNumber
  var state: CellState
  var died: Int64 = ItemSchema.never
  /// The live office's storage of which `state.storage` holds the items; 0 for none.
  var source: Int64
  /// The live cell's `born` that was copied.
  var seen: Int64

  var mark: Int64 {
    var check = RowCheck(24)
    for value in [chain, Int64(area.rawValue), user.rawValue, died, source, seen] {
      check.add(value)
    }
    check.add(state)
    return check.value
  }
}

/// The rows of `cell`.
///
/// A row of a set that is being made stands beside the one it will replace, so look-ups name the number they ask for.
enum CellTable {
  private static func row(_ found: Statement) throws(OfficeError) -> CellRow {
    guard let area = Area(rawValue: UInt8(truncatingIfNeeded: found.integer(1))),
      let state = found.cell(5, born: found.integer(3))
    else { throw Damage.found("a cell of name \(found.integer(2))") }
    let row = CellRow(
      chain: found.integer(0), area: area, user: UserNumber(rawValue: found.integer(2)),
      state: state, died: found.integer(4), source: found.integer(10), seen: found.integer(11))
    guard row.mark == found.integer(12) else {
      throw Damage.found("the \(area.name) cell of name \(row.user.rawValue)")
    }
    return row
  }

  private static func all(_ found: Statement) throws(OfficeError) -> [CellRow] {
    defer { found.reset() }
    var rows: [CellRow] = []
    while try found.step() { rows.append(try row(found)) }
    return rows
  }

  /// The cell as a set shows it; nil if the area did not have this user.
  static func cell(
    _ area: Area, of user: UserNumber, chain: Int64, at number: Int64, in connection: Connection
  ) throws(OfficeError) -> CellRow? {
    let row = try newest(area, of: user, chain: chain, at: number, in: connection)
    return row.flatMap { $0.died > number ? $0 : nil }
  }

  /// The user's nine cells as a set shows them.
  static func cells(
    of user: UserNumber, chain: Int64, at number: Int64, in connection: Connection
  ) throws(OfficeError) -> [CellState?] {
    var cells: [CellState?] = []
    for area in Area.allCases {
      cells.append(try cell(area, of: user, chain: chain, at: number, in: connection)?.state)
    }
    return cells
  }

  /// All versions of a cell, whatever sets show them.
  static func versions(
    _ area: Area, of user: UserNumber, chain: Int64, in connection: Connection
  ) throws(OfficeError) -> [CellRow] {
    let find = try connection.statement(
      """
      SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
      FROM cell WHERE chain = ?1 AND area = ?2 AND user = ?3 ORDER BY born
      """)
    find.bind(1, chain)
    find.bind(2, Int64(area.rawValue))
    find.bind(3, user.rawValue)
    return try all(find)
  }

  private static func newest(
    _ area: Area, of user: UserNumber, chain: Int64, at number: Int64, in connection: Connection
  ) throws(OfficeError) -> CellRow? {
    let find = try connection.statement(
      """
      SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
      FROM cell WHERE chain = ?1 AND area = ?2 AND user = ?3 AND born <= ?4
      ORDER BY born DESC LIMIT 1
      """)
    find.bind(1, chain)
    find.bind(2, Int64(area.rawValue))
    find.bind(3, user.rawValue)
    find.bind(4, number)
    return try all(find).first
  }

  /// The newest version of a cell, whether or not the newest set shows it.
  static func last(
    _ area: Area, of user: UserNumber, chain: Int64, in connection: Connection
  ) throws(OfficeError) -> CellRow? {
    try newest(area, of: user, chain: chain, at: .max, in: connection)
  }

  /// Cells of an area beyond a place, whatever set shows them.
  static func page(
    _ area: Area, chain: Int64, beyond place: (user: Int64, born: Int64), limit: Int,
    in connection: Connection
  ) throws(OfficeError) -> [CellRow] {
    let find = try connection.statement(
      """
      SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
      FROM cell WHERE chain = ?1 AND area = ?2 AND (user, born) > (?3, ?4)
      ORDER BY user, born LIMIT ?5
      """)
    find.bind(1, chain)
    find.bind(2, Int64(area.rawValue))
    find.bind(3, place.user)
    find.bind(4, place.born)
    find.bind(5, Int64(limit))
    return try all(find)
  }

  /// The same by their keys alone, which a damaged row still tells.
  static func keys(
    _ area: Area, chain: Int64, beyond place: (user: Int64, born: Int64), limit: Int,
    in connection: Connection
  ) throws(OfficeError) -> [(user: Int64, born: Int64)] {
    let find = try connection.statement(
      """
      SELECT user, born FROM cell WHERE chain = ?1 AND area = ?2 AND (user, born) > (?3, ?4)
      ORDER BY user, born LIMIT ?5
      """)
    find.bind(1, chain)
    find.bind(2, Int64(area.rawValue))
    find.bind(3, place.user)
    find.bind(4, place.born)
    find.bind(5, Int64(limit))
    defer { find.reset() }
    var keys: [(user: Int64, born: Int64)] = []
    while try find.step() { keys.append((find.integer(0), find.integer(1))) }
    return keys
  }

  /// The row of a key.
  static func row(
    _ area: Area, chain: Int64, at key: (user: Int64, born: Int64), in connection: Connection
  ) throws(OfficeError) -> CellRow? {
    let find = try connection.statement(
      """
      SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
      FROM cell WHERE chain = ?1 AND area = ?2 AND user = ?3 AND born = ?4
      """)
    find.bind(1, chain)
    find.bind(2, Int64(area.rawValue))
    find.bind(3, key.user)
    find.bind(4, key.born)
    return try all(find).first
  }

  static let bornSQL: StaticString = """
    SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
    FROM cell INDEXED BY cell_born WHERE chain = ?1 AND born = ?2 AND (area, user) > (?3, ?4)
    ORDER BY area, user LIMIT ?5
    """

  /// Cells that a set is the first to show, in the order of areas and users.
  static func born(
    at number: Int64, chain: Int64, beyond place: (area: Int64, user: Int64), limit: Int,
    in connection: Connection
  ) throws(OfficeError) -> [CellRow] {
    let find = try connection.statement(bornSQL)
    find.bind(1, chain)
    find.bind(2, number)
    find.bind(3, place.area)
    find.bind(4, place.user)
    find.bind(5, Int64(limit))
    return try all(find)
  }

  /// Where a walk by the numbers at which cells came or went has got to.
  struct Place {
    var number: Int64
    var area: Int64 = .max
    var user: Int64 = .max
    var born: Int64 = .max

    /// Behind all of that number.
    init(number: Int64) { self.number = number }

    init(number: Int64, _ row: CellRow) {
      self.number = number
      area = Int64(row.area.rawValue)
      user = row.user.rawValue
      born = row.state.born
    }
  }

  static let bornAfterSQL: StaticString = """
    SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
    FROM cell INDEXED BY cell_born
    WHERE chain = 0 AND (born, area, user) > (?1, ?2, ?3) AND born < ?5
    ORDER BY born, area, user LIMIT ?6
    """

  /// Cells of the office's own sets that came after a place and before the set `number`.
  static func born(
    after place: Place, before number: Int64, limit: Int, in connection: Connection
  ) throws(OfficeError) -> [CellRow] {
    try walk(bornAfterSQL, place, number, limit, in: connection)
  }

  static let diedAfterSQL: StaticString = """
    SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
    FROM cell INDEXED BY cell_died WHERE chain = 0 AND died < 9223372036854775807
    AND (died, area, user, born) > (?1, ?2, ?3, ?4) AND died < ?5
    ORDER BY died, area, user, born LIMIT ?6
    """

  /// The same of cells that went.
  static func died(
    after place: Place, before number: Int64, limit: Int, in connection: Connection
  ) throws(OfficeError) -> [CellRow] {
    try walk(diedAfterSQL, place, number, limit, in: connection)
  }

  private static func walk(
    _ sql: StaticString, _ place: Place, _ number: Int64, _ limit: Int, in connection: Connection
  ) throws(OfficeError) -> [CellRow] {
    let find = try connection.statement(sql)
    let values = [place.number, place.area, place.user, place.born, number, Int64(limit)]
    for (index, value) in values.enumerated() { find.bind(Int32(index + 1), value) }
    return try all(find)
  }

  static let sourceSQL: StaticString = """
    SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
    FROM cell WHERE died = 9223372036854775807 AND source <> 0 AND source = ?1 AND born < ?2
    """

  /// The newest set's cell that holds the items of a live storage, whoever's it is.
  static func copy(
    of source: Int64, before number: Int64, in connection: Connection
  ) throws(OfficeError) -> CellRow? {
    let find = try connection.statement(sourceSQL)
    find.bind(1, source)
    find.bind(2, number)
    return try all(find).first
  }

  static let doomedSQL: StaticString = """
    SELECT chain, area, user, born, died, storage, size, items, mtime, digest, source, seen, mark
    FROM cell WHERE chain = ?1 AND died < 9223372036854775807 AND died > ?3 AND died <= ?4
    AND born > ?2 AND born <= ?3 LIMIT ?5
    """

  /// Versions that no kept set shows.
  static func doomed(_ gap: Gap, limit: Int, in connection: Connection) throws(OfficeError)
    -> [CellRow]
  {
    let find = try connection.statement(doomedSQL)
    gap.bind(to: find, limit: limit)
    return try all(find)
  }

  static func insert(_ row: CellRow, in connection: Connection) throws(OfficeError) {
    let insert = try connection.statement(
      "INSERT INTO cell VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")
    bind(row, to: insert)
    try insert.run()
  }

  private static func bind(_ row: CellRow, to statement: Statement) {
    statement.bind(1, row.chain)
    statement.bind(2, Int64(row.area.rawValue))
    statement.bind(3, row.user.rawValue)
    statement.bind(4, row.state.born)
    statement.bind(5, row.died)
    statement.bind(6, row.state)
    statement.bind(11, row.source)
    statement.bind(12, row.seen)
    statement.bind(13, row.mark)
  }

  /// Writes what a version's row says.
  static func save(_ row: CellRow, in connection: Connection) throws(OfficeError) {
    let update = try connection.statement(
      """
      UPDATE cell SET died = ?5, storage = ?6, size = ?7, items = ?8, mtime = ?9, digest = ?10,
      source = ?11, seen = ?12, mark = ?13
      WHERE chain = ?1 AND area = ?2 AND user = ?3 AND born = ?4
      """)
    bind(row, to: update)
    try update.run()
  }

  static func delete(_ row: CellRow, in connection: Connection) throws(OfficeError) {
    let delete = try connection.statement(
      "DELETE FROM cell WHERE chain = ?1 AND area = ?2 AND user = ?3 AND born = ?4")
    delete.bind(1, row.chain)
    delete.bind(2, Int64(row.area.rawValue))
    delete.bind(3, row.user.rawValue)
    delete.bind(4, row.state.born)
    try delete.run()
  }

  static let beforeSQL: StaticString = """
    SELECT born FROM cell WHERE storage <> 0 AND storage = ?1 AND born < ?2
    ORDER BY born DESC LIMIT 1
    """
  static let afterSQL: StaticString = """
    SELECT born FROM cell WHERE storage <> 0 AND storage = ?1 AND born > ?2 ORDER BY born LIMIT 1
    """

  /// The versions next to one that read the same storage.
  static func neighbours(
    of row: CellRow, in connection: Connection
  ) throws(OfficeError) -> (before: Int64?, after: Int64?) {
    var found: [Int64?] = []
    for sql in [beforeSQL, afterSQL] {
      let find = try connection.statement(sql)
      find.bind(1, row.state.storage)
      find.bind(2, row.state.born)
      defer { find.reset() }
      found.append(try find.step() ? find.integer(0) : nil)
    }
    return (found[0], found[1])
  }
}
