import OfficeModel

// What another store asks of this one's items, each page in one short read transaction.

extension ItemDatabase {
  static let changesAPage = 1_024
  private static let bytesAPage: Int64 = 8 << 20

  static let bornSQL: StaticString = """
    SELECT key, born, length, content, mark FROM item
    WHERE storage = ?1 AND born > 0 AND (born, key) > (?2, ?3) AND born <= ?4
    ORDER BY born, key LIMIT ?5
    """
  static let diedSQL: StaticString = """
    SELECT key, born, length, content, mark, died FROM past
    WHERE storage = ?1 AND (died, key) > (?2, ?3) ORDER BY died, key, born LIMIT ?4
    """

  /// A page of the cell's items in the order of keys or, with `since`, of what changed in (since, cell.number]:
  /// first what was put in, then what was superseded or removed.
  public func items(
    of cell: StoredCell, since: Int64?, from place: ItemPlace
  ) throws(OfficeError) -> ItemPage {
    guard cell.storage != 0 else { return ItemPage(changes: [], next: nil) }
    return try read { connection throws(OfficeError) in
      guard let since else { return try allItems(of: cell, from: place, in: connection) }
      // No key is empty, so this begins with the first row born after `since`.
      var place = place.phase == 0 ? ItemPlace(phase: 1, number: since + 1) : place
      var page = ItemPage(changes: [], next: nil)
      if place.phase == 1 {
        page = try born(in: cell, from: place, in: connection)
        guard let next = page.next, next.phase == 2 else { return page }
        place = next
      }
      let rest = try died(in: cell, since: since, from: place, in: connection)
      page.changes += rest.changes
      page.next = rest.next
      return page
    }
  }

  /// The bytes of chunks, compared with their check.
  public func contents(of chunks: [ContentChunk]) throws(OfficeError) -> [[UInt8]] {
    try read { connection throws(OfficeError) in
      let find = try connection.statement("SELECT bytes FROM data WHERE id = ?1")
      defer { find.reset() }
      var out: [[UInt8]] = []
      out.reserveCapacity(chunks.count)
      for chunk in chunks {
        find.bind(1, chunk.place)
        guard try find.step() else { throw Damage.found("content \(chunk.place)") }
        let bytes = find.bytes(0)
        guard bytes.count == Int(chunk.length), RowCheck.vouches(chunk.check, for: bytes)
        else {
          throw Damage.found("content \(chunk.place)")
        }
        out.append(Array(bytes))
        find.reset()
      }
      return out
    }
  }

  private func allItems(
    of cell: StoredCell, from place: ItemPlace, in connection: Connection
  ) throws(OfficeError) -> ItemPage {
    var cursor = try ItemCursor(
      cell.storage, at: cell.number, from: place.key, in: connection, lane: 3)
    defer { cursor.close() }
    var page = ItemPage(changes: [], next: nil)
    var bytes: Int64 = 0
    while cursor.isValid {
      guard page.changes.count < ItemDatabase.changesAPage, bytes < ItemDatabase.bytesAPage else {
        page.next = ItemPlace(key: Array(cursor.key))
        break
      }
      page.changes.append(
        .put(
          try record(
            Array(cursor.key), cursor.length, cursor.content, of: cell.storage, in: connection)))
      bytes += cursor.length
      try cursor.next()
    }
    return page
  }

  private func born(
    in cell: StoredCell, from place: ItemPlace, in connection: Connection
  ) throws(OfficeError) -> ItemPage {
    let rows = try connection.statement(ItemDatabase.bornSQL)
    rows.bind(1, cell.storage)
    rows.bind(2, place.number)
    rows.bind(3, place.key)
    rows.bind(4, cell.number)
    rows.bind(5, Int64(ItemDatabase.changesAPage))
    defer { rows.reset() }
    var page = ItemPage(changes: [], next: ItemPlace(phase: 2))
    var bytes: Int64 = 0
    while try rows.step() {
      let key = rows.array(0)
      try check(rows, storage: cell.storage, died: ItemSchema.never)
      page.changes.append(
        .put(try record(key, rows.integer(2), rows.bytes(3), of: cell.storage, in: connection)))
      bytes += rows.integer(2)
      if page.changes.count == ItemDatabase.changesAPage || bytes >= ItemDatabase.bytesAPage {
        page.next = ItemPlace(phase: 1, number: rows.integer(1), key: key)
        break
      }
    }
    return page
  }

