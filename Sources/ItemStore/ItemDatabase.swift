import Dispatch
import GRDBSQLite
import OfficeModel
import Synchronization

/// One database file of versioned items: a writer, a few readers, and what they keep in memory.
///
/// INVARIANT: there is one writing connection and it alone checkpoints (SQLite before 3.51.3 may reset a WAL wrongly
/// when two do). Readers hold a transaction only within one call.
public final class ItemDatabase: Sendable {
  /// Where the file is.
  public let path: String

  let indexes = OffsetIndexCache(budget: 16 << 20)
  let chunkCache = ChunkCache(budget: 4 << 20)
  let activeStages = Atomic<Int>(0)
  let chunks: ChunkTable

  private let nextStorage: Atomic<Int64>
  private let gate = Gate()
  private let writer: Connection
  private let log = LogLength()
  private let idle = Mutex<[Connection]>([])
  private let slots = DispatchSemaphore(value: ItemDatabase.mostReaders)
  private let state = Mutex(State())
  private let onFull: @Sendable () -> Bool

  private struct State {
    var failure: OfficeError?
    var observers: [@Sendable (OfficeError) -> Void] = []
    var isClosed = false
  }

  private static let mostReaders = 8
  /// Above this, the WAL is written back after bulk work, in bytes.
  private static let checkpointBytes = 8 << 20
  /// Above this, any writer also waits (shortly) for readers so that the WAL begins anew, in bytes.
  private static let restartBytes = 40 << 20

  /// Opens an existing file that `ItemSchema.prepare` made. `onFull` is asked once to free space when the disk is
  /// full and the work at hand is one that frees some; it returns whether it could.
  public init(
    path: String, onFull: @escaping @Sendable () -> Bool = { false }
  ) throws(OfficeError) {
    self.path = path
    self.onFull = onFull
    writer = try Connection(path: path, isWriter: true)
    try writer.execute(
      """
      PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=OFF;
      PRAGMA cache_size=-12288; PRAGMA cache_spill=ON; PRAGMA wal_autocheckpoint=0;
      PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;
      """)
    let synchronous = try writer.value("PRAGMA synchronous")
    guard synchronous == 2 else {
      throw OfficeError(.inputOutput, "the database would not be durable (synchronous is not FULL)")
    }
    chunks = try ChunkTable(writer)
    nextStorage = Atomic(
      (try writer.value("SELECT seq FROM sqlite_sequence WHERE name = 'storage'") ?? 0) + 1)
    sqlite3_wal_hook(
      writer.handle,
      { context, _, _, pages in
        if let context {
          Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().set(pages: pages)
        }
        return SQLITE_OK
      }, Unmanaged.passUnretained(log).toOpaque())
  }

  /// Runs `body` in one read transaction: short work only, nothing that waits.
  public func read<T>(
    _ body: (Connection) throws(OfficeError) -> T
  ) throws(OfficeError) -> T {
    slots.wait()
    defer { slots.signal() }
    let connection = try takeReader()
    defer { idle.withLock { $0.append(connection) } }
    try connection.statement("BEGIN").run()
    defer { finish(connection) }
    return try body(connection)
  }

  /// Runs `body` in one transaction that is durable when this returns. When it throws there is no effect; but where a write
  /// or fsync failed, `committed`'s among them, it may be there, now or after the next start.
  ///
  /// `urgent` work goes before bulk work. Work that frees space (`mayUseReserve`) is run a second time after `onFull`.
  /// `committed` runs after the commit, before the next writer. After a failed write or fsync all later ones
  /// throw `.readOnly`: what the disk then holds is known again only after a restart.
  public func write<T>(
    urgent: Bool, mayUseReserve: Bool = false,
    _ body: (Connection) throws(OfficeError) -> T,
    committed: (T) throws(OfficeError) -> Void = { _ in }
  ) throws(OfficeError) -> T {
    gate.enter(urgent: urgent)
    defer { gate.leave() }
    try assertWritable()
    let value: T
    do throws(OfficeError) {
      value = try attempt(body)
    } catch {
      guard error.code == .noSpace, mayUseReserve, onFull() else { throw error }
      value = try attempt(body)
    }
    do throws(OfficeError) {
      try committed(value)
    } catch {
      fail(error)
      throw error
    }
    if log.bytes > ItemDatabase.restartBytes {
      checkpoint(SQLITE_CHECKPOINT_RESTART)
    } else if !urgent && log.bytes > ItemDatabase.checkpointBytes {
      checkpoint(SQLITE_CHECKPOINT_PASSIVE)
    }
    return value
  }

