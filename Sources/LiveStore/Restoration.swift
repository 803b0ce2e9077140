import ItemStore
import OfficeModel

/// Cells of many users on their way from a backup set into the office: copied ahead by `put` in bounded commits that
/// nobody sees, made the office's by `LiveStore.publish`.
///
/// What is not published is dropped by `discard` or at the next start. Memory does not grow with what is copied.
/// INVARIANT: used by one thread at a time, and one at a time in an office.
public final class Restoration {
  let basis: LiveView
  private let store: LiveStore
  private let feed: any ItemFeed
  private let copy: StorageCopy
  private var waiting: [Waiting] = []
  private var deltaItems = 0
  private var isOver = false

  /// A cell whose items are all given to `copy`.
  private struct Waiting {
    var row: RestoredCell
    /// What has to be in what is copied.
    var expected: StorageCopy.Sums
  }

  private static let mostWaiting = 2_000
  /// More items than this are not put in one by one by the commit that others wait for: in large cells each changes up to
  /// five pages, and the write-ahead log has to hold them all.
  private static let mostDeltaItems = 3_000

  init(_ store: LiveStore, from feed: any ItemFeed, over basis: LiveView) {
    self.store = store
    self.feed = feed
    self.basis = basis
    // Content is asked for even where it is here: what is damaged here is put right by it.
    copy = StorageCopy(
      into: store.items, at: 0, isTrusting: false,
      contents: { (chunks) throws(OfficeError) -> [[UInt8]] in try feed.contents(of: chunks) })
  }

  deinit { discard() }

  /// Content that the office did not have, in bytes.
  public var added: Int64 { copy.added }

  /// Copies what of the feed's `cell` the office does not have, to replace `current` (that of the view it was begun over);
  /// all of it where `current` is damaged. Equal content is not written again; few differences are kept as such. Throws `.interrupted` soon after
  /// `isCancelled` turns true.
  public func put(
    _ cell: CellState, _ area: Area, of id: UserID, over current: CellState,
    isCancelled: () -> Bool
  ) throws(OfficeError) {
    var row = RestoredCell(id: id, area: area, state: cell, delta: 0, copied: 0)
    (row.state.storage, row.state.born) = (0, 0)
    var expected = StorageCopy.Sums()
    if cell.items > 0 {
      let isDamaged = store.isDamaged(current)
      if !isDamaged, cell.digest == current.digest && cell.size == current.size {
        row.state.storage = current.storage
        row.state.items = current.items
      } else if !isDamaged, let changes = try changes(from: current, to: cell) {
        row.delta = copy.begin(target: current.storage)
        row.state.storage = current.storage
        expected = StorageCopy.Sums(
          items: cell.items - current.items, bytes: cell.size - current.size)
        deltaItems += changes.count
        try copy.add(changes, to: row.delta)
      } else {
        row.copied = copy.begin()
        row.state.storage = row.copied
        expected = StorageCopy.Sums(items: cell.items, bytes: cell.size)
        try copyAll(of: cell, to: row.copied, isCancelled)
      }
    }
    waiting.append(Waiting(row: row, expected: expected))
    if copy.isFull || waiting.count >= Restoration.mostWaiting { try flush() }
  }

  private func changes(
    from current: CellState, to cell: CellState
  ) throws(OfficeError) -> [ItemChange]? {
    guard current.items > 0, deltaItems < Restoration.mostDeltaItems else { return nil }
    let feed = feed
    return try store.items.fewChanges(of: current.stored) { (place) throws(OfficeError) in
      try feed.items(of: cell, since: nil, from: place)
    }
  }

  private func copyAll(
    of cell: CellState, to storage: Int64, _ isCancelled: () -> Bool
  ) throws(OfficeError) {
    var place: ItemPlace? = .start
    while let from = place {
      let page = try feed.items(of: cell, since: nil, from: from)
      try copy.add(page.changes, to: storage)
      place = page.next
      if copy.isFull { try flush() }
      if isCancelled() { throw OfficeError(.interrupted, "the restore was interrupted") }
    }
  }

  /// Stores what waits, in one commit: items, then the rows of the cells that are complete.
  func flush() throws(OfficeError) {
    guard !waiting.isEmpty || copy.isFull else { return }
    try store.items.write(urgent: false) { connection throws(OfficeError) in
      try copy.store(in: connection)
      for next in waiting {
        for storage in [next.row.delta, next.row.copied] where storage != 0 {
          guard copy.takeSums(of: storage) == next.expected else {
            throw OfficeError(
              .inputOutput, "a cell of the archive does not hold what its row says",
              item: "\(next.row.id)/\(next.row.area.fileName)",
              remedy: "unmount and run officefs verify")
          }
        }
        try RestoredTable.insert(next.row, in: connection)
      }
    }
    waiting.removeAll(keepingCapacity: true)
  }

  /// Gives up; what was copied is dropped in the background.
  public func discard() {
    guard !isOver else { return }
    isOver = true
    store.drop(copy.unfinished)
    store.dropRestored()
  }

  func finish() { isOver = true }
}

extension LiveStore {
  /// A place to copy cells of `feed` to, which replace some of `view`.
  public func restoration(from feed: any ItemFeed, over view: LiveView) -> Restoration {
    Restoration(self, from: feed, over: view)
  }

  private static let storagesAStep = 200

  /// Forgets, in the background, what a restore copied and did not publish.
  func dropRestored() {
    sweeper.enqueue { [weak self] in
      // If this fails, the next restore or start does it.
      try? self?.removeRestored()
      self?.sweep()
    }
  }

  /// The same at once.
  func removeRestored() throws(OfficeError) {
    while try !items.read({ connection throws(OfficeError) in
      try RestoredTable.isEmpty(in: connection)
    }) {
      try items.write(urgent: false, mayUseReserve: true) { connection throws(OfficeError) in
        let storages = try RestoredTable.takeStorages(
          limit: LiveStore.storagesAStep, in: connection)
        try StorageChanges.dropStaged(storages, in: connection)
      }
    }
  }
}
