import GRDBSQLite
import OfficeModel

/// One connection to the database file.
///
/// INVARIANT: used by one thread at a time; the pool (readers) and the gate (the writer) see to it.
public final class Connection: @unchecked Sendable {
  let handle: OpaquePointer
  private var cached: [StatementName: Statement] = [:]

  /// Opens the file. Only `create` may make one; a symbolic link is refused by SQLite.
  /// Throws `.inputOutput` if it can't be opened or is no database.
  init(path: String, isWriter: Bool, create: Bool = false) throws(OfficeError) {
    var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE
    flags |= isWriter ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
    if create { flags |= SQLITE_OPEN_CREATE }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let failure = StoreFailure.error(of: opened)
      sqlite3_close_v2(opened)
      throw failure
    }
    handle = opened
    sqlite3_busy_timeout(handle, 5_000)
    // A damaged schema must not run code, and a cell that overlaps another one is an error at once.
    try execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;")
  }

  deinit { close() }

  private var isClosed = false

  /// Finalizes all statements and closes. Nothing may be called after it.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    cached = [:]
    sqlite3_close_v2(handle)
  }

  /// The prepared statement of this text, kept for the connection's life; another `lane` is another statement of
  /// the same text, for two walks at once. Known by the literal's address: no text is hashed on the road of a request.
  public func statement(_ sql: StaticString, lane: Int = 0) throws(OfficeError) -> Statement {
    let key = StatementName(address: UInt(bitPattern: sql.utf8Start), lane: lane)
    if let known = cached[key] { return known }
    let made = try prepare(sql.description)
    cached[key] = made
    return made
  }

  /// Makes all kept statements ready for the next use, wherever they were left.
  func resetStatements() {
    for statement in cached.values { statement.reset() }
  }

  /// A statement that is not kept.
  public func prepare(_ sql: String) throws(OfficeError) -> Statement {
    var statement: OpaquePointer?
    guard
      sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        == SQLITE_OK, let statement
    else { throw StoreFailure.error(of: handle) }
    return Statement(statement, of: handle)
  }

  /// Runs statements that give no rows.
  public func execute(_ sql: String) throws(OfficeError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw StoreFailure.error(of: handle)
    }
  }

  /// The first column of the first row of a query without parameters, such as a pragma; nil without rows.
  public func value(_ sql: String) throws(OfficeError) -> Int64? {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : nil
  }

  /// The row that the latest INSERT made.
  public var lastRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// How many rows this connection changed since it was opened.
  public var changes: Int64 { sqlite3_total_changes64(handle) }

  /// How many steps SQLite's machine took for the kept statements: work, whatever the clock says.
  var steps: Int64 {
    cached.values.reduce(0) {
      $0 + Int64(sqlite3_stmt_status($1.handle, SQLITE_STMTSTATUS_VM_STEP, 0))
    }
  }

  /// How many pages were read from the file and written to the log.
  var pages: (read: Int64, written: Int64) {
    (counter(SQLITE_DBSTATUS_CACHE_MISS), counter(SQLITE_DBSTATUS_CACHE_WRITE))
  }

  private func counter(_ name: Int32) -> Int64 {
    var now: Int32 = 0
    var highest: Int32 = 0
    sqlite3_db_status(handle, name, &now, &highest, 0)
    return Int64(now)
  }

  /// Whether a transaction is open.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }
}

private struct StatementName: Hashable {
  var address: UInt
  var lane: Int
}
