import OfficeModel

extension ItemDatabase {
  /// Rows and bytes of content that one step of a sweep removes: what another writer waits for at most.
  private static let sweepRows = 2_000
  private static let sweepBytes: Int64 = 4 << 20
  private static let sweepChunks = 32

  /// At start-up: what was being staged when the last process ended is dropped. One transaction over few rows.
  public func dropStaged() throws(OfficeError) {
    try write(urgent: true, mayUseReserve: true) { connection throws(OfficeError) in
      for state in [StorageState.staged, .delta] {
        while let storage = try ItemDatabase.first(state, in: connection) {
          try StorageChanges.drop(storage, in: connection)
        }
      }
    }
  }

  /// Removes some rows of dropped storages and the content that nothing refers to any more. Returns whether there is more.
  public func sweepStep() throws(OfficeError) -> Bool {
    let isIdle = try read { connection throws(OfficeError) in
      try ItemDatabase.first(.dropped, in: connection) == nil
    }
    if isIdle { return false }
    return try write(urgent: false, mayUseReserve: true) { connection throws(OfficeError) in
      guard let storage = try ItemDatabase.first(.dropped, in: connection) else { return false }
      if try sweepItems(of: storage, in: connection) { return true }
      if try sweepPast(ofStorage: storage, in: connection) { return true }
      let delete = try connection.statement("DELETE FROM storage WHERE number = ?1")
      delete.bind(1, storage)
      try delete.run()
      return true
    }
  }

  /// Removes some items that died at or before `number`. Returns whether there is more.
  public func forgetStep(upTo number: Int64) throws(OfficeError) -> Bool {
    let isIdle = try read { connection throws(OfficeError) in
      let any = try connection.statement("SELECT 1 FROM past WHERE died <= ?1 LIMIT 1")
      any.bind(1, number)
      defer { any.reset() }
      return try !any.step()
    }
    if isIdle { return false }
    return try write(urgent: false, mayUseReserve: true) { connection throws(OfficeError) in
      try sweepPast(diedUpTo: number, in: connection)
    }
  }

  static let pruneDiedSQL: StaticString = """
    SELECT key, content, length, born, mark, storage, died FROM past
    WHERE storage = ?1 AND died > ?3 AND died <= ?4 AND born > ?5 LIMIT ?2
    """
  static let pruneBornSQL: StaticString = """
    SELECT key, content, length, born, mark, storage, 9223372036854775807 FROM item
    WHERE storage = ?1 AND born > ?3 LIMIT ?2
    """

  /// Removes some of the items that of all versions reading a storage only the one at `number` shows; `before` and
  /// `after` are its neighbours' numbers, nil where there is none. Returns whether there may be more.
  public func prune(
    _ storage: Int64, at number: Int64, after before: Int64?, before after: Int64?,
    in connection: Connection
  ) throws(OfficeError) -> Bool {
    let old = try connection.statement(ItemDatabase.pruneDiedSQL)
    old.bind(1, storage)
    old.bind(3, number)
    old.bind(4, after ?? ItemSchema.never)
    old.bind(5, before ?? -1)
    if try sweepPast(old, in: connection) { return true }
    // What did not die is shown by every later version.
    guard after == nil, let before else { return false }
    let current = try connection.statement(ItemDatabase.pruneBornSQL)
    current.bind(1, storage)
    current.bind(3, before)
    return try sweepItems(current, in: connection)
  }

  /// Forgets in memory what may be of erased content.
  public func clearCaches() { chunkCache.clear() }

  private static func first(
    _ state: StorageState, in connection: Connection
  ) throws(OfficeError) -> Int64? {
    // SQLite uses a partial index only if its condition stands in the query.
    let find = try connection.statement(
      "SELECT number FROM storage WHERE state = ?1 AND state <> 1 LIMIT 1")
    find.bind(1, state.rawValue)
    defer { find.reset() }
    return try find.step() ? find.integer(0) : nil
  }

