import OfficeModel

/// Puts what waits in a stage into rows.
enum StagedRows {
  /// Runs in a write transaction. `pending` is cleared; if this throws or the commit fails, the stage is of no use any more.
  static func store(
    _ pending: PendingItems, in connection: Connection, of database: ItemDatabase
  ) throws(OfficeError) {
    var references: [ChunkReference] = []
    references.reserveCapacity(pending.pieces.count)
    for piece in pending.pieces {
      references.append(
        try database.chunks.put(
          pending.bytes(piece.start, piece.count), sha: piece.sha, hash: piece.hash, in: connection)
      )
    }
    for item in pending.items {
      let storage = try storage(of: item.slot, pending, in: connection, database)
      if !item.carried.isEmpty && pending.hasCarryRow {
        try deleteCarry(of: storage, in: connection)
        pending.hasCarryRow = false
      }
      let content =
        item.inlineStart >= 0
        ? ItemContent.inline(pending.bytes(item.inlineStart, Int(item.length)))
        : ItemContent.encode(item.carried + references[item.pieces])
      let occurrence = try occurrence(of: item.base, in: &pending.slots[item.slot], connection)
      try ItemRow.insert(
        storage: storage, key: key(item.base, occurrence), born: 0, length: item.length,
        content: content, in: connection)
    }
    try carry(pending, references, in: connection, database)
    pending.clear()
  }

  private static func storage(
    of slot: Int, _ pending: PendingItems, in connection: Connection, _ database: ItemDatabase
  ) throws(OfficeError) -> Int64 {
    if pending.slots[slot].storage == 0 {
      let number = database.newStorage()
      try StorageRow.insert(number, in: connection)
      pending.slots[slot].storage = number
    }
    return pending.slots[slot].storage
  }

  // An item under way keeps its stored content counted by a row with the empty key.
  private static func carry(
    _ pending: PendingItems, _ references: [ChunkReference], in connection: Connection,
    _ database: ItemDatabase
  ) throws(OfficeError) {
    guard !pending.openPieces.isEmpty, let slot = pending.slots.indices.last else { return }
    let storage = try storage(of: slot, pending, in: connection, database)
    pending.carried += references[pending.openPieces]
    if pending.hasCarryRow { try deleteCarry(of: storage, in: connection) }
    try ItemRow.insert(
      storage: storage, key: [], born: 0, length: 0,
      content: ItemContent.encode(pending.carried), in: connection)
    pending.hasCarryRow = true
  }

  static func deleteCarry(
    of storage: Int64, in connection: Connection
  ) throws(OfficeError) {
    let delete = try connection.statement("DELETE FROM item WHERE storage = ?1 AND key = x''")
    delete.bind(1, storage)
    try delete.run()
  }

  /// Takes back what `carry` stored of an item that will not be.
  static func abandon(
    _ stored: [ChunkReference], of storage: Int64, in connection: Connection,
    of database: ItemDatabase
  ) throws(OfficeError) {
    try deleteCarry(of: storage, in: connection)
    try database.chunks.release(stored, in: connection)
  }

  private static func key(_ base: [UInt8], _ occurrence: UInt32) -> [UInt8] {
    var out = base
    for shift in stride(from: 24, through: 0, by: -8) {
      out.append(UInt8(truncatingIfNeeded: occurrence >> UInt32(shift)))
    }
    return out
  }

  private static func occurrence(
    of base: [UInt8], in slot: inout PendingItems.Slot, _ connection: Connection
  ) throws(OfficeError) -> UInt32 {
    if !slot.hasStored || slot.storedBase.lexicographicallyPrecedes(base) {
      slot.hasStored = true
      slot.storedBase = base
      slot.storedOccurrence = 0
      return 0
    }
    if base == slot.storedBase {
      slot.storedOccurrence += 1
      return slot.storedOccurrence
    }
    let find = try connection.statement(
      """
      SELECT key FROM item WHERE storage = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key DESC LIMIT 1
      """)
    find.bind(1, slot.storage)
    find.bind(2, key(base, 0))
    find.bind(3, key(base, .max))
    defer { find.reset() }
    guard try find.step() else { return 0 }
    let last = find.bytes(0).suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return last + 1
  }
}
