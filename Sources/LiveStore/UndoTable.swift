import ItemStore
import OfficeModel

/// A folder of `undo/`: what one caller did in one go.
public struct UndoGroup: Sendable, Equatable {
  /// Persistent, never reused.
  public var number: Int64
  /// When it began, in seconds since 1970.
  public var seconds: Int64
  /// "import", "delete", "rename", "restore", "groups" or "settings".
  public var what: String
  /// The folder's name: `<stamp>_<what>`, made unique with -2, -3 …
  public var name: String
}

/// A file in a folder of `undo/`: the user as before.
public struct UndoFile: Sendable, Equatable {
  /// Persistent, never reused.
  public var number: Int64
  /// The id the user had.
  public var id: UserID
  /// The user as before.
  public var user: UserState
  /// View the user at this commit.
  public var commit: Int64
  /// When it was made, in seconds since 1970.
  public var seconds: Int64
  /// Who did it, as the caller said.
  public var author: String
}

/// The rows of `undogroup` and `undofile`.
enum UndoTable {
  /// What one caller does within this many seconds of each other is one folder.
  static let window: Int64 = 60

  /// Notes that `user`, as seen at `commit`, is about to change; returns the folder's number. One that `joins` is not noted again in a folder that has
  /// the user already: what was there before the first change is what undo gives back.
  static func add(
    _ user: UserState, seen commit: Int64, what: String, party: Int64, author: String,
    seconds: Int64, joins: Bool = false, in connection: Connection
  ) throws(OfficeError) -> Int64 {
    let group = try group(
      for: user.id, what: what, party: party, seconds: seconds, joins: joins, in: connection)
    if joins, try holds(user.id, in: group, connection) { return group }
    let insert = try connection.statement(
      """
      INSERT INTO undofile(entry, id, version, seen, seconds, author, mark)
      VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """)
    insert.bind(1, group)
    insert.bind(2, user.id.text)
    insert.bind(3, user.version)
    insert.bind(4, commit)
    insert.bind(5, seconds)
    insert.bind(6, author)
    insert.bind(7, fileMark(group, user.id.text, user.version, commit, seconds, author))
    try insert.run()
    return group
  }

  static func groups(in connection: Connection) throws(OfficeError) -> [UndoGroup] {
    let find = try connection.statement(
      "SELECT number, what, party, seconds, latest, name, mark FROM undogroup ORDER BY number")
    defer { find.reset() }
    var groups: [UndoGroup] = []
    while try find.step() {
      let row = try groupRow(find)
      groups.append(row.group)
    }
    return groups
  }

  static func group(
    named name: String, in connection: Connection
  ) throws(OfficeError) -> UndoGroup? {
    let find = try connection.statement(
      "SELECT number, what, party, seconds, latest, name, mark FROM undogroup WHERE name = ?1")
    find.bind(1, name)
    defer { find.reset() }
    return try find.step() ? try groupRow(find).group : nil
  }

  static func group(_ number: Int64, in connection: Connection) throws(OfficeError) -> UndoGroup? {
    let find = try connection.statement(
      "SELECT number, what, party, seconds, latest, name, mark FROM undogroup WHERE number = ?1")
    find.bind(1, number)
    defer { find.reset() }
    return try find.step() ? try groupRow(find).group : nil
  }

  /// The folder that was made last.
  static func newest(in connection: Connection) throws(OfficeError) -> UndoGroup? {
    try newestRow(in: connection)?.group
  }

  private static func newestRow(
    in connection: Connection
  ) throws(OfficeError) -> (group: UndoGroup, party: Int64, latest: Int64)? {
    let find = try connection.statement(
      """
      SELECT number, what, party, seconds, latest, name, mark FROM undogroup
      ORDER BY number DESC LIMIT 1
      """)
    defer { find.reset() }
    return try find.step() ? try groupRow(find) : nil
  }

  static func files(of group: Int64, in connection: Connection) throws(OfficeError) -> [UndoFile] {
    let find = try connection.statement(
      """
      SELECT number, entry, id, version, seen, seconds, author, mark FROM undofile
      WHERE entry = ?1 ORDER BY id
      """)
    find.bind(1, group)
    return try files(find, in: connection)
  }

  static func file(_ number: Int64, in connection: Connection) throws(OfficeError) -> UndoFile? {
    let find = try connection.statement(
      """
      SELECT number, entry, id, version, seen, seconds, author, mark FROM undofile
      WHERE number = ?1
      """)
    find.bind(1, number)
    return try files(find, in: connection).first
  }

  static func file(
    of group: Int64, named id: UserID, in connection: Connection
  ) throws(OfficeError) -> UndoFile? {
    let find = try connection.statement(
      """
      SELECT number, entry, id, version, seen, seconds, author, mark FROM undofile
      WHERE entry = ?1 AND id = ?2
      """)
    find.bind(1, group)
    find.bind(2, id.text)
    return try files(find, in: connection).first
  }

