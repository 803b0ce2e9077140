import ItemStore
import OfficeModel

/// A version of a user's file as the sets from `born` to before `died` show it.
struct FileRow {
  /// Persistent, never reused: equal files of different sets share it.
  var version: Int64
  var chain: Int64
  var user: UserNumber
  var born: Int64
  var died: Int64
  /// In nanoseconds.
  var mtime: Int64
  var padded: Int64
  var large: Int64

  var mark: Int64 {
    var check = RowCheck(23)
    for value in [version, chain, user.rawValue, born, died, mtime, padded, large] {
      check.add(value)
    }
    return check.value
  }

  func state(of id: UserID) -> UserState {
    let count = Int64(Area.allCases.count)
    return UserState(
      number: user, id: id, version: version, born: born, mtime: mtime,
      sums: CellSums(
        cells: count, padded: padded, large: large, idBytes: count * Int64(id.text.utf8.count)))
  }
}

/// The rows of `file`.
enum FileTable {
  private static func row(_ found: Statement) throws(OfficeError) -> FileRow {
    let row = FileRow(
      version: found.integer(0), chain: found.integer(1),
      user: UserNumber(rawValue: found.integer(2)), born: found.integer(3), died: found.integer(4),
      mtime: found.integer(5), padded: found.integer(6), large: found.integer(7))
    guard row.mark == found.integer(8) else { throw Damage.found("file version \(row.version)") }
    return row
  }

  private static func all(_ found: Statement) throws(OfficeError) -> [FileRow] {
    defer { found.reset() }
    var rows: [FileRow] = []
    while try found.step() { rows.append(try row(found)) }
    return rows
  }

  static func version(_ version: Int64, in connection: Connection) throws(OfficeError) -> FileRow? {
    let find = try connection.statement(
      """
      SELECT version, chain, user, born, died, mtime, padded, large, mark FROM file
      WHERE version = ?1
      """)
    find.bind(1, version)
    return try all(find).first
  }

  /// A user's file as a set shows it.
  static func file(
    of user: UserNumber, chain: Int64, at number: Int64, in connection: Connection
  ) throws(OfficeError) -> FileRow? {
    let row = try newest(of: user, chain: chain, at: number, in: connection)
    return row.flatMap { $0.died > number ? $0 : nil }
  }

  /// The newest version of a user's file, whether or not the newest set shows it.
  static func last(
    of user: UserNumber, chain: Int64, in connection: Connection
  ) throws(OfficeError) -> FileRow? {
    try newest(of: user, chain: chain, at: .max, in: connection)
  }

  /// All versions of a user's file, whatever sets show them.
  static func versions(
    of user: UserNumber, chain: Int64, in connection: Connection
  ) throws(OfficeError) -> [FileRow] {
    let find = try connection.statement(
      """
      SELECT version, chain, user, born, died, mtime, padded, large, mark FROM file
      WHERE chain = ?1 AND user = ?2 ORDER BY born
      """)
    find.bind(1, chain)
    find.bind(2, user.rawValue)
    return try all(find)
  }

  private static func newest(
    of user: UserNumber, chain: Int64, at number: Int64, in connection: Connection
  ) throws(OfficeError) -> FileRow? {
    let find = try connection.statement(
      """
      SELECT version, chain, user, born, died, mtime, padded, large, mark FROM file
      WHERE chain = ?1 AND user = ?2 AND born <= ?3 ORDER BY born DESC LIMIT 1
      """)
    find.bind(1, chain)
    find.bind(2, user.rawValue)
    find.bind(3, number)
    return try all(find).first
  }

  /// The latest time of a user's files if one of them is of the same whole second as `time`; else nil. By size and second
  /// rsync tells that a path shows other bytes, and of the versions that a path has shown any may be the one it took.
  static func latestTime(
    of user: UserNumber, chain: Int64, ifAnyIs time: Int64, in connection: Connection
  ) throws(OfficeError) -> Int64? {
    let find = try connection.statement(
      """
      SELECT max(mtime), max(mtime / 1000000000 = ?3 / 1000000000) FROM file
      WHERE chain = ?1 AND user = ?2
      """)
    find.bind(1, chain)
    find.bind(2, user.rawValue)
    find.bind(3, time)
    defer { find.reset() }
    return try find.step() && find.integer(1) == 1 ? find.integer(0) : nil
  }

