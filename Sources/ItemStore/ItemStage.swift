import OfficeModel
import Synchronization

/// Items on their way into the store: several cells, one after the other, each under a storage of its own.
///
/// Content goes in in commits of a few MiB, so memory stays flat, the WAL short and other writers' waits bounded.
/// What is staged belongs to nobody until a cell's row points to it; `discard` and the next start drop it.
/// INVARIANT: used by one thread at a time.
public final class ItemStage: ItemSink {
  let database: ItemDatabase
  let pending: PendingItems
  private var failure: OfficeError?
  private var isOver = false
  /// Whether something was stored by a transaction that is not known to be committed.
  private var isUncertain = false

  /// A stage of this database.
  public init(in database: ItemDatabase) {
    self.database = database
    pending = PendingItems()
    database.activeStages.add(1, ordering: .relaxed)
  }

  deinit { database.activeStages.subtract(1, ordering: .relaxed) }

  /// Starts a cell. The one before must have been sealed, else `.invalid`.
  public func begin() throws(OfficeError) {
    try assertUsable()
    try pending.begin()
  }

  /// Appends bytes to the item under way.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    if let failure { throw failure }
    var rest = bytes
    while !rest.isEmpty {
      let taken = pending.append(rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      if pending.used >= threshold { try settle() }
    }
  }

  /// Marks the end of the item's head.
  public func cut() { pending.cut() }

  /// Ends the item under way.
  public func end(_ key: ItemKey) throws(OfficeError) {
    if let failure { throw failure }
    pending.end(key)
    if pending.items.count >= ItemStage.mostPending || pending.used >= threshold { try settle() }
  }

  /// Drops the item under way, what of it is stored too.
  public func abandon() throws(OfficeError) {
    try assertUsable()
    let stored = pending.abandon()
    guard !stored.isEmpty, let slot = pending.slots.last else { return }
    try commit { connection throws(OfficeError) in
      isUncertain = true
      try StagedRows.abandon(stored, of: slot.storage, in: connection, of: database)
    }
    pending.hasCarryRow = false
  }

  /// Ends the cell: its sums and the SHA-256 of its document. Reads it back only if its items came out of order.
  public func seal() throws(OfficeError) -> SealedCell {
    try assertUsable()
    var sealed = try pending.seal()
    if sealed.digest == nil {
      if let digest = pending.sortedDigest(of: sealed.slot) {
        sealed.digest = digest
      } else {
        try settle()
        let cell = StoredCell(
          storage: storage(of: sealed), number: 0, size: sealed.size, items: sealed.items)
        sealed.digest = try database.digest(of: cell)
      }
    }
    return sealed
  }

  /// The storage of a sealed cell; 0 while nothing of it is stored and for an empty one.
  public func storage(of cell: SealedCell) -> Int64 { pending.slots[cell.slot].storage }

  /// The storages of all cells.
  public var storages: [Int64] { pending.slots.map(\.storage).filter { $0 != 0 } }

  /// Bytes and items that are not stored yet.
  public var waiting: (bytes: Int, items: Int) { (pending.used, pending.items.count) }

  /// Stores what waits in memory, in a commit of its own.
  public func settle() throws(OfficeError) {
    try assertUsable()
    guard pending.isWorthStoring else { return }
    try commit { connection throws(OfficeError) in try store(in: connection) }
  }

  /// Stores what waits in memory within the caller's transaction. If that or the commit fails, the stage can only be
  /// discarded.
  public func store(in connection: Connection) throws(OfficeError) {
    try assertUsable()
    isUncertain = true
    do throws(OfficeError) {
      try StagedRows.store(pending, in: connection, of: database)
    } catch {
      failure = error
      throw error
    }
  }

  /// Gives up: returns the storages to drop. Nothing may be staged afterwards.
  public func discard() -> [Int64] {
    guard !isOver else { return [] }
    isOver = true
    pending.release()
    return storages
  }

  /// The cells were published: what they point to is no longer the stage's.
  public func finish() {
    isOver = true
    pending.release()
  }

  /// Throws unless every cell was sealed and all that was stored is committed.
  public func assertComplete() throws(OfficeError) {
    try assertUsable()
    guard pending.slots.allSatisfy(\.isSealed) else {
      throw OfficeError(.invalid, "a cell of the stage was not sealed")
    }
  }

  /// Starts a cell of rows that are copied rather than written: the number of its storage.
  func beginCopy() throws(OfficeError) -> Int64 {
    try settle()
    try begin()
    let storage = database.newStorage()
    pending.slots[pending.slots.count - 1].storage = storage
    return storage
  }

  /// Ends it.
  func sealCopy(size: Int64, items: Int64) throws(OfficeError) -> SealedCell {
    let slot = pending.slots.count - 1
    if items == 0 { pending.slots[slot].storage = 0 }
    pending.slots[slot].size = size
    pending.slots[slot].items = items
    var sealed = try pending.seal()
    sealed.digest = try database.digest(
      of: StoredCell(storage: storage(of: sealed), number: 0, size: size, items: items))
    return sealed
  }

  func commit(
    _ body: (Connection) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    do throws(OfficeError) {
      try database.write(urgent: false) { connection throws(OfficeError) in try body(connection) }
      isUncertain = false
    } catch {
      failure = error
      throw error
    }
  }

  private func assertUsable() throws(OfficeError) {
    if let failure { throw failure }
    if isOver { throw OfficeError(.invalid, "the stage is over") }
    if isUncertain {
      throw OfficeError(.invalid, "the stage's commit failed; the data has to be given again")
    }
  }

  // Many imports at once share 16 MiB, so that memory does not grow with their number.
  private var threshold: Int {
    let share = ItemStage.sharedBytes / max(1, database.activeStages.load(ordering: .relaxed))
    return min(PendingItems.capacity, max(512 << 10, share))
  }

  private static let sharedBytes = 16 << 20
  private static let mostPending = 12_000
}

/// A cell whose items are all given.
public struct SealedCell: Sendable {
  /// Which cell of its stage it is.
  public let slot: Int
  /// Bytes of the document.
  public let size: Int64
  /// How many items.
  public let items: Int64
  /// SHA-256 of the document; nil only within the store.
  public internal(set) var digest: Digest?
}
