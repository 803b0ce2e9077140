import ItemStore
import OfficeModel

/// How many changes of the sets were acknowledged: in the header of the database file, where SQLite keeps a number for its user
/// (`PRAGMA user_version`). It is held against the record beside the file when that is opened.
enum CommitCounter {
  /// Of a repository that has none yet, the largest number ever given to a set, by which its record went.
  static func value(in connection: Connection) throws(OfficeError) -> Int64 {
    let count = try connection.value("PRAGMA user_version") ?? 0
    return count > 0 ? count : try SetTable.lastNumber(in: connection)
  }

  /// Counts the change that the transaction makes.
  static func advance(
    beyond record: CommitRecord, in connection: Connection
  ) throws(OfficeError) -> Int64 {
    let count = max(try value(in: connection), record.newest() ?? 0) + 1
    try connection.execute("PRAGMA user_version=\(count)")
    return count
  }
}
