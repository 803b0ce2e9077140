import OfficeModel

/// What a merge does to the current cell, in tables beside the loose items: which keys get which staged item, and which go.
struct MergeTables {
  // `change.source` is the staged item's key, empty where the current item goes. A group is what stands between frames.
  static let schema = """
    CREATE TABLE change(key BLOB PRIMARY KEY, source BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE arrival(key BLOB PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE frame(side INTEGER, key BLOB, name BLOB, PRIMARY KEY(side, key)) WITHOUT ROWID;
    CREATE TABLE members(side INTEGER, name BLOB, count INTEGER, moved INTEGER,
      PRIMARY KEY(side, name)) WITHOUT ROWID;
    """

  /// Empties them.
  static let deletions: [StaticString] = [
    "DELETE FROM change", "DELETE FROM arrival", "DELETE FROM frame", "DELETE FROM members",
  ]

  let connection: Connection

  /// The staged item at `source` comes to `key`.
  func put(_ source: [UInt8], at key: [UInt8]) throws(OfficeError) {
    let insert = try connection.statement("INSERT INTO change VALUES(?1, ?2)")
    insert.bind(1, key)
    insert.bind(2, source)
    try insert.run()
  }

  /// The current item goes.
  func drop(_ key: [UInt8]) throws(OfficeError) { try put([], at: key) }

  /// The staged item comes in at its own place, behind the twins that are there.
  func arrive(_ key: [UInt8]) throws(OfficeError) {
    let insert = try connection.statement("INSERT INTO arrival VALUES(?1)")
    insert.bind(1, key)
    try insert.run()
  }

  /// A frame that one side alone has.
  func addFrame(_ key: [UInt8], named name: [UInt8], of side: CellSide) throws(OfficeError) {
    let insert = try connection.statement("INSERT INTO frame VALUES(?1, ?2, ?3)")
    insert.bind(1, side.rawValue)
    insert.bind(2, key)
    insert.bind(3, name)
    try insert.run()
  }

  /// How many items a group has on a side.
  func setMembers(_ count: Int, of name: [UInt8], on side: CellSide) throws(OfficeError) {
    let insert = try connection.statement("INSERT INTO members VALUES(?1, ?2, ?3, 0)")
    insert.bind(1, side.rawValue)
    insert.bind(2, name)
    insert.bind(3, Int64(count))
    try insert.run()
  }

  /// One of a group's items leaves the current cell, or comes in from the staged one.
  func countMoved(from name: [UInt8], on side: CellSide) throws(OfficeError) {
    let update = try connection.statement(
      "UPDATE members SET moved = moved + 1 WHERE side = ?1 AND name = ?2")
    update.bind(1, side.rawValue)
    update.bind(2, name)
    try update.run()
  }

  /// Decides over frames. A group that has lost its last item goes with it; one of which no item comes in stays away.
  /// Those that were empty on their own side are no less than before.
  func settleFrames() throws(OfficeError) {
    try connection.execute(
      """
      INSERT INTO change SELECT f.key, x'' FROM frame f JOIN members m
        ON m.side = f.side AND m.name = f.name
        WHERE f.side = 0 AND m.count > 0 AND m.moved = m.count;
      INSERT INTO change SELECT f.key, f.key FROM frame f JOIN members m
        ON m.side = f.side AND m.name = f.name
        WHERE f.side = 1 AND (m.count = 0 OR m.moved > 0);
      """)
  }

  /// The keys of arrivals in ascending order, walked once.
  func arrivals() throws(OfficeError) -> Statement {
    try connection.prepare("SELECT key FROM arrival ORDER BY key")
  }

  /// Keys and sources of all changes in ascending order of keys, walked once.
  func changes() throws(OfficeError) -> Statement {
    try connection.prepare("SELECT key, source FROM change ORDER BY key")
  }
}
