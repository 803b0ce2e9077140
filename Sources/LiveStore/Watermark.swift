import ItemStore
import OfficeModel

// Office and repository are two files, perhaps on two disks, and either may be brought back from elsewhere: both keep
// the name (a random number) of the newest backup. While one is under way the office knows its name beside the one
// before, since the repository commits first.

extension LiveStore {
  /// Says that a backup is about to be made under `name` into a repository whose newest one is `last` (0 for none).
  /// Returns whether that is this office's newest too; if not, everything has to be compared.
  public func beginBackup(_ name: Int64, after last: Int64) throws(OfficeError) -> Bool {
    try items.write(urgent: true, mayUseReserve: true) { connection throws(OfficeError) in
      var known = try MetaTable.value(.backup, in: connection)
      if last != 0, try MetaTable.value(.nextBackup, in: connection) == last {
        known = last
        try MetaTable.set(.backup, last, in: connection)
      }
      try MetaTable.set(.nextBackup, name, in: connection)
      return last != 0 && known == last
    }
  }

  /// The backup is durable in its repository, whose areas all show commit `watermark` or a later one:
  /// what ended before may be purged.
  public func finishBackup(_ name: Int64, watermark: Int64) throws(OfficeError) {
    try items.write(urgent: true, mayUseReserve: true) { connection throws(OfficeError) in
      try MetaTable.set(.backup, name, in: connection)
      try MetaTable.set(.watermark, watermark, in: connection)
    }
  }

  /// Whether all that ended after this commit is still there.
  func holds(_ commit: Int64) -> Bool {
    state.withLock { commit >= $0.purged }
  }
}

extension LiveStore {
  /// Whether a backup of this office was ever finished.
  public func wasBackedUp() throws(OfficeError) -> Bool {
    try items.read { connection throws(OfficeError) in
      let watermark = try MetaTable.value(.watermark, in: connection)
      let backup = try MetaTable.value(.backup, in: connection)
      return watermark != 0 || backup != 0
    }
  }
}