  /// A number for a storage.
  ///
  /// INVARIANT: not given twice while the process lives, not even if the transaction that used it was rolled back:
  /// a stage whose commit failed would else drop the storage of another.
  func newStorage() -> Int64 { nextStorage.wrappingAdd(1, ordering: .relaxed).oldValue }

  /// Whether the WAL should be written back soon, for a caller that has a moment.
  public var wantsCheckpoint: Bool {
    log.bytes > ItemDatabase.checkpointBytes
  }

  /// Writes the WAL back; with `truncate` it also waits for readers and leaves an empty WAL behind,
  /// so that what was erased is nowhere. Throws `.busy` if a reader stayed in the way.
  public func checkpoint(truncate: Bool) throws(OfficeError) {
    gate.enter(urgent: false)
    defer { gate.leave() }
    try assertWritable()
    guard truncate else {
      checkpoint(SQLITE_CHECKPOINT_PASSIVE)
      return
    }
    for _ in 0..<10
    where sqlite3_wal_checkpoint_v2(
      writer.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil) == SQLITE_OK
    {
      log.set(pages: 0)
      return
    }
    throw OfficeError(.busy, "a reader kept the write-ahead log from being emptied")
  }

  /// Writes the whole file anew, so that nothing of removed rows is left: secure_delete overwrites what is deleted,
  /// not the copies that stayed behind where rows had moved to another page. Takes room for two more copies beside
  /// the file and time in proportion to it. Throws `.noSpace`; then all is as before, remains included.
  public func rewrite() throws(OfficeError) {
    gate.enter(urgent: false)
    defer { gate.leave() }
    try assertWritable()
    try writer.execute(ItemSchema.temporaryFiles(beside: path))
    try writer.execute("VACUUM")
    try writer.execute("PRAGMA temp_store=MEMORY")
  }

  /// How many steps SQLite's machine took so far, on all connections that are idle.
  func steps() -> Int64 {
    gate.enter(urgent: false)
    defer { gate.leave() }
    return writer.steps + idle.withLock { $0.reduce(0) { $0 + $1.steps } }
  }

  /// How many pages were read from the file and written to the log so far, on all connections that are idle.
  func pages() -> (read: Int64, written: Int64) {
    gate.enter(urgent: false)
    defer { gate.leave() }
    return idle.withLock { idle in
      idle.reduce(writer.pages) { ($0.read + $1.pages.read, $0.written + $1.pages.written) }
    }
  }

  /// Why the database takes no more writes, if it does not.
  public var failure: OfficeError? { state.withLock { $0.failure } }

  /// From now on nothing is written, because of what was found or happened.
  public func fail(_ error: OfficeError) {
    let observers = state.withLock { state -> [@Sendable (OfficeError) -> Void] in
      guard state.failure == nil else { return [] }
      state.failure = error
      return state.observers
    }
    for observer in observers { observer(error) }
  }

  /// Calls `observer` once, on any thread, when writing ends; not if it has ended before.
  public func observeFailure(_ observer: @escaping @Sendable (OfficeError) -> Void) {
    state.withLock { $0.observers.append(observer) }
  }