  /// Files of a chain beyond a place, whatever set shows them.
  static func page(
    chain: Int64, beyond place: (user: Int64, born: Int64), limit: Int, in connection: Connection
  ) throws(OfficeError) -> [FileRow] {
    let find = try connection.statement(
      """
      SELECT version, chain, user, born, died, mtime, padded, large, mark FROM file
      WHERE chain = ?1 AND (user, born) > (?2, ?3) ORDER BY user, born LIMIT ?4
      """)
    find.bind(1, chain)
    find.bind(2, place.user)
    find.bind(3, place.born)
    find.bind(4, Int64(limit))
    return try all(find)
  }

  /// The same by their keys alone, which a damaged row still tells.
  static func versions(
    chain: Int64, beyond place: (user: Int64, born: Int64), limit: Int, in connection: Connection
  ) throws(OfficeError) -> [(version: Int64, user: Int64, born: Int64)] {
    let find = try connection.statement(
      """
      SELECT version, user, born FROM file WHERE chain = ?1 AND (user, born) > (?2, ?3)
      ORDER BY user, born LIMIT ?4
      """)
    find.bind(1, chain)
    find.bind(2, place.user)
    find.bind(3, place.born)
    find.bind(4, Int64(limit))
    defer { find.reset() }
    var found: [(version: Int64, user: Int64, born: Int64)] = []
    while try find.step() { found.append((find.integer(0), find.integer(1), find.integer(2))) }
    return found
  }

  /// Adds a version; its number is given here.
  static func insert(_ row: FileRow, in connection: Connection) throws(OfficeError) {
    let insert = try connection.statement(
      "INSERT INTO file VALUES(NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)")
    let values = [
      row.chain, row.user.rawValue, row.born, row.died, row.mtime, row.padded, row.large,
    ]
    for (index, value) in values.enumerated() { insert.bind(Int32(index + 1), value) }
    try insert.run()
    var stored = row
    stored.version = connection.lastRow
    try save(stored, in: connection)
  }

  /// Writes a version's end and sums.
  static func save(_ row: FileRow, in connection: Connection) throws(OfficeError) {
    let update = try connection.statement(
      "UPDATE file SET died = ?2, padded = ?3, large = ?4, mark = ?5 WHERE version = ?1")
    for (index, value) in [row.version, row.died, row.padded, row.large, row.mark].enumerated() {
      update.bind(Int32(index + 1), value)
    }
    try update.run()
  }

  static let doomedSQL: StaticString = """
    SELECT version, chain, user, born, died, mtime, padded, large, mark FROM file
    WHERE chain = ?1 AND died < 9223372036854775807 AND died > ?3 AND died <= ?4
    AND born > ?2 AND born <= ?3 LIMIT ?5
    """

  /// Versions that only sets within (before, number] … before `next` show.
  static func doomed(_ gap: Gap, limit: Int, in connection: Connection) throws(OfficeError)
    -> [FileRow]
  {
    let find = try connection.statement(doomedSQL)
    gap.bind(to: find, limit: limit)
    return try all(find)
  }

  static func delete(_ version: Int64, in connection: Connection) throws(OfficeError) {
    let delete = try connection.statement("DELETE FROM file WHERE version = ?1")
    delete.bind(1, version)
    try delete.run()
  }
}

/// A dropped set between its kept neighbours.
struct Gap {
  var chain: Int64
  /// The nearest kept number below; 0 if there is none.
  var before: Int64
  var number: Int64
  /// The nearest kept number above; the largest there can be if there is none.
  var next: Int64

  func bind(to statement: Statement, limit: Int) {
    for (index, value) in [chain, before, number, next, Int64(limit)].enumerated() {
      statement.bind(Int32(index + 1), value)
    }
  }
}
