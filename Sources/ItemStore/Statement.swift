import GRDBSQLite
import Glibc
import OfficeModel

/// A prepared statement of one connection (SQLite's C API: this runs for every request and every row).
///
/// Parameters are numbered from 1, columns from 0, as in SQLite.
/// INVARIANT: a statement is reset before its connection is handed back; only then are bound pointers free to go.
public final class Statement {
  let handle: OpaquePointer
  private let database: OpaquePointer

  init(_ handle: OpaquePointer, of database: OpaquePointer) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Binds an integer.
  public func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

  /// Binds bytes, copied.
  public func bind(_ index: Int32, _ bytes: [UInt8]) {
    guard !bytes.isEmpty else {
      sqlite3_bind_zeroblob(handle, index, 0)
      return
    }
    bytes.withUnsafeBytes { buffer in
      _ = sqlite3_bind_blob(handle, index, buffer.baseAddress, Int32(buffer.count), transient)
    }
  }

  /// Binds bytes that stay in place until the statement is reset.
  public func bindInPlace(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else {
      sqlite3_bind_zeroblob(handle, index, 0)
      return
    }
    sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), nil)
  }

  /// Binds text.
  public func bind(_ index: Int32, _ text: String) {
    sqlite3_bind_text(handle, index, text, -1, transient)
  }

  /// Moves to the next row; false after the last. Throws what SQLite's code means, see `StoreFailure`.
  public func step() throws(OfficeError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let failure = StoreFailure.error(of: database)
      sqlite3_reset(handle)
      throw failure
    }
  }

  /// Runs the statement to its end and resets it.
  public func run() throws(OfficeError) {
    defer { reset() }
    while try step() {}
  }

  /// Makes the statement ready for the next use and lets go of what is bound in place.
  public func reset() { sqlite3_reset(handle) }

  /// An integer column.
  public func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// A blob column; valid until the next step or reset.
  public func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }

  /// A blob column, copied.
  public func array(_ column: Int32) -> [UInt8] { Array(bytes(column)) }

  /// A text column, copied; bytes that are not UTF-8 are repaired, so a check over it fails.
  public func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }
}

/// SQLITE_TRANSIENT, which is a macro and not imported: SQLite copies what is bound.
private let transient = unsafeBitCast(
  OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self)