  /// Waits for readers, writes the WAL back and closes. Later calls throw.
  public func close() {
    let wasClosed = state.withLock { state in
      defer { state.isClosed = true }
      return state.isClosed
    }
    guard !wasClosed else { return }
    for _ in 0..<ItemDatabase.mostReaders { slots.wait() }
    let readers = idle.withLock { idle in
      defer { idle = [] }
      return idle
    }
    for reader in readers { reader.close() }
    for _ in 0..<ItemDatabase.mostReaders { slots.signal() }
    gate.enter(urgent: true)
    defer { gate.leave() }
    if failure == nil { checkpoint(SQLITE_CHECKPOINT_TRUNCATE) }
    writer.close()
  }

  // INVARIANT: called with the gate held.
  private func attempt<T>(
    _ body: (Connection) throws(OfficeError) -> T
  ) throws(OfficeError) -> T {
    do throws(OfficeError) {
      try writer.statement("BEGIN IMMEDIATE").run()
      let value = try body(writer)
      try chunks.settle(in: writer)
      try writer.statement("COMMIT").run()
      try chunks.finish(isCommitted: true, in: writer)
      return value
    } catch {
      let code = sqlite3_extended_errcode(writer.handle)
      if writer.isInTransaction { sqlite3_exec(writer.handle, "ROLLBACK", nil, nil, nil) }
      note(code, error)
      try? chunks.finish(isCommitted: false, in: writer)
      throw error
    }
  }

  // INVARIANT: called with the gate held. A checkpoint that fails loses nothing: the commit stands in the WAL.
  private func checkpoint(_ mode: Int32) {
    var pages: Int32 = 0
    var done: Int32 = 0
    sqlite3_busy_timeout(writer.handle, 50)
    defer { sqlite3_busy_timeout(writer.handle, 5_000) }
    func run() -> Int32 {
      sqlite3_wal_checkpoint_v2(writer.handle, nil, mode, &pages, &done) == SQLITE_OK
        ? SQLITE_OK : StoreFailure.code(of: writer.handle)
    }
    var code = run()
    if StoreFailure.isFull(code), onFull() { code = run() }
    if code == SQLITE_OK && pages == done { log.set(pages: 0) }
    if code != SQLITE_OK { note(code, StoreFailure.error(code: code, text: "a checkpoint")) }
  }

  private func note(_ code: Int32, _ error: OfficeError) {
    guard code & 0xFF == SQLITE_IOERR, code >> 8 != 1, code >> 8 != 2, error.code != .noSpace
    else { return }
    fail(error)
  }

  /// Throws `.readOnly` once a fault has ended all writing, `.inputOutput` once this is closed.
  public func assertWritable() throws(OfficeError) {
    let current = state.withLock { $0 }
    if current.isClosed { throw OfficeError(.inputOutput, "the database is closed") }
    guard let failure = current.failure else { return }
    throw OfficeError(
      .readOnly, "nothing is written since a fault was found", remedy: failure.remedy,
      cause: failure)
  }

  private func takeReader() throws(OfficeError) -> Connection {
    if let known = idle.withLock({ $0.popLast() }) { return known }
    if state.withLock({ $0.isClosed }) {
      throw OfficeError(.inputOutput, "the database is closed")
    }
    let made = try Connection(path: path, isWriter: false)
    try made.execute("PRAGMA query_only=ON; PRAGMA cache_size=-4096; PRAGMA temp_store=MEMORY;")
    return made
  }

  private func finish(_ connection: Connection) {
    if (try? connection.statement("COMMIT").run()) == nil, connection.isInTransaction {
      sqlite3_exec(connection.handle, "ROLLBACK", nil, nil, nil)
    }
  }
}

/// How long the write-ahead log is. Set with the writer's gate held, read by anyone.
private final class LogLength: Sendable {
  private let pages = Atomic<Int>(0)

  var bytes: Int { pages.load(ordering: .relaxed) * ItemSchema.pageSize }

  func set(pages count: Int32) { pages.store(Int(count), ordering: .relaxed) }
}
