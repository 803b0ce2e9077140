import OfficeModel

extension ItemDatabase {
  private static let erasedRows: Int64 = 1_000

  /// Takes the items whose natural key `isErased` out of a storage, in every version that reads it. What the cells' rows
  /// say then is to be renewed by `remeasured`. Returns whether there were any.
  public func erase(
    from storage: Int64, where isErased: ([UInt8]) -> Bool, in connection: Connection
  ) throws(OfficeError) -> Bool {
    let current = try erase(
      from: storage, where: isErased, in: connection,
      """
      SELECT key, born, content FROM item WHERE storage = ?1 AND (key, born) > (?2, ?3)
      ORDER BY key, born LIMIT ?4
      """, "DELETE FROM item WHERE storage = ?1 AND key = ?2 AND born = ?3")
    let past = try erase(
      from: storage, where: isErased, in: connection,
      """
      SELECT key, born, content FROM past WHERE storage = ?1 AND (key, born) > (?2, ?3)
      ORDER BY key, born LIMIT ?4
      """, "DELETE FROM past WHERE storage = ?1 AND key = ?2 AND born = ?3")
    return current || past
  }

  private func erase(
    from storage: Int64, where isErased: ([UInt8]) -> Bool, in connection: Connection,
    _ pageSQL: StaticString, _ deleteSQL: StaticString
  ) throws(OfficeError) -> Bool {
    var place: (key: [UInt8], born: Int64) = ([], -1)
    var isFound = false
    while true {
      // A table is not changed under a walk over it.
      let page = try connection.statement(pageSQL)
      page.bind(1, storage)
      page.bind(2, place.key)
      page.bind(3, place.born)
      page.bind(4, ItemDatabase.erasedRows)
      var rows: [(key: [UInt8], born: Int64, content: [ChunkReference])] = []
      do {
        defer { page.reset() }
        while try page.step() {
          rows.append((page.array(0), page.integer(1), ItemContent.references(page.bytes(2))))
        }
      }
      guard let last = rows.last else { return isFound }
      for row in rows where isErased(row.key.naturalKey) {
        isFound = true
        try chunks.release(row.content, in: connection)
        let delete = try connection.statement(deleteSQL)
        delete.bind(1, storage)
        delete.bind(2, row.key)
        delete.bind(3, row.born)
        try delete.run()
      }
      place = (last.key, last.born)
    }
  }

  /// A cell with the size, number of items and digest that its storage has for it by now.
  public func remeasured(
    _ cell: CellState, in connection: Connection
  ) throws(OfficeError) -> CellState {
    guard cell.storage != 0 else { return cell }
    var measured = cell
    measured.size = 0
    measured.items = 0
    var cursor = try ItemCursor(cell.storage, at: cell.born, from: [], in: connection)
    do throws(OfficeError) {
      while cursor.isValid {
        measured.size += cursor.length
        measured.items += 1
        try cursor.next()
      }
      cursor.close()
    } catch {
      cursor.close()
      throw error
    }
    measured.digest = try digest(of: measured.stored, in: connection)
    return measured
  }
}
