import OfficeModel

/// What a writer does to storages, within its transaction.
public enum StorageChanges {
  /// The staged storage becomes a cell's. From then on no start-up drops it.
  public static func adopt(_ storage: Int64, in connection: Connection) throws(OfficeError) {
    guard storage != 0 else { return }
    try set(storage, .live, in: connection)
  }

  /// Drops storages that were staged and not published. One that is gone, or a cell's, is left alone.
  public static func dropStaged(
    _ storages: [Int64], in connection: Connection
  ) throws(OfficeError) {
    for storage in storages {
      let update = try connection.statement(
        """
        UPDATE storage SET state = 2, changed = 0, mark = ?2
        WHERE number = ?1 AND (state = 0 OR state = 3)
        """)
      update.bind(1, storage)
      update.bind(2, StorageRow.mark(storage, StorageState.dropped.rawValue, 0))
      try update.run()
    }
  }

  /// Nothing shows the storage any more: the sweep removes its rows.
  public static func drop(_ storage: Int64, in connection: Connection) throws(OfficeError) {
    guard storage != 0 else { return }
    try set(storage, .dropped, in: connection)
  }

  /// Puts the differences into the current storage under `number`; what they replace goes to `past`.
  /// The staged storage is left to be dropped. Costs a few rows for each difference.
  public static func apply(
    _ difference: StorageDifference, from staged: Int64, at number: Int64,
    in connection: Connection
  ) throws(OfficeError) {
    let storage = difference.current.storage
    for (kind, key) in difference.keys {
      if kind != .added { try bury(key, of: storage, at: number, in: connection) }
      if kind != .removed { try move(key, from: staged, to: storage, at: number, in: connection) }
    }
    var row = try StorageRow.load(storage, in: connection)
    row.changed = number
    try row.save(storage, in: connection)
  }

  /// Puts a staged delta into its storage under `number`; what it replaces goes to `past`. The delta is left to be
  /// dropped. Costs a few rows for each change.
  public static func merge(
    _ delta: Int64, at number: Int64, in connection: Connection
  ) throws(OfficeError) {
    let storage = try StorageRow.load(delta, in: connection).changed
    var last: [UInt8] = []
    while true {
      let page = try mergePage(of: delta, after: last, in: connection)
      guard let end = page.last else { break }
      for (key, isRemoval) in page {
        if try holds(key, storage, in: connection) {
          try bury(key, of: storage, at: number, in: connection)
        }
        if !isRemoval {
          try move(key, from: delta, to: storage, at: number, in: connection)
        }
      }
      last = end.key
    }
    var row = try StorageRow.load(storage, in: connection)
    row.changed = number
    try row.save(storage, in: connection)
    try drop(delta, in: connection)
  }

  // A table is not changed under a walk over it, so a page is gathered first.
  private static func mergePage(
    of delta: Int64, after last: [UInt8], in connection: Connection
  ) throws(OfficeError) -> [(key: [UInt8], isRemoval: Bool)] {
    let rows = try connection.statement(
      "SELECT key, content FROM item WHERE storage = ?1 AND key > ?2 ORDER BY key LIMIT 1000")
    rows.bind(1, delta)
    rows.bind(2, last)
    defer { rows.reset() }
    var page: [(key: [UInt8], isRemoval: Bool)] = []
    while try rows.step() { page.append((rows.array(0), ItemContent.isRemoval(rows.bytes(1)))) }
    return page
  }

  private static func holds(
    _ key: [UInt8], _ storage: Int64, in connection: Connection
  ) throws(OfficeError) -> Bool {
    let find = try connection.statement("SELECT 1 FROM item WHERE storage = ?1 AND key = ?2")
    find.bind(1, storage)
    find.bind(2, key)
    defer { find.reset() }
    return try find.step()
  }

  private static func bury(
    _ key: [UInt8], of storage: Int64, at number: Int64, in connection: Connection
  ) throws(OfficeError) {
    let old = try take(key, of: storage, in: connection)
    try ItemRow.insertPast(
      storage: storage, key: key, born: old.born, died: number, length: old.length,
      content: old.content, in: connection)
  }

  private static func move(
    _ key: [UInt8], from staged: Int64, to storage: Int64, at number: Int64,
    in connection: Connection
  ) throws(OfficeError) {
    let new = try take(key, of: staged, in: connection)
    try ItemRow.insert(
      storage: storage, key: key, born: number, length: new.length, content: new.content,
      in: connection)
  }

  // Removes a row of `item` and returns what it said; its references go with it.
  private static func take(
    _ key: [UInt8], of storage: Int64, in connection: Connection
  ) throws(OfficeError) -> (born: Int64, length: Int64, content: [UInt8]) {
    let found = try ItemRow.find(key, of: storage, in: connection)
    let delete = try connection.statement("DELETE FROM item WHERE storage = ?1 AND key = ?2")
    delete.bind(1, storage)
    delete.bind(2, key)
    try delete.run()
    return found
  }

  private static func set(
    _ storage: Int64, _ state: StorageState, in connection: Connection
  ) throws(OfficeError) {
    var row = try StorageRow.load(storage, in: connection)
    row.state = state
    try row.save(storage, in: connection)
  }
}
