import GRDBSQLite
import OfficeModel

/// Reads large contents straight to where they are wanted (sqlite3_blob_read): as a column, SQLite would first put their
/// pages together in memory of its own. Used within one transaction.
struct ContentBlob: ~Copyable {
  private let connection: Connection
  private var blob: OpaquePointer?

  init(in connection: Connection) { self.connection = connection }

  deinit { sqlite3_blob_close(blob) }

  /// Fills `target`, which is as long as the content that the reference names, and compares it with what the reference says
  /// of it. Throws `.inputOutput` if it is gone or damaged; what `target` then holds is not the content.
  mutating func read(
    _ reference: ChunkReference, into target: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    let code =
      blob == nil
      ? sqlite3_blob_open(connection.handle, "main", "data", "bytes", reference.id, 0, &blob)
      : sqlite3_blob_reopen(blob, reference.id)
    // The code for a row that is not there.
    guard code != SQLITE_ERROR else { throw Damage.found("content \(reference.id)") }
    try check(code)
    guard Int(sqlite3_blob_bytes(blob)) == target.count else {
      throw Damage.found("content \(reference.id)")
    }
    try check(sqlite3_blob_read(blob, target.baseAddress, Int32(target.count), 0))
    guard RowCheck.vouches(reference.hash, for: UnsafeRawBufferPointer(target)) else {
      throw Damage.found("content \(reference.id)")
    }
  }

  private func check(_ code: Int32) throws(OfficeError) {
    guard code == SQLITE_OK else { throw StoreFailure.error(of: connection.handle) }
  }
}
