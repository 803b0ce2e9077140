import ItemStore
import OfficeModel
import Synchronization

/// The live office: users, their cells, every change a commit, and what undo needs of before.
///
/// All calls may be made from any thread. Each change is one commit with the next number, wholly there and durable
/// when the call returns, or without effect if it throws. Every call throws `.inputOutput` on damage or a failing disk,
/// and each that writes throws `.readOnly` from then on, `.noSpace` if the disk is full.
public final class LiveStore: Sendable {
  /// Where it is kept.
  public let directory: DataDirectory
  /// The space set aside for a full disk.
  public let reserve: DiskReserve

  let items: ItemDatabase
  /// The clock that its times come from.
  public let clock: WallClock
  let state: Mutex<State>
  let sweeper = Sweeper(label: "officefs.sweep")
  let damaged = DamagedStorages()
  private let lock: DirectoryLock
  let record: CommitRecord

  struct State {
    /// The newest commit.
    var commit: Int64
    /// Views before this one are gone.
    var purged: Int64
    /// The commit that erased a user last, since this process began: what was planned before may be gone without a trace.
    var erased: Int64 = 0
    /// How often each number is pinned.
    var pins: [Int64: Int] = [:]
    /// Numbers set aside for `nextNumber`.
    var numbers = NumberSupply()
    var reports = PendingReports()
    var isClosed = false
  }

  /// Makes a new office. Throws `.exists` if there is one, `.notEmpty` if the folder holds something else.
  public static func create(at path: String, clock: WallClock) throws(OfficeError) {
    let directory = try DataDirectory.create(at: path)
    let lock = try DirectoryLock(directory.store.lock)
    try ItemSchema.prepare(
      path: directory.database, create: true, migrator: LiveSchema.migrator,
      upTo: LiveSchema.essential)
    try CommitRecord(directory.store.commits).write(0)
    try directory.store.synchronize()
    lock.release()
  }

  /// Whether there is an office in the folder, or what a damaged one left.
  public static func exists(at path: String) -> Bool { DataDirectory.exists(at: path) }

  /// Opens an office, whatever the last process left behind. Throws `.busy` with the process that has it, `.notFound`
  /// without one, `.newerFormat` if a newer officefs wrote it; else see `DataDirectory`.
  public init(directory path: String, clock: WallClock) throws(OfficeError) {
    directory = try DataDirectory.open(at: path)
    lock = try DirectoryLock(directory.store.lock)
    self.clock = clock
    reserve = try DiskReserve(directory.store.reserve, folder: directory.path)
    try directory.emptySpool()
    let reserve = reserve
    try ItemSchema.prepare(
      path: directory.database, create: false, migrator: LiveSchema.migrator,
      upTo: LiveSchema.essential, onFull: { reserve.release() })
    items = try ItemDatabase(path: directory.database, onFull: { reserve.release() })
    record = try CommitRecord(directory.store.commits)
    let (commit, purged) = try items.read { connection throws(OfficeError) in
      (
        try MetaTable.value(.commit, in: connection), try MetaTable.value(.purged, in: connection)
      )
    }
    state = Mutex(State(commit: commit, purged: purged))
    if try record.agrees(with: commit, noun: "commits", in: items) {
      // INVARIANT: what is staged is gone before the next commit, or there is none: it would show what was staged.
      do throws(OfficeError) {
        try items.dropStaged()
        try removeRestored()
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
    try? keepReports()
    items.close()
    lock.release()
  }

  deinit {
    // A sweep may hold the last reference; then there is nothing of it left to wait for.
    sweeper.stop()
    items.close()
    lock.release()
  }

  /// The number of the newest commit.
  public var commit: Int64 { state.withLock { $0.commit } }

  /// Why nothing is written any more, if so: health FAIL.
  public var failure: OfficeError? { items.failure ?? sweeper.failure }

  /// From now on nothing is written: the disk failed at a file that is not the database's.
  public func fail(_ error: OfficeError) { items.fail(error) }

  /// Whether nothing is written any more since the disk failed: what failed last may be there, now or after the next start.
  public var isReadOnly: Bool { items.failure != nil }

  /// Throws `.readOnly` once writing has ended: for what would change nothing but says how the office is.
  public func assertWritable() throws(OfficeError) { try items.assertWritable() }

  /// The same once the change under way, which may show already, has succeeded or failed.
  public func awaitChange() throws(OfficeError) {
    try items.write(urgent: true) { (_) throws(OfficeError) in }
  }

  /// Calls `observer` once, on any thread, when writing ends because of a failure.
  public func observeFailure(_ observer: @escaping @Sendable (OfficeError) -> Void) {
    items.observeFailure(observer)
  }

  /// The disk of the data directory.
  public func diskSpace() throws(OfficeError) -> DiskSpace { try DiskSpace(of: directory.path) }

  /// Throws `.noSpace` unless twice `bytes` fit on the disk beside the reserve: ask before spooling so much.
  public func admit(spool bytes: Int64) throws(OfficeError) {
    let disk = try diskSpace()
    if !reserve.isHeld { reserve.restore(disk) }
    let missing = reserve.isHeld ? 0 : reserve.size
    guard disk.free >= 2 * bytes + missing else {
      throw OfficeError(
        .noSpace, "the disk of the data directory is nearly full",
        remedy: "free space; officefs purge --undo removes old undo entries")
    }
  }

  /// Gives up the space that is set aside for changes on a full disk; false if that was done already.
  public func releaseReserve() -> Bool { reserve.release() }

  /// Removes in the background, in bounded steps, what nothing shows any more.
  func sweep() {
    sweeper.run { [weak self] () throws(OfficeError) in
      guard let self else { return }
      try self.sweepNow()
    }
  }

  /// The same at once, to the end.
  func sweepNow() throws(OfficeError) {
    guard items.failure == nil else { return }
    try items.sweep(until: sweeper)
  }
}
