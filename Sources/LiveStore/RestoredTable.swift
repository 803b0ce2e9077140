import ItemStore
import OfficeModel

/// A cell that a restore has copied into the office's database and that nobody sees yet.
struct RestoredCell {
  var id: UserID
  var area: Area
  /// What the cell will be. Its storage is a copy of the archive's items, or the office's own one.
  var state: CellState
  /// What to put into the storage first; 0 for none.
  var delta: Int64
  /// The storage that was copied and belongs to nobody yet; 0 for none.
  var copied: Int64

  fileprivate var mark: Int64 {
    var check = RowCheck(17)
    check.add(id.text)
    for value in [Int64(area.rawValue), delta, copied] { check.add(value) }
    check.add(state)
    return check.value
  }
}

/// The rows of `restored`: empty but while a restore runs, so that its memory does not grow with the office.
enum RestoredTable {
  static let schema = """
    CREATE TABLE restored(
      id TEXT NOT NULL, area INTEGER NOT NULL, storage INTEGER NOT NULL, size INTEGER NOT NULL,
      items INTEGER NOT NULL, mtime INTEGER NOT NULL, digest BLOB NOT NULL,
      delta INTEGER NOT NULL, copied INTEGER NOT NULL, mark INTEGER NOT NULL,
      PRIMARY KEY(id, area)) WITHOUT ROWID;
    """

  static func insert(_ row: RestoredCell, in connection: Connection) throws(OfficeError) {
    let insert = try connection.statement(
      "INSERT INTO restored VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
    insert.bind(1, row.id.text)
    insert.bind(2, Int64(row.area.rawValue))
    insert.bind(3, row.state)
    insert.bind(8, row.delta)
    insert.bind(9, row.copied)
    insert.bind(10, row.mark)
    try insert.run()
  }

  /// A user's cells, in the order of their areas.
  static func cells(of id: UserID, in connection: Connection) throws(OfficeError) -> [RestoredCell]
  {
    let find = try connection.statement(
      """
      SELECT area, storage, size, items, mtime, digest, delta, copied, mark FROM restored
      WHERE id = ?1 ORDER BY area
      """)
    find.bind(1, id.text)
    defer { find.reset() }
    var cells: [RestoredCell] = []
    while try find.step() {
      guard let area = Area(rawValue: UInt8(truncatingIfNeeded: find.integer(0))),
        let state = find.cell(1, born: 0)
      else { throw Damage.found("a cell to restore of \(id)") }
      let row = RestoredCell(
        id: id, area: area, state: state, delta: find.integer(6), copied: find.integer(7))
      guard row.mark == find.integer(8) else { throw Damage.found("a cell to restore of \(id)") }
      cells.append(row)
    }
    return cells
  }

  /// Some storages that rows name; they are then gone from here.
  static func takeStorages(limit: Int, in connection: Connection) throws(OfficeError) -> [Int64] {
    let find = try connection.statement("SELECT id, area, delta, copied FROM restored LIMIT ?1")
    find.bind(1, Int64(limit))
    var rows: [(id: String, area: Int64)] = []
    var storages: [Int64] = []
    do {
      defer { find.reset() }
      while try find.step() {
        rows.append((find.text(0), find.integer(1)))
        storages += [find.integer(2), find.integer(3)].filter { $0 != 0 }
      }
    }
    for row in rows {
      let delete = try connection.statement("DELETE FROM restored WHERE id = ?1 AND area = ?2")
      delete.bind(1, row.id)
      delete.bind(2, row.area)
      try delete.run()
    }
    return storages
  }

  static func isEmpty(in connection: Connection) throws(OfficeError) -> Bool {
    try connection.value("SELECT EXISTS(SELECT 1 FROM restored)") == 0
  }

  static func clear(in connection: Connection) throws(OfficeError) {
    try connection.statement("DELETE FROM restored").run()
  }
}
