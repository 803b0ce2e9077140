import ItemStore
import OfficeModel

/// What is kept of an area over all users.
struct ColumnRow {
  var sums = CellSums()
  var items: Int64 = 0
  var bytes: Int64 = 0
  /// The latest commit that changed the column.
  var changed: Int64 = 0
  /// In nanoseconds.
  var mtime: Int64 = 0

  /// Adds a user's cell or, with a count of -1, takes it away.
  mutating func add(_ cell: CellState, of id: UserID, count: Int64 = 1) {
    sums.add(size: cell.size, idLength: id.text.utf8.count, count: count)
    items += count * cell.items
    bytes += count * cell.size
  }

  func mark(_ area: Area) -> Int64 {
    var check = RowCheck(11)
    for value in [
      Int64(area.rawValue), sums.cells, sums.padded, sums.large, sums.idBytes, items, bytes,
      changed, mtime,
    ] {
      check.add(value)
    }
    return check.value
  }
}

/// The rows of `area`.
enum ColumnTable {
  static func load(_ area: Area, in connection: Connection) throws(OfficeError) -> ColumnRow {
    let find = try connection.statement(
      """
      SELECT cells, padded, large, idbytes, items, bytes, changed, mtime, mark FROM area
      WHERE area = ?1
      """)
    find.bind(1, Int64(area.rawValue))
    defer { find.reset() }
    guard try find.step() else { throw Damage.found("area \(area.name)") }
    let row = ColumnRow(
      sums: CellSums(
        cells: find.integer(0), padded: find.integer(1), large: find.integer(2),
        idBytes: find.integer(3)),
      items: find.integer(4), bytes: find.integer(5), changed: find.integer(6),
      mtime: find.integer(7))
    guard find.integer(8) == row.mark(area) else { throw Damage.found("area \(area.name)") }
    return row
  }

  static func save(_ row: ColumnRow, _ area: Area, in connection: Connection) throws(OfficeError) {
    let update = try connection.statement(
      """
      UPDATE area SET cells = ?2, padded = ?3, large = ?4, idbytes = ?5, items = ?6, bytes = ?7,
      changed = ?8, mtime = ?9, mark = ?10 WHERE area = ?1
      """)
    update.bind(1, Int64(area.rawValue))
    update.bind(2, row.sums.cells)
    update.bind(3, row.sums.padded)
    update.bind(4, row.sums.large)
    update.bind(5, row.sums.idBytes)
    update.bind(6, row.items)
    update.bind(7, row.bytes)
    update.bind(8, row.changed)
    update.bind(9, row.mtime)
    update.bind(10, row.mark(area))
    try update.run()
  }
}