  private func sweepItems(of storage: Int64, in connection: Connection) throws(OfficeError) -> Bool
  {
    let rows = try connection.statement(
      """
      SELECT key, content, length, born, mark, storage, 9223372036854775807 FROM item
      WHERE storage = ?1 ORDER BY key LIMIT ?2
      """)
    rows.bind(1, storage)
    return try sweepItems(rows, in: connection)
  }

  private func sweepItems(
    _ rows: Statement, in connection: Connection
  ) throws(OfficeError) -> Bool {
    let found = try gather(rows)
    for row in found {
      try chunks.release(row.released, in: connection)
      if row.rest.isEmpty {
        try ItemRow.delete(row.key, of: row.storage, in: connection)
      } else {
        try ItemRow.update(
          storage: row.storage, key: row.key, born: row.born, length: row.length,
          content: ItemContent.encode(row.rest), in: connection)
      }
    }
    return !found.isEmpty
  }

  private func sweepPast(
    ofStorage storage: Int64, in connection: Connection
  ) throws(OfficeError) -> Bool {
    let rows = try connection.statement(
      """
      SELECT key, content, length, born, mark, storage, died FROM past
      WHERE storage = ?1 ORDER BY key LIMIT ?2
      """)
    rows.bind(1, storage)
    return try sweepPast(rows, in: connection)
  }

  private func sweepPast(
    diedUpTo number: Int64, in connection: Connection
  ) throws(OfficeError) -> Bool {
    let rows = try connection.statement(
      """
      SELECT key, content, length, born, mark, storage, died FROM past WHERE died <= ?1 LIMIT ?2
      """)
    rows.bind(1, number)
    return try sweepPast(rows, in: connection)
  }

  private func sweepPast(
    _ rows: Statement, in connection: Connection
  ) throws(OfficeError) -> Bool {
    let found = try gather(rows)
    for row in found {
      try chunks.release(row.released, in: connection)
      let delete = try connection.statement(
        "DELETE FROM past WHERE storage = ?1 AND key = ?2 AND born = ?3")
      delete.bind(1, row.storage)
      delete.bind(2, row.key)
      delete.bind(3, row.born)
      try delete.run()
      guard !row.rest.isEmpty else { continue }
      try ItemRow.insertPast(
        storage: row.storage, key: row.key, born: row.born, died: row.died, length: row.length,
        content: ItemContent.encode(row.rest), in: connection)
    }
    return !found.isEmpty
  }

  /// A row to remove, or to shorten where it names very much content.
  private struct Swept {
    var key: [UInt8]
    var storage: Int64
    var born: Int64
    var died: Int64
    var length: Int64
    var released: [ChunkReference]
    var rest: [ChunkReference]
  }

  // Gathers a bounded number of rows first: a table is not changed under a walk over it.
  // A damaged row names nothing that may be let go: what it seems to refer to may be another's.
  private func gather(_ rows: Statement) throws(OfficeError) -> [Swept] {
    rows.bind(2, Int64(ItemDatabase.sweepRows))
    defer { rows.reset() }
    var found: [Swept] = []
    var bytes: Int64 = 0
    while bytes < ItemDatabase.sweepBytes, try rows.step() {
      let mark = ItemMark.of(
        storage: rows.integer(5), key: rows.bytes(0), born: rows.integer(3), died: rows.integer(6),
        length: rows.integer(2), content: rows.bytes(1))
      let references =
        mark.agrees(with: rows.integer(4)) ? ItemContent.references(rows.bytes(1)) : []
      found.append(
        Swept(
          key: rows.array(0), storage: rows.integer(5), born: rows.integer(3),
          died: rows.integer(6), length: rows.integer(2),
          released: Array(references.prefix(ItemDatabase.sweepChunks)),
          rest: Array(references.dropFirst(ItemDatabase.sweepChunks))))
      bytes += rows.integer(2)
    }
    return found
  }
}
