import Glibc
import OfficeModel

/// Where a live office is kept, and the names in it.
public struct DataDirectory: Sendable {
  /// Without symbolic links.
  public let path: String

  /// The database; its `-wal` and `-shm` stand beside it and are touched by SQLite alone.
  public var database: String { path + "/office.db" }
  /// Files that are being written through the mount.
  public var spool: String { path + "/spool" }
  var lock: String { path + "/lock" }
  var reserve: String { path + "/reserve" }
  var commits: String { path + "/commits" }

  /// Makes the folder, or takes an empty one. Throws `.exists` if it holds an office, `.notEmpty` if something else.
  static func create(at path: String) throws(OfficeError) -> DataDirectory {
    if mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw failure("the data directory can't be made", path)
    }
    let directory = try DataDirectory(resolving: path)
    let names = try directory.names()
    if names.contains("office.db") {
      throw OfficeError(.exists, "there is an office already", item: path)
    }
    // An init that was cut short may have left the first two.
    guard Set(names).isSubset(of: ["lock", "spool"]) else {
      throw OfficeError(
        .notEmpty, "the data directory is not empty", item: path,
        remedy: "choose a new or an empty folder")
    }
    if mkdir(directory.spool, 0o700) != 0 && errno != EEXIST {
      throw failure("the spool can't be made", directory.spool)
    }
    return directory
  }

  /// An existing data directory. Throws `.notFound` without a database (only `create` makes one), `.inputOutput` if its
  /// log is there without it, `.notPermitted` unless it is private to the caller, `.invalid` for a link in it.
  static func open(at path: String) throws(OfficeError) -> DataDirectory {
    let directory = try DataDirectory(resolving: path)
    try directory.check()
    return directory
  }

  private init(resolving path: String) throws(OfficeError) {
    guard let resolved = realpath(path, nil) else {
      throw DataDirectory.failure("the data directory can't be opened", path)
    }
    defer { free(resolved) }
    self.path = String(cString: resolved)
    var status = stat()
    guard lstat(self.path, &status) == 0 else {
      throw DataDirectory.failure("the data directory can't be opened", path)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw OfficeError(.notDirectory, "the data directory is no folder", item: path)
    }
    guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw OfficeError(
        .notPermitted, "the data directory must be private to the user who runs officefs",
        item: path, remedy: "chown it to that user and chmod 700")
    }
  }

  private func check() throws(OfficeError) {
    let names = try names()
    for name in names {
      var status = stat()
      guard lstat(path + "/" + name, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFLNK {
        throw OfficeError(
          .invalid, "a symbolic link in the data directory", item: path + "/" + name,
          remedy: "move what it points to into its place")
      }
    }
    guard names.contains("office.db") else {
      if names.contains("office.db-wal") {
        throw OfficeError(
          .inputOutput, "the database is gone but its log is there", item: database,
          remedy: "put office.db back beside office.db-wal; do not remove the log")
      }
      throw OfficeError(
        .notFound, "there is no office in this folder", item: path,
        remedy: "officefs init makes one")
    }
    if !names.contains("spool") && mkdir(spool, 0o700) != 0 {
      throw DataDirectory.failure("the spool can't be made", spool)
    }
  }

  /// Removes what was being written when the last process ended.
  func emptySpool() throws(OfficeError) {
    for name in try DataDirectory.names(in: spool) {
      let file = spool + "/" + name
      if unlink(file) != 0 && errno != ENOENT {
        throw DataDirectory.failure("a spool file can't be removed", file)
      }
    }
  }

  /// Makes the names in the folder durable.
  func synchronize() throws(OfficeError) {
    for folder in [path, path + "/.."] {
      let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw DataDirectory.failure("the folder can't be opened", folder)
      }
      defer { Glibc.close(descriptor) }
      // The parent may be a filesystem that has no fsync of folders; the folder itself may not.
      if fsync(descriptor) != 0 && folder == path {
        throw DataDirectory.failure("the folder can't be made durable", folder)
      }
    }
  }

  private func names() throws(OfficeError) -> [String] { try DataDirectory.names(in: path) }

  private static func names(in folder: String) throws(OfficeError) -> [String] {
    guard let stream = opendir(folder) else { throw failure("the folder can't be read", folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  static func failure(_ reason: String, _ item: String) -> OfficeError {
    let number = errno
    return OfficeError(
      ErrorCode(rawValue: number), reason, item: item, cause: SystemCause(number: number))
  }
}

/// What the operating system said.
struct SystemCause: Error, CustomStringConvertible {
  var number: Int32
  var description: String { String(cString: strerror(number)) }
}
