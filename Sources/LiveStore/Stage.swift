import ItemStore
import OfficeModel
import Synchronization

/// A user's cells on their way into the office: filled by `cell`, made visible by `LiveStore.publish`.
///
/// What is not published is dropped with the stage, or at the next start.
/// INVARIANT: used by one thread at a time, but for `cancel`.
public final class Stage: @unchecked Sendable {
  /// A cell that was sealed.
  struct Sealed {
    var area: Area
    var cell: SealedCell
    var state: CellState
  }

  /// What a merge publishes instead of the sealed cells.
  struct Merged {
    /// Whom it was made from: nobody else's cells may be replaced by it.
    var user: UserNumber?
    var basis: [CellState]
    var cells: [Sealed] = []
  }

  let items: ItemStage
  private let store: LiveStore
  private let isCancelled = Atomic<Bool>(false)
  private(set) var sealed: [Sealed] = []
  /// What `LiveStore.prepare` found out.
  var differences: [Area: StorageDifference] = [:]
  /// What `LiveStore.merge` made.
  var merged: Merged?
  var isSpent = false

  init(_ store: LiveStore) {
    self.store = store
    items = ItemStage(in: store.items)
  }

  deinit { discard() }

  /// Starts a cell; the one before must have been sealed. `mtime` in seconds since 1970 is part of the archive's bytes.
  /// Throws `.invalid` if this area was staged already.
  public func cell(_ area: Area, mtime: Int64) throws(OfficeError) -> CellStage {
    guard !sealed.contains(where: { $0.area == area }) else {
      throw OfficeError(.invalid, "an area can be staged once", item: area.name)
    }
    try items.begin()
    return CellStage(area: area, mtime: mtime, stage: self)
  }

  /// What is to be published.
  var outcome: [Sealed] { merged?.cells ?? sealed }

  /// The cells sealed so far.
  public var cells: [(area: Area, state: CellState)] { sealed.map { ($0.area, $0.state) } }

  /// Stores what waits in memory (up to 4 MiB), so that publishing touches rows only. May take some 10 ms.
  public func settle() throws(OfficeError) { try items.settle() }

  /// From any thread: the next write throws `.interrupted`.
  public func cancel() { isCancelled.store(true, ordering: .releasing) }

  /// Gives up; what was staged is dropped in the background.
  public func discard() {
    guard !isSpent else { return }
    isSpent = true
    store.drop(items.discard())
  }

  func assertPublishable() throws(OfficeError) {
    guard !isSpent else { throw OfficeError(.invalid, "the stage is over") }
    try assertNotCancelled()
    try items.assertComplete()
  }

  func assertNotCancelled() throws(OfficeError) {
    if isCancelled.load(ordering: .relaxed) {
      throw OfficeError(.interrupted, "the import was interrupted")
    }
  }

  func seal(_ area: Area, mtime: Int64) throws(OfficeError) -> CellState {
    let cell = try items.seal()
    sealed.append(Sealed(area: area, cell: cell, state: state(of: cell, mtime: mtime)))
    return sealed[sealed.count - 1].state
  }

  /// A sealed cell as it would be published. Its storage is known once it is stored.
  func state(of cell: SealedCell, mtime: Int64) -> CellState {
    CellState(
      storage: items.storage(of: cell), born: 0, size: cell.size, items: cell.items, mtime: mtime,
      digest: cell.digest ?? CellState.empty.digest)
  }
}

/// One cell on its way: takes the items of its document in any order.
public final class CellStage: ItemSink {
  private let area: Area
  private let mtime: Int64
  private let stage: Stage

  init(area: Area, mtime: Int64, stage: Stage) {
    self.area = area
    self.mtime = mtime
    self.stage = stage
  }

  /// Throws `.interrupted` after `Stage.cancel`, `.noSpace` if the disk is full.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    try stage.assertNotCancelled()
    try stage.items.write(bytes)
  }

  public func cut() throws(OfficeError) { stage.items.cut() }

  public func end(_ key: ItemKey) throws(OfficeError) {
    try stage.assertNotCancelled()
    try stage.items.end(key)
  }

  public func abandon() throws(OfficeError) {
    try stage.assertNotCancelled()
    try stage.items.abandon()
  }

  /// Ends the cell. Its digest is that of the document it makes.
  public func seal() throws(OfficeError) -> CellState {
    try stage.assertNotCancelled()
    return try stage.seal(area, mtime: mtime)
  }
}

extension LiveStore {
  /// A place to put a user's new cells. Any number at once.
  public func stage() throws(OfficeError) -> Stage { Stage(self) }

  /// Marks storages that nobody will publish, in the background.
  func drop(_ storages: [Int64]) {
    guard !storages.isEmpty else { return }
    sweeper.enqueue { [weak self] in
      guard let self else { return }
      // If this fails, the next start drops them.
      try? self.items.write(urgent: false, mayUseReserve: true) { connection throws(OfficeError) in
        try StorageChanges.dropStaged(storages, in: connection)
      }
      self.sweep()
    }
  }
}
