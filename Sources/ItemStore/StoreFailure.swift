import GRDBSQLite
import Glibc
import OfficeModel

/// What SQLite's result codes mean to a tool (sqlite.org/rescode.html).
enum StoreFailure {
  static func error(of database: OpaquePointer?) -> OfficeError {
    let code = database.map { self.code(of: $0) } ?? SQLITE_NOMEM
    let text = database.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
    return error(code: code, text: text)
  }

  /// Why the last call, right before this one, failed. A write that a quota refuses (SQLITE_IOERR_WRITE) is a full disk: it
  /// passes, and nothing is wrong with the file; a failed fsync never is. Of a commit SQLite keeps no errno, so that of the
  /// thread is asked too.
  static func code(of database: OpaquePointer) -> Int32 {
    let number = errno
    let code = sqlite3_extended_errcode(database)
    let isShort = [EMFILE, ENFILE].contains(sqlite3_system_errno(database))
    if isShort, code & 0xFF == SQLITE_CANTOPEN { return tooManyFiles }
    let isQuota = number == EDQUOT || sqlite3_system_errno(database) == EDQUOT
    return isQuota && code == SQLITE_IOERR | 3 << 8 ? SQLITE_FULL : code
  }

  /// No descriptor is left to open a file with; SQLite has no code of its own for it.
  private static let tooManyFiles = SQLITE_CANTOPEN | 0xFF << 8

  /// The disk is full: for the database, or for the index of its log (SQLITE_IOERR_SHMSIZE).
  static func isFull(_ code: Int32) -> Bool {
    code & 0xFF == SQLITE_FULL || code == SQLITE_IOERR | 19 << 8
  }

  static func error(code: Int32, text: String) -> OfficeError {
    if code == tooManyFiles {
      return OfficeError(
        .tooManyFiles, "the database can't be opened once more",
        remedy: "raise the limit of open files", cause: Cause(text, code))
    }
    switch isFull(code) ? SQLITE_FULL : code & 0xFF {
    case SQLITE_FULL:
      return OfficeError(
        .noSpace, "the disk of the data directory is full", cause: Cause(text, code))
    case SQLITE_BUSY, SQLITE_LOCKED:
      return OfficeError(.busy, "the database is in use", cause: Cause(text, code))
    case SQLITE_INTERRUPT:
      return OfficeError(.interrupted, "the work was interrupted", cause: Cause(text, code))
    case SQLITE_READONLY:
      return OfficeError(.readOnly, "the database can't be written", cause: Cause(text, code))
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      return OfficeError(
        .inputOutput, "the database is damaged", remedy: "run officefs verify",
        cause: Cause(text, code))
    default:
      return OfficeError(
        .inputOutput, "the database failed", remedy: "check the disk, then run officefs verify",
        cause: Cause(text, code))
    }
  }

  private struct Cause: Error, CustomStringConvertible {
    let description: String
    init(_ text: String, _ code: Int32) { description = "SQLite: \(text), code \(code)" }
  }
}
