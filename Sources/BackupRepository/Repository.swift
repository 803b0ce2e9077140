import Dispatch
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
  let record: CommitRecord
  let isStopping = Atomic<Bool>(false)
  let isSweepQueued = Atomic<Bool>(false)
  let sweeper = DispatchQueue(label: "officefs.backup.sweep", qos: .utility)
  private let directory: StoreDirectory
  private let lock: DirectoryLock
  private let reserve: DiskReserve

  struct State {
    /// How often each set is open.
    var pins: [Int64: Int] = [:]
    /// Whether a set of chain 0 is being made.
    var isBackingUp = false
    /// Whether sets may wait to be removed.
    var hasDropped = true
    var isClosed = false
    var sweepFailure: OfficeError?
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
    try ItemSchema.prepare(
      path: directory.database, create: false, migrator: RepositorySchema.migrator)
    let reserve = reserve
    items = try ItemDatabase(path: directory.database, onFull: { reserve.release() })
    record = try CommitRecord(directory.commits)
    state = Mutex(State())
    let last = try items.read { connection throws(OfficeError) in
      try SetTable.lastNumber(in: connection)
    }
    if let acknowledged = record.newest(), acknowledged > last {
      items.fail(
        OfficeError(
          .inputOutput,
          "backup sets \(last + 1) to \(acknowledged) are lost: the database or its log was damaged or put back",
          item: directory.database,
          remedy:
            "keep a copy; if an older database was put back on purpose, remove \(directory.commits)"
        ))
    } else {
      try record.write(last)
      try removeUnfinished()
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
    isStopping.store(true, ordering: .releasing)
    sweeper.sync {}
    items.close()
    lock.release()
  }

  deinit {
    isStopping.store(true, ordering: .releasing)
    items.close()
    lock.release()
  }

  /// Why nothing is written any more, if so: health FAIL.
  public var failure: OfficeError? { items.failure ?? state.withLock { $0.sweepFailure } }

  /// The repository's disk.
  public func diskSpace() throws(OfficeError) -> DiskSpace {
    let disk = try DiskSpace(of: path)
    if !reserve.isHeld { reserve.restore(disk) }
    return disk
  }

  /// All sets in the order of their numbers, uploads among them. One whose row is damaged is not among them;
  /// `verify` names it, and nothing is backed up until it is put right.
  public func sets() throws(OfficeError) -> [BackupSet] {
    try items.read { connection throws(OfficeError) in
      try SetTable.all(in: connection).rows.filter { $0.state == .listed }.map(\.set)
    }
  }

  /// The newest set of the office's own; nil before the first backup.
  public func newest() throws(OfficeError) -> BackupSet? { try sets().last { $0.chain == 0 } }

  /// What a set shows of each area, in the order of `Area.allCases`. Throws `.stale` if the set is gone.
  public func areas(of set: BackupSet) throws(OfficeError) -> [SetArea] {
    let view = try view(of: set)
    defer { withExtendedLifetime(view) {} }
    return try items.read { connection throws(OfficeError) in
      try TotalTable.areas(of: set.number, in: connection)
    }
  }

  /// The commit up to which every area that was ever backed up is shown; 0 before the first backup.
  public func watermark() throws(OfficeError) -> Int64 {
    guard let newest = try newest() else { return 0 }
    return try areas(of: newest).map(\.seen).filter { $0 >= 0 }.min() ?? 0
  }

  /// Runs `body` in one transaction after which set `number` may be relied upon.
  func commit<T>(
    _ number: Int64, _ body: (Connection) throws(OfficeError) -> T
  ) throws(OfficeError) -> T {
    try items.write(
      urgent: true, mayUseReserve: false, body,
      committed: { _ throws(OfficeError) in try record.write(number) })
  }
}
