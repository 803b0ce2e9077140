import OfficeModel

/// Rows of `item` and `past`.
enum ItemRow {
  /// What a row says besides its key.
  typealias Values = (born: Int64, length: Int64, content: [UInt8])

  /// What a row says. Throws `.inputOutput` if it is gone or damaged.
  static func find(
    _ key: [UInt8], of storage: Int64, in connection: Connection
  ) throws(OfficeError) -> Values {
    guard let found = try values(of: key, in: storage, connection) else { throw damage(storage) }
    return found
  }

  /// What a row says; nil if there is none. Throws `.inputOutput` if it is damaged.
  static func values(
    of key: [UInt8], in storage: Int64, _ connection: Connection
  ) throws(OfficeError) -> Values? {
    let find = try connection.statement(
      "SELECT key, born, length, content, mark FROM item WHERE storage = ?1 AND key = ?2")
    find.bind(1, storage)
    find.bind(2, key)
    defer { find.reset() }
    return try find.step() ? try values(find, of: storage) : nil
  }

  /// Rows in the order of their keys; the carry, whose key is empty, is not among them.
  static func page(
    of storage: Int64, after last: [UInt8], in connection: Connection
  ) throws(OfficeError) -> [(key: [UInt8], values: Values)] {
    let rows = try connection.statement(
      """
      SELECT key, born, length, content, mark FROM item
      WHERE storage = ?1 AND key > ?2 ORDER BY key LIMIT 1000
      """)
    rows.bind(1, storage)
    rows.bind(2, last)
    defer { rows.reset() }
    var page: [(key: [UInt8], values: Values)] = []
    while try rows.step() { page.append((rows.array(0), try values(rows, of: storage))) }
    return page
  }

  private static func values(
    _ row: Statement, of storage: Int64
  ) throws(OfficeError) -> Values {
    let mark = ItemMark.of(
      storage: storage, key: row.bytes(0), born: row.integer(1), died: ItemSchema.never,
      length: row.integer(2), content: row.bytes(3))
    guard mark.agrees(with: row.integer(4)) else { throw damage(storage) }
    return (row.integer(1), row.integer(2), row.array(3))
  }

  private static func damage(_ storage: Int64) -> OfficeError {
    Damage.found("an item of storage \(storage)")
  }

  static func insert(
    storage: Int64, key: [UInt8], born: Int64, length: Int64, content: [UInt8],
    in connection: Connection
  ) throws(OfficeError) {
    let row = try connection.statement("INSERT INTO item VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
    try run(row, storage, key, (born, length, content))
  }

  /// Has the row of this key say something else, in its place.
  static func update(
    storage: Int64, key: [UInt8], born: Int64, length: Int64, content: [UInt8],
    in connection: Connection
  ) throws(OfficeError) {
    let row = try connection.statement(
      """
      UPDATE item SET born = ?3, length = ?4, content = ?5, mark = ?6
      WHERE storage = ?1 AND key = ?2
      """)
    try run(row, storage, key, (born, length, content))
  }

  private static func run(
    _ row: Statement, _ storage: Int64, _ key: [UInt8], _ values: Values
  ) throws(OfficeError) {
    row.bind(1, storage)
    row.bind(2, key)
    row.bind(3, values.born)
    row.bind(4, values.length)
    row.bind(5, values.content)
    row.bind(
      6,
      ItemMark.of(
        storage: storage, key: key, born: values.born, died: ItemSchema.never,
        length: values.length, content: values.content
      ).short)
    try row.run()
  }

  static func delete(
    _ key: [UInt8], of storage: Int64, in connection: Connection
  ) throws(OfficeError) {
    let delete = try connection.statement("DELETE FROM item WHERE storage = ?1 AND key = ?2")
    delete.bind(1, storage)
    delete.bind(2, key)
    try delete.run()
  }

  static func insertPast(
    storage: Int64, key: [UInt8], born: Int64, died: Int64, length: Int64, content: [UInt8],
    in connection: Connection
  ) throws(OfficeError) {
    let row = try connection.statement("INSERT INTO past VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    row.bind(1, storage)
    row.bind(2, key)
    row.bind(3, born)
    row.bind(4, died)
    row.bind(5, length)
    row.bind(6, content)
    row.bind(
      7,
      ItemMark.of(
        storage: storage, key: key, born: born, died: died, length: length, content: content
      ).short)
    try row.run()
  }
}
