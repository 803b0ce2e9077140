import ItemStore
import OfficeModel

/// A version of a user's file as its row says.
struct UserRow {
  var state: UserState
  /// The commit that ended it, or `ItemSchema.never`.
  var died: Int64

  var isLive: Bool { died == ItemSchema.never }

  var mark: Int64 {
    var check = RowCheck(12)
    for value in [
      state.version, state.number.rawValue, state.born, died, state.mtime, state.sums.padded,
      state.sums.large,
    ] {
      check.add(value)
    }
    check.add(state.id.text)
    check.add(state.id.folded)
    return check.value
  }
}

/// The rows of `userversion`.
enum UserTable {
  // Columns in the order that `row` reads.
  private static func row(_ found: Statement) throws(OfficeError) -> UserRow {
    let version = found.integer(0)
    guard let id = try? UserID(stored: found.text(2)) else {
      throw Damage.found("user version \(version)")
    }
    let count = Int64(Area.allCases.count)
    let state = UserState(
      number: UserNumber(rawValue: found.integer(1)), id: id, version: version,
      born: found.integer(3), mtime: found.integer(5),
      sums: CellSums(
        cells: count, padded: found.integer(6), large: found.integer(7),
        idBytes: count * Int64(id.text.utf8.count)))
    let row = UserRow(state: state, died: found.integer(4))
    guard row.mark == found.integer(8) else { throw Damage.found("user version \(version)") }
    return row
  }

  private static func first(_ found: Statement) throws(OfficeError) -> UserRow? {
    defer { found.reset() }
    return try found.step() ? try row(found) : nil
  }

  private static func all(_ found: Statement) throws(OfficeError) -> [UserRow] {
    defer { found.reset() }
    var rows: [UserRow] = []
    while try found.step() { rows.append(try row(found)) }
    return rows
  }

