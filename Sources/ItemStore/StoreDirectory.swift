import Glibc
import OfficeModel

/// A folder that holds one database and what belongs to it.
public struct StoreDirectory: Sendable {
  /// Without symbolic links.
  public let path: String
  /// What stands in the folder.
  public let contents: Contents

  /// What a folder of this kind holds, and what it is called in messages.
  public struct Contents: Sendable {
    /// The database's name; its `-wal` and `-shm` stand beside it and are touched by SQLite alone.
    var database: String
    /// What the database is, as in "there is no office in this folder".
    var noun: String
    /// The command that makes one.
    var remedy: String
    /// A folder that is there too, if any.
    var folder: String?

    public init(database: String, noun: String, remedy: String, folder: String? = nil) {
      self.database = database
      self.noun = noun
      self.remedy = remedy
      self.folder = folder
    }
  }

  public var database: String { path + "/" + contents.database }
  /// See `DirectoryLock`.
  public var lock: String { path + "/lock" }
  /// See `DiskReserve`.
  public var reserve: String { path + "/reserve" }
  /// See `CommitRecord`.
  public var commits: String { path + "/commits" }

  /// Makes the folder, or takes an empty one. Throws `.exists` if it holds a database, `.notEmpty` if something else.
  public static func create(
    at path: String, _ contents: Contents
  ) throws(OfficeError) -> StoreDirectory {
    if mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw failure("the folder can't be made", path)
    }
    let directory = try StoreDirectory(resolving: path, contents)
    let names = try directory.names()
    if names.contains(contents.database) {
      throw OfficeError(.exists, "there is an \(contents.noun) already", item: path)
    }
    // One that was cut short may have left these.
    let known = ["lock", contents.folder].compactMap { $0 }
    guard Set(names).isSubset(of: known) else {
      throw OfficeError(
        .notEmpty, "the folder is not empty", item: path,
        remedy: "choose a new or an empty folder")
    }
    try directory.makeFolder()
    return directory
  }

  /// An existing folder. Throws `.notFound` without a database (only `create` makes one), `.inputOutput` if its log is
  /// there without it, `.notPermitted` unless it is private to the caller, `.invalid` for a link in it.
  public static func open(
    at path: String, _ contents: Contents
  ) throws(OfficeError) -> StoreDirectory {
    let directory = try StoreDirectory(resolving: path, contents)
    try directory.check()
    return directory
  }

  /// Whether there is a database, or the log of one, in the folder at `path`.
  public static func exists(at path: String, _ contents: Contents) -> Bool {
    ["", "-wal"].contains { access("\(path)/\(contents.database)\($0)", F_OK) == 0 }
  }

  private init(resolving path: String, _ contents: Contents) throws(OfficeError) {
    self.contents = contents
    guard let resolved = realpath(path, nil) else {
      throw StoreDirectory.failure("the folder can't be opened", path)
    }
    defer { free(resolved) }
    self.path = String(cString: resolved)
    var status = stat()
    guard lstat(self.path, &status) == 0 else {
      throw StoreDirectory.failure("the folder can't be opened", path)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw OfficeError(.notDirectory, "this is no folder", item: path)
    }
    guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw OfficeError(
        .notPermitted, "the folder must be private to the user who runs officefs",
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
          .invalid, "a symbolic link in the folder", item: path + "/" + name,
          remedy: "move what it points to into its place")
      }
    }
    let name = contents.database
    guard names.contains(name) else {
      if names.contains("\(name)-wal") {
        throw OfficeError(
          .inputOutput, "the database is gone but its log is there", item: database,
          remedy: "put \(name) back beside \(name)-wal; do not remove the log")
      }
      throw OfficeError(
        .notFound, "there is no \(contents.noun) in this folder", item: path,
        remedy: contents.remedy)
    }
    try makeFolder()
  }

  private func makeFolder() throws(OfficeError) {
    guard let folder = contents.folder else { return }
    if mkdir(path + "/" + folder, 0o700) != 0 && errno != EEXIST {
      throw StoreDirectory.failure("a folder can't be made", path + "/" + folder)
    }
  }

  /// Makes the names in the folder durable.
  public func synchronize() throws(OfficeError) {
    for folder in [path, path + "/.."] {
      let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw StoreDirectory.failure("the folder can't be opened", folder)
      }
      defer { Glibc.close(descriptor) }
      // The parent may be a filesystem that has no fsync of folders; the folder itself may not.
      if fsync(descriptor) != 0 && folder == path {
        throw StoreDirectory.failure("the folder can't be made durable", folder)
      }
    }
  }

  private func names() throws(OfficeError) -> [String] { try StoreDirectory.names(in: path) }

  /// The names in any folder, in no order.
  public static func names(in folder: String) throws(OfficeError) -> [String] {
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

  /// The error of the system call that failed just now.
  public static func failure(_ reason: String, _ item: String) -> OfficeError {
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
