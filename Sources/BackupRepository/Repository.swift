import ItemStore
import OfficeModel
import Synchronization

/// The backup sets of an office: a second copy of its data, in a database of its own.
///
/// All calls may be made from any thread. What changes the sets is one transaction, wholly there and durable when the
/// call returns, or without effect if it throws. Every call throws `.inputOutput` on damage or a failing disk, and each
/// that writes throws `.readOnly` from then on, `.noSpace` if the disk is full.
public final class Repository: Sendable {
  /// Where it is kept, without symbolic links.
  public var path: String { directory.path }

  let items: ItemDatabase
  let state: Mutex<State>
  let rows = SetRows()
  let record: CommitRecord
  let isEnding = Atomic<Bool>(false)
  let sweeper = Sweeper(label: "officefs.backup.sweep")
  private let directory: StoreDirectory
  private let lock: DirectoryLock
  private let reserve: DiskReserve

  struct State {
    /// How often each set is open.
    var pins: [Int64: Int] = [:]
    /// How many restores stage each set.
    var claims: [Int64: Int] = [:]
    /// The numbers of uploads under way.
    var uploads: Set<Int64> = []
    /// Whether a set of chain 0 is being made.
    var isBackingUp = false
    /// Whether a user is being erased.
    var isErasing = false
    /// Whether sets may wait to be removed.
    var hasDropped = true
    var isClosed = false
    /// Counts what changed the list of sets.
    var generation: Int64 = 0
    /// The list as it was read last, of that generation or an earlier one; nil where an earlier one says nothing of areas.
    var list: SetList?
    var observers: [@Sendable () -> Void] = []
  }

  private static let contents = StoreDirectory.Contents(
    database: "backup.db", noun: "backup repository", remedy: "officefs init --repository makes one"
  )

  /// Makes an empty repository in a new or empty folder. Throws `.exists` if there is one, `.notEmpty` if the folder
  /// holds something else.
  public static func create(at path: String) throws(OfficeError) {
    let directory = try StoreDirectory.create(at: path, contents)
    let lock = try DirectoryLock(directory.lock)
    try ItemSchema.prepare(
      path: directory.database, create: true, migrator: RepositorySchema.migrator)
    try CommitRecord(directory.commits).write(0)
    try directory.synchronize()
    lock.release()
  }

  /// Whether there is a repository in the folder, or what a damaged one left.
  public static func exists(at path: String) -> Bool { StoreDirectory.exists(at: path, contents) }

  /// Opens a repository, whatever the last process left behind. Throws `.busy` with the process that has it, `.notFound`
  /// without one, `.newerFormat` if a newer officefs wrote it; else see `StoreDirectory`.
  public init(at path: String) throws(OfficeError) {
    directory = try StoreDirectory.open(at: path, Repository.contents)
    lock = try DirectoryLock(directory.lock)
    reserve = try DiskReserve(directory.reserve, folder: directory.path)
    let reserve = reserve
    try ItemSchema.prepare(
      path: directory.database, create: false, migrator: RepositorySchema.migrator,
      onFull: { reserve.release() })
    items = try ItemDatabase(path: directory.database, onFull: { reserve.release() })
    record = try CommitRecord(directory.commits)
    state = Mutex(State())
    let last = try items.read { connection throws(OfficeError) in
      try CommitCounter.value(in: connection)
    }
    if try record.agrees(with: last, noun: "changes of the backups", in: items) {
      do throws(OfficeError) {
        try removeUnfinished()
      } catch {
        guard error.code == .noSpace else { throw error }
        items.fail(error.atStart)
      }
    }
    sweep()
  }

  /// Ends background work, waits for readers, closes the database and lets the folder go. Idempotent.
  public func close() {
    let wasClosed = state.withLock { state in
      defer { state.isClosed = true }
      return state.isClosed
    }
    guard !wasClosed else { return }
    sweeper.stop()
    sweeper.wait()
    items.close()
    lock.release()
  }

  deinit {
    sweeper.stop()
    items.close()
    lock.release()
  }

  /// Why nothing is written any more, if so: health FAIL.
  public var failure: OfficeError? { items.failure ?? sweeper.failure }

  /// From now on nothing is written: its disk failed at another file.
  public func fail(_ error: OfficeError) { items.fail(error) }

  /// Calls `observer` once, on any thread, when writing ends because of a failure.
  public func observeFailure(_ observer: @escaping @Sendable (OfficeError) -> Void) {
    items.observeFailure(observer)
  }

  /// The repository's disk.
  public func diskSpace() throws(OfficeError) -> DiskSpace {
    let disk = try DiskSpace(of: path)
    if !reserve.isHeld { reserve.restore(disk) }
    return disk
  }

  /// The commit up to which every area that was ever backed up is shown; 0 before the first backup.
  public func watermark() throws(OfficeError) -> Int64 {
    guard let newest = try list().newest else { return 0 }
    return try areas(of: newest.set).map(\.seen).filter { $0 >= 0 }.min() ?? 0
  }

  /// Runs `body` in one transaction that is relied upon from then on: if damage takes it back, the next start says so.
  func commit<T>(
    mayUseReserve: Bool = true, _ body: (Connection) throws(OfficeError) -> T
  ) throws(OfficeError) -> T {
    try items.write(
      urgent: true, mayUseReserve: mayUseReserve,
      { connection throws(OfficeError) -> (T, number: Int64) in
        let value = try body(connection)
        return (value, try CommitCounter.advance(beyond: record, in: connection))
      },
      committed: { (done) throws(OfficeError) in try record.write(done.number) }
    ).0
  }
}