  // Rows that died after `since`: alive at the cell's number and born after `since`, they were put in (and superseded
  // by a later commit); dead at it, their key was removed unless another row shows it.
  private func died(
    in cell: StoredCell, since: Int64, from place: ItemPlace, in connection: Connection
  ) throws(OfficeError) -> ItemPage {
    let rows = try connection.statement(ItemDatabase.diedSQL)
    rows.bind(1, cell.storage)
    rows.bind(2, max(place.number, since + 1))
    rows.bind(3, place.key)
    rows.bind(4, Int64(ItemDatabase.changesAPage))
    defer { rows.reset() }
    var page = ItemPage(changes: [], next: nil)
    var count = 0
    while try rows.step() {
      let key = rows.array(0)
      let died = rows.integer(5)
      try check(rows, storage: cell.storage, died: died)
      count += 1
      if died > cell.number {
        let born = rows.integer(1)
        if born > since && born <= cell.number {
          page.changes.append(
            .put(try record(key, rows.integer(2), rows.bytes(3), of: cell.storage, in: connection)))
        }
      } else if try !holds(key, cell, in: connection) {
        page.changes.append(.removed(key))
      }
      if count == ItemDatabase.changesAPage {
        page.next = ItemPlace(phase: 2, number: died, key: key)
      }
    }
    return page
  }

  // Two rows of one key may die at different numbers only, so (died, key) names a row.
  private func holds(
    _ key: [UInt8], _ cell: StoredCell, in connection: Connection
  ) throws(OfficeError) -> Bool {
    for sql: StaticString in [
      "SELECT 1 FROM item WHERE storage = ?1 AND key = ?2 AND born <= ?3",
      """
      SELECT 1 FROM past WHERE storage = ?1 AND key = ?2 AND born <= ?3 AND died > ?3 LIMIT 1
      """,
    ] {
      let find = try connection.statement(sql)
      find.bind(1, cell.storage)
      find.bind(2, key)
      find.bind(3, cell.number)
      defer { find.reset() }
      if try find.step() { return true }
    }
    return false
  }

  private func check(_ row: Statement, storage: Int64, died: Int64) throws(OfficeError) {
    let mark = ItemMark.of(
      storage: storage, key: row.bytes(0), born: row.integer(1), died: died,
      length: row.integer(2), content: row.bytes(3))
    guard mark.agrees(with: row.integer(4)) else {
      throw Damage.found("an item of storage \(storage)")
    }
  }

  private func record(
    _ key: [UInt8], _ length: Int64, _ content: UnsafeRawBufferPointer, of storage: Int64,
    in connection: Connection
  ) throws(OfficeError) -> ItemRecord {
    guard let isInline = ItemContent.isInline(content) else {
      throw Damage.found("an item of storage \(storage)")
    }
    if isInline {
      return ItemRecord(key: key, length: length, content: .bytes(Array(content.dropFirst())))
    }
    let find = try connection.statement("SELECT sha, length, refs, mark FROM chunk WHERE id = ?1")
    defer { find.reset() }
    var chunks: [ContentChunk] = []
    for reference in ItemContent.references(content) {
      find.bind(1, reference.id)
      guard try find.step(), let digest = Digest(bytes: find.bytes(0)),
        find.integer(1) == Int64(reference.length),
        ChunkTable.mark(reference.id, digest.bytes, find.integer(1), find.integer(2))
          .agrees(with: find.integer(3))
      else { throw Damage.found("content \(reference.id)") }
      find.reset()
      chunks.append(
        ContentChunk(
          digest: digest, length: reference.length, check: reference.hash, place: reference.id))
    }
    return ItemRecord(key: key, length: length, content: .chunks(chunks))
  }
}
