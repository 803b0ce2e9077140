import ItemStore
import OfficeModel

/// An archive on its way into the repository: its cells are stored ahead in bounded commits that no set shows, then
/// `Repository.publish` lists them as a set in a chain of its own.
///
/// What is not published is removed with the stage, or at the next start. Memory does not grow with the archive.
/// INVARIANT: used by one thread at a time.
public final class UploadStage: @unchecked Sendable {
  /// The number that the set will have; its chain too.
  let number: Int64
  let repository: Repository
  private(set) var areas = Area.allCases.map { SetArea(area: $0) }
  /// Users whose files the set will show.
  private(set) var users: Int64 = 0
  private var items: ItemStage
  private var open: (id: UserID, area: Area, mtime: Int64)?
  private var waiting: [Waiting] = []
  private var isOver = false

  private struct Waiting {
    var id: UserID
    var area: Area
    var mtime: Int64
    var cell: SealedCell
  }

  private static let mostWaiting = 500

  // INVARIANT: the number is reserved and counted as an upload under way.
  init(_ repository: Repository, number: Int64) {
    self.repository = repository
    self.number = number
    items = ItemStage(in: repository.items)
  }

  deinit { discard() }

  /// Where a cell's items go, up to `seal`; users and areas come in any order, each cell once. `mtime` is in seconds since
  /// 1970. What belongs to the office itself is the user area of `UserID.office`.
  public func cell(_ id: UserID, _ area: Area, mtime: Int64) throws(OfficeError) -> any ItemSink {
    try repository.assertGoesOn()
    try items.begin()
    open = (id, area, mtime)
    return items
  }

  /// Ends the cell.
  public func seal() throws(OfficeError) {
    guard let cell = open else { throw OfficeError(.invalid, "there is no cell to seal") }
    open = nil
    waiting.append(
      Waiting(id: cell.id, area: cell.area, mtime: cell.mtime, cell: try items.seal()))
    if waiting.count >= UploadStage.mostWaiting { try flush() }
  }

  /// The areas of which it has a cell.
  var held: Set<Area> { Set(areas.filter { $0.sums.cells > 0 }.map(\.area)) }

  /// Stores what waits, in one commit.
  func flush() throws(OfficeError) {
    try items.assertComplete()
    let (areas, users) = try repository.items.write(urgent: false) {
      connection throws(OfficeError) in
      try items.store(in: connection)
      return try store(in: connection)
    }
    (self.areas, self.users) = (areas, users)
    items.finish()
    items = ItemStage(in: repository.items)
    waiting.removeAll(keepingCapacity: true)
  }

  private func store(
    in connection: Connection
  ) throws(OfficeError) -> (areas: [SetArea], users: Int64) {
    var (areas, users) = (areas, users)
    var file: FileRow?
    var isNew = false
    func end() throws(OfficeError) {
      guard let file else { return }
      if isNew {
        try FileTable.insert(file, in: connection)
      } else {
        try FileTable.save(file, in: connection)
      }
    }
    for next in waiting {
      let user = try NameTable.make(next.id, in: connection)
      if file?.user != user {
        try end()
        let known = try FileTable.file(of: user, chain: number, at: number, in: connection)
        isNew = known == nil
        if isNew, next.id != .office { users += 1 }
        file =
          known
          ?? FileRow(
            version: 0, chain: number, user: user, born: number, died: number + 1, mtime: 0,
            padded: 0, large: 0)
      }
      let storage = items.storage(of: next.cell)
      try StorageChanges.adopt(storage, in: connection)
      let state = CellState(
        storage: storage, born: number, size: next.cell.size, items: next.cell.items,
        mtime: next.mtime, digest: next.cell.digest ?? CellState.empty.digest)
      try CellTable.insert(
        CellRow(
          chain: number, area: next.area, user: user, state: state, died: number + 1, source: 0,
          seen: 0),
        in: connection)
      areas[Int(next.area.rawValue) - 1].add(state, of: next.id, count: 1)
      var sums = CellSums()
      sums.add(size: state.size, idLength: 0)
      file?.padded += sums.padded
      file?.large += sums.large
    }
    try end()
    return (areas, users)
  }

  /// Gives up; what was stored is removed.
  public func discard() {
    guard !isOver else { return }
    let staged = items.discard()
    // If this fails, the next upload or the next start does it.
    _ = try? repository.items.write(urgent: false, mayUseReserve: true) {
      connection throws(OfficeError) in
      try StorageChanges.dropStaged(staged, in: connection)
    }
    try? repository.remove(
      unfinished: BackupSet(number: number, chain: number, stamp: 0, process: "", areas: []))
    end()
    repository.sweep()
  }

  /// The set is listed: nothing of it is the stage's any more.
  func end() {
    isOver = true
    items.finish()
    repository.state.withLock { _ = $0.uploads.remove(number) }
  }
}
