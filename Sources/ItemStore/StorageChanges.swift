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
      let page = try ItemRow.page(of: delta, after: last, in: connection)
      guard let end = page.last else { break }
      for (key, new) in page {
        try replace(key, of: storage, with: new, at: number, in: connection)
      }
      last = end.key
    }
    // What they refer to is referred to by the rows they became.
    let delete = try connection.statement("DELETE FROM item WHERE storage = ?1 AND key > x''")
    delete.bind(1, delta)
    try delete.run()
    var row = try StorageRow.load(storage, in: connection)
    row.changed = number
    try row.save(storage, in: connection)
    try drop(delta, in: connection)
  }

  // Gives way in place: mostly the new row is of the same size, and no row of the page has to move.
  private static func replace(
    _ key: [UInt8], of storage: Int64, with new: ItemRow.Values, at number: Int64,
    in connection: Connection
  ) throws(OfficeError) {
    let old = try ItemRow.values(of: key, in: storage, connection)
    if let old {
      try ItemRow.insertPast(
        storage: storage, key: key, born: old.born, died: number, length: old.length,
        content: old.content, in: connection)
    }
    if ItemContent.removal == new.content {
      if old != nil { try ItemRow.delete(key, of: storage, in: connection) }
      return
    }
    let store = old == nil ? ItemRow.insert : ItemRow.update
    try store(storage, key, number, new.length, new.content, connection)
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
  ) throws(OfficeError) -> ItemRow.Values {
    let found = try ItemRow.find(key, of: storage, in: connection)
    try ItemRow.delete(key, of: storage, in: connection)
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