  private static func files(
    _ find: Statement, in connection: Connection
  ) throws(OfficeError) -> [UndoFile] {
    defer { find.reset() }
    var files: [UndoFile] = []
    while try find.step() {
      let number = find.integer(0)
      let mark = fileMark(
        find.integer(1), find.text(2), find.integer(3), find.integer(4), find.integer(5),
        find.text(6))
      guard mark == find.integer(7), let id = try? UserID(stored: find.text(2)),
        let user = try UserTable.version(find.integer(3), in: connection)
      else { throw Damage.found("undo file \(number)") }
      files.append(
        UndoFile(
          number: number, id: id, user: user.state, commit: find.integer(4),
          seconds: find.integer(5), author: find.text(6)))
    }
    return files
  }

  /// Removes what is older; returns how many files that were.
  static func delete(
    before seconds: Int64, in connection: Connection
  ) throws(OfficeError) -> Int {
    let delete = try connection.statement("DELETE FROM undofile WHERE seconds < ?1")
    delete.bind(1, seconds)
    return try deleteFiles(delete, in: connection)
  }

  /// Removes the files of a version.
  static func delete(version: Int64, in connection: Connection) throws(OfficeError) -> Int {
    let delete = try connection.statement("DELETE FROM undofile WHERE version = ?1")
    delete.bind(1, version)
    return try deleteFiles(delete, in: connection)
  }

  /// The oldest commit that a file is seen at; nil without files.
  static func oldest(in connection: Connection) throws(OfficeError) -> Int64? {
    let find = try connection.statement("SELECT seen FROM undofile ORDER BY seen LIMIT 1")
    defer { find.reset() }
    return try find.step() ? find.integer(0) : nil
  }

  private static func deleteFiles(
    _ delete: Statement, in connection: Connection
  ) throws(OfficeError) -> Int {
    let before = connection.changes
    try delete.run()
    let count = Int(connection.changes - before)
    if count > 0 {
      let empty = try connection.statement(
        "DELETE FROM undogroup WHERE number NOT IN (SELECT entry FROM undofile)")
      try empty.run()
    }
    return count
  }

  // The newest folder, if the same caller made it for the same reason just now and it has no such file yet, or may have
  // one; else a new one.
  private static func group(
    for id: UserID, what: String, party: Int64, seconds: Int64, joins: Bool,
    in connection: Connection
  ) throws(OfficeError) -> Int64 {
    if let row = try newestRow(in: connection), row.group.what == what, row.party == party,
      (0..<window).contains(seconds - row.latest),
      try joins ? true : !holds(id, in: row.group.number, connection)
    {
      let update = try connection.statement(
        "UPDATE undogroup SET latest = ?2, mark = ?3 WHERE number = ?1")
      update.bind(1, row.group.number)
      update.bind(2, seconds)
      update.bind(
        3, groupMark(what, party, row.group.seconds, seconds, row.group.name))
      try update.run()
      return row.group.number
    }
    let name = try freeName("\(Stamp.text(seconds: seconds))_\(what)", in: connection)
    let insert = try connection.statement(
      """
      INSERT INTO undogroup(what, party, seconds, latest, name, mark)
      VALUES(?1, ?2, ?3, ?3, ?4, ?5)
      """)
    insert.bind(1, what)
    insert.bind(2, party)
    insert.bind(3, seconds)
    insert.bind(4, name)
    insert.bind(5, groupMark(what, party, seconds, seconds, name))
    try insert.run()
    return connection.lastRow
  }

  private static func holds(
    _ id: UserID, in group: Int64, _ connection: Connection
  ) throws(OfficeError) -> Bool {
    let find = try connection.statement("SELECT 1 FROM undofile WHERE entry = ?1 AND id = ?2")
    find.bind(1, group)
    find.bind(2, id.text)
    defer { find.reset() }
    return try find.step()
  }

  private static func freeName(
    _ base: String, in connection: Connection
  ) throws(OfficeError) -> String {
    var name = base
    var next = 2
    let find = try connection.statement("SELECT 1 FROM undogroup WHERE name = ?1")
    while true {
      find.bind(1, name)
      defer { find.reset() }
      if try !find.step() { return name }
      name = "\(base)-\(next)"
      next += 1
    }
  }

  private static func groupRow(
    _ found: Statement
  ) throws(OfficeError) -> (group: UndoGroup, party: Int64, latest: Int64) {
    let mark = groupMark(
      found.text(1), found.integer(2), found.integer(3), found.integer(4), found.text(5))
    guard mark == found.integer(6) else { throw Damage.found("undo folder \(found.integer(0))") }
    let group = UndoGroup(
      number: found.integer(0), seconds: found.integer(3), what: found.text(1), name: found.text(5))
    return (group, found.integer(2), found.integer(4))
  }

  private static func groupMark(
    _ what: String, _ party: Int64, _ seconds: Int64, _ latest: Int64, _ name: String
  ) -> Int64 {
    var check = RowCheck(14)
    check.add(what)
    check.add(party)
    check.add(seconds)
    check.add(latest)
    check.add(name)
    return check.value
  }

  private static func fileMark(
    _ group: Int64, _ id: String, _ version: Int64, _ commit: Int64, _ seconds: Int64,
    _ author: String
  ) -> Int64 {
    var check = RowCheck(15)
    check.add(group)
    check.add(id)
    check.add(version)
    check.add(commit)
    check.add(seconds)
    check.add(author)
    return check.value
  }
}
