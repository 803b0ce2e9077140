import Glibc
import ItemStore
import OfficeModel

/// Where a live office is kept, and the names in it.
public struct DataDirectory: Sendable {
  let store: StoreDirectory

  private static let contents = StoreDirectory.Contents(
    database: "office.db", noun: "office", remedy: "officefs init makes one", folder: "spool")

  /// Without symbolic links.
  public var path: String { store.path }
  /// The database; its `-wal` and `-shm` stand beside it and are touched by SQLite alone.
  public var database: String { store.database }
  /// Files that are being written through the mount.
  public var spool: String { path + "/spool" }

  /// See `StoreDirectory.create`.
  static func create(at path: String) throws(OfficeError) -> DataDirectory {
    DataDirectory(store: try StoreDirectory.create(at: path, contents))
  }

  /// See `StoreDirectory.open`.
  static func open(at path: String) throws(OfficeError) -> DataDirectory {
    DataDirectory(store: try StoreDirectory.open(at: path, contents))
  }

  /// Whether there is an office in the folder, or what a damaged one left.
  static func exists(at path: String) -> Bool { StoreDirectory.exists(at: path, contents) }

  /// Removes what was being written when the last process ended.
  func emptySpool() throws(OfficeError) {
    for name in try StoreDirectory.names(in: spool) {
      let file = spool + "/" + name
      if unlink(file) != 0 && errno != ENOENT {
        throw StoreDirectory.failure("a spool file can't be removed", file)
      }
    }
  }
}