  static func live(_ id: UserID, in connection: Connection) throws(OfficeError) -> UserRow? {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE id = ?1 AND died = 9223372036854775807
      """)
    find.bind(1, id.text)
    return try first(find)
  }

  static func live(folded: String, in connection: Connection) throws(OfficeError) -> UserRow? {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE folded = ?1 AND died = 9223372036854775807
      """)
    find.bind(1, folded)
    return try first(find)
  }

  static func version(_ version: Int64, in connection: Connection) throws(OfficeError) -> UserRow? {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE version = ?1
      """)
    find.bind(1, version)
    return try first(find)
  }

  /// The user of that id as of a commit.
  static func user(
    _ id: UserID, at commit: Int64, in connection: Connection
  ) throws(OfficeError) -> UserRow? {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE id = ?1 AND born <= ?2 ORDER BY born DESC LIMIT 1
      """)
    find.bind(1, id.text)
    find.bind(2, commit)
    guard let row = try first(find), row.died > commit else { return nil }
    return row
  }

  /// The latest version of that id, whether it has ended or not.
  static func newest(of id: UserID, in connection: Connection) throws(OfficeError) -> UserRow? {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE id = ?1 ORDER BY born DESC LIMIT 1
      """)
    find.bind(1, id.text)
    return try first(find)
  }

  /// Live users in the order of their ids, behind `id`. A damaged row is counted and passed over.
  static func live(
    after id: String, limit: Int, in connection: Connection
  ) throws(OfficeError) -> UserPage {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE died = 9223372036854775807 AND id > ?1 ORDER BY id LIMIT ?2
      """)
    find.bind(1, id)
    find.bind(2, Int64(limit))
    defer { find.reset() }
    var page = UserPage(end: id)
    while try find.step() {
      let name = find.text(2)
      // A damaged id is out of order: the walk would not end.
      guard name > page.end else { throw Damage.found("the order of the users' ids") }
      page.end = name
      if name == UserID.office.text { continue }
      do throws(OfficeError) { page.users.append(try row(find).state) } catch { page.damaged += 1 }
    }
    return page
  }

  /// Versions that ended after `commit`, in the order of their numbers; those that began after it are among them.
  static func ended(
    after commit: Int64, beyond version: Int64, limit: Int, in connection: Connection
  ) throws(OfficeError) -> [UserRow] {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE died < 9223372036854775807 AND died > ?1 AND version > ?2 ORDER BY version LIMIT ?3
      """)
    find.bind(1, commit)
    find.bind(2, version)
    find.bind(3, Int64(limit))
    return try all(find)
  }

  /// Versions that ended at or before `commit`.
  static func ended(
    upTo commit: Int64, limit: Int, in connection: Connection
  ) throws(OfficeError) -> [UserRow] {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE died < 9223372036854775807 AND died <= ?1 LIMIT ?2
      """)
    find.bind(1, commit)
    find.bind(2, Int64(limit))
    return try all(find)
  }

  static let openedSQL: StaticString = """
    SELECT id, born, version FROM userversion
    WHERE (born, version) > (?1, ?2) AND born <= ?3 ORDER BY born, version LIMIT ?4
    """
  static let closedSQL: StaticString = """
    SELECT id, died, version FROM userversion
    WHERE died < 9223372036854775807 AND (died, version) > (?1, ?2) AND died <= ?3
    ORDER BY died, version LIMIT ?4
    """

  /// Whose versions began (`openedSQL`) or ended (`closedSQL`) beyond a place, at most at `commit`.
  static func ids(
    _ sql: StaticString, beyond place: (commit: Int64, version: Int64), upTo commit: Int64,
    limit: Int, in connection: Connection
  ) throws(OfficeError) -> (ids: [String], last: (commit: Int64, version: Int64)?) {
    let find = try connection.statement(sql)
    find.bind(1, place.commit)
    find.bind(2, place.version)
    find.bind(3, commit)
    find.bind(4, Int64(limit))
    defer { find.reset() }
    var ids: [String] = []
    var last: (commit: Int64, version: Int64)?
    while try find.step() {
      ids.append(find.text(0))
      last = (find.integer(1), find.integer(2))
    }
    return (ids, ids.count == limit ? last : nil)
  }

  /// All versions of the users who have or had an id, regardless of case.
  static func versions(
    of number: UserNumber, in connection: Connection
  ) throws(OfficeError) -> [UserRow] {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE user = ?1 ORDER BY born
      """)
    find.bind(1, number.rawValue)
    return try all(find)
  }

  /// The numbers of all users who have or had this id.
  static func numbers(of id: UserID, in connection: Connection) throws(OfficeError) -> [UserNumber]
  {
    let find = try connection.statement("SELECT DISTINCT user FROM userversion WHERE id = ?1")
    find.bind(1, id.text)
    defer { find.reset() }
    var numbers: [UserNumber] = []
    while try find.step() { numbers.append(UserNumber(rawValue: find.integer(0))) }
    return numbers
  }

  /// Versions in the order of their numbers, for `verify`.
  static func page(
    beyond version: Int64, limit: Int, in connection: Connection
  ) throws(OfficeError) -> [UserRow] {
    let find = try connection.statement(
      """
      SELECT version, user, id, born, died, mtime, padded, large, mark FROM userversion
      WHERE version > ?1 ORDER BY version LIMIT ?2
      """)
    find.bind(1, version)
    find.bind(2, Int64(limit))
    return try all(find)
  }

  /// Adds a version; its number is given here.
  static func insert(
    _ state: UserState, in connection: Connection
  ) throws(OfficeError) -> UserState {
    let insert = try connection.statement(
      """
      INSERT INTO userversion(user, id, folded, born, died, mtime, padded, large, mark)
      VALUES(?1, ?2, ?3, ?4, 9223372036854775807, ?5, ?6, ?7, 0)
      """)
    insert.bind(1, state.number.rawValue)
    insert.bind(2, state.id.text)
    insert.bind(3, state.id.folded)
    insert.bind(4, state.born)
    insert.bind(5, state.mtime)
    insert.bind(6, state.sums.padded)
    insert.bind(7, state.sums.large)
    try insert.run()
    var stored = state
    stored.version = connection.lastRow
    try update(UserRow(state: stored, died: ItemSchema.never), in: connection)
    return stored
  }

  /// Writes a version's end, time and sums.
  static func update(_ row: UserRow, in connection: Connection) throws(OfficeError) {
    let update = try connection.statement(
      """
      UPDATE userversion SET died = ?2, mtime = ?3, mark = ?4, padded = ?5, large = ?6
      WHERE version = ?1
      """)
    update.bind(1, row.state.version)
    update.bind(2, row.died)
    update.bind(3, row.state.mtime)
    update.bind(4, row.mark)
    update.bind(5, row.state.sums.padded)
    update.bind(6, row.state.sums.large)
    try update.run()
  }

  static func delete(version: Int64, in connection: Connection) throws(OfficeError) {
    let delete = try connection.statement("DELETE FROM userversion WHERE version = ?1")
    delete.bind(1, version)
    try delete.run()
  }
}
