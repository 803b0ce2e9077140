import BackupRepository
import Foundation
import Glibc
import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel
import OfficeTree
import TestSupport

/// A tree over a store of its own, driven as the kernel would drive it.
final class TreeFixture {
  let folder: URL
  private(set) var store: LiveStore
  private(set) var tree: MountedTree
  private(set) var registry: OfficeRegistry
  let caller = Caller(pid: getpid(), uid: 0, gid: 0)
  let users: NodeID
  /// Nil without backups.
  private(set) var backups: OfficeBackups?
  private let clock: WallClock
  private let hasBackups: Bool

  /// `clock` is the tree's and that of the backups; the store and the logs have the machine's.
  ///
  /// Takes the office that is in `folder` where one is given, and removes it in the end.
  init(
    clock: WallClock = .system, hasBackups: Bool = false, takingOver folder: String? = nil
  ) throws {
    self.folder =
      folder.map { URL(filePath: $0) }
      ?? FileManager.default.temporaryDirectory.appending(path: "officefs-tree-\(UUID())")
    let data = self.folder.path
    if folder == nil { try LiveStore.create(at: data, clock: clock) }
    store = try LiveStore(directory: data, clock: clock)
    self.clock = clock
    self.hasBackups = hasBackups
    (tree, registry, backups) = try TreeFixture.tree(
      over: store, at: data, clock, hasBackups: hasBackups)
    users = try tree.lookup(Array("users".utf8), in: .root, caller: caller).node
  }

  private static func tree(
    over store: LiveStore, at data: String, _ clock: WallClock, hasBackups: Bool
  ) throws -> (MountedTree, OfficeRegistry, OfficeBackups?) {
    let audit = try Journal(path: "\(data)/audit.log", clock: clock)
    let errors = try Journal(path: "\(data)/errors.log", clock: clock)
    let registry = try OfficeRegistry(store: store, clock: clock, audit: audit, errors: errors)
    try registry.takeOver(from: data, caller: "test")
    let transfer = Transfer(
      store: store, settings: registry.settings, spool: "\(data)/spool", audit: audit,
      gate: registry.gate)
    let jobs = JobTable(clock: clock)
    var backups: OfficeBackups?
    var backupHealth = BackupHealth()
    if hasBackups {
      if !Repository.exists(at: "\(data)/backup") { try Repository.create(at: "\(data)/backup") }
      var settings = registry.settings.office
      settings.timeZone = settings.timeZone ?? "UTC"
      do {
        let repository = try Repository(at: "\(data)/backup")
        let notes = BackupNotes(of: data)
        backupHealth = BackupHealth(repository: repository, notes: notes, clock: clock)
        let made = try OfficeBackups(
          store: store, repository: repository, settings: settings,
          clock: clock, audit: audit, errors: errors, notes: notes, jobs: jobs)
        registry.settings.observe { [weak made] settings in try? made?.use(settings) }
        backups = made
      } catch {
        // As the program does it: the office is served without them.
        backupHealth = BackupHealth(failure: error)
      }
    }
    let tree = MountedTree(
      OfficeMount(
        store: store, transfer: transfer, errors: errors, audit: audit, backups: backups,
        backupHealth: backupHealth,
        restores: backups.map {
          OfficeRestores(
            store: store, backups: $0, registry: registry, clock: clock, audit: audit)
        },
        registry: registry, jobs: jobs, clock: clock, spool: "\(data)/spool", owner: 0, group: 0,
        version: "test"))
    return (tree, registry, backups)
  }

  /// From now on no commit can be recorded: the disk of that file is full.
  func loseRecord() throws {
    let path = store.directory.path + "/commits"
    let full = Glibc.open("/dev/full", O_RDWR | O_CLOEXEC)
    defer { Glibc.close(full) }
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
      if link == path, let descriptor = Int32(name) { dup2(full, descriptor) }
    }
  }

  /// Unmounts, closes the store, opens it again and mounts.
  func reopen() throws {
    backups?.close()
    store.close()
    store = try LiveStore(directory: folder.path, clock: clock)
    (tree, registry, backups) = try TreeFixture.tree(
      over: store, at: folder.path, clock, hasBackups: hasBackups)
  }

  deinit {
    backups?.close()
    store.close()
    try? FileManager.default.removeItem(at: folder)
  }

  /// An archive of canonical documents.
  static func archive(
    _ id: String, rows: [String] = [], status: String? = nil, mtime: Int64 = 1_700_000_000
  ) throws -> [UInt8] {
    try archive(.user(UserID(id)), of: [UserID(id): cells(id, rows, status, mtime)])
  }

  /// A user's canonical documents.
  static func cells(
    _ id: String, _ rows: [String], _ status: String?, _ mtime: Int64
  ) -> [Area: DictionaryView.Cell] {
    var cells: [Area: DictionaryView.Cell] = [:]
    cells[.user] = DictionaryView.Cell(
      document: Array("{\n\"id\":\"\(id)\"\n}\n".utf8), mtime: mtime)
    if !rows.isEmpty {
      let text = "date,in,out\r\n" + rows.map { "\($0)\r\n" }.joined()
      cells[.timesheet] = DictionaryView.Cell(document: Array(text.utf8), mtime: mtime)
    }
    if let status {
      let text = "{\n\"status\":\"\(status)\"\n}\n"
      cells[.whereabouts] = DictionaryView.Cell(document: Array(text.utf8), mtime: mtime)
    }
    return cells
  }

  /// An archive of texts in canonical form.
  static func archive(_ id: String, texts: [Area: String]) throws -> [UInt8] {
    let cells = texts.mapValues {
      DictionaryView.Cell(document: Array($0.utf8), mtime: 1_700_000_000)
    }
    return try archive(.user(UserID(id)), of: [UserID(id): cells])
  }

  /// What a selection of these cells is as a file.
  static func archive(
    _ selection: ArchiveSelection, of office: [UserID: [Area: DictionaryView.Cell]]
  ) throws -> [UInt8] {
    let layout = try ArchiveLayout(selection, of: DictionaryView(office))
    var bytes = [UInt8](repeating: 0, count: Int(layout.size))
    _ = try bytes.withUnsafeMutableBytes { try layout.read(at: 0, into: $0) }
    return bytes
  }

  /// open(2) as the kernel does it: once more after ESTALE.
  func open(_ name: String, in folder: NodeID? = nil, flags: OpenFlags = []) throws -> Opened {
    let parent = folder ?? users
    for attempt in 0... {
      let node = try tree.lookup(Array(name.utf8), in: parent, caller: caller).node
      do throws(OfficeError) {
        return try tree.open(node, flags: flags, caller: caller)
      } catch {
        guard error.code == .stale, attempt == 0 else { throw error }
      }
    }
    throw OfficeError(.stale, "not reached")
  }

  /// Opens for writing as cp does: creates exclusively, or empties what is there.
  func openToWrite(_ name: String, in folder: NodeID? = nil) throws -> UInt64 {
    let parent = folder ?? users
    do {
      return try open(name, in: folder, flags: [.write, .truncate]).handle
    } catch let error as OfficeError where error.code == .notFound {
      return try tree.create(
        Array(name.utf8), in: parent, flags: [.write, .exclusive], permissions: 0o600,
        caller: caller
      ).1.handle
    }
  }

  /// cp: writes in pieces, closes.
  func copy(
    _ bytes: [UInt8], to name: String, in folder: NodeID? = nil, piece: Int = 4096
  ) throws {
    let handle = try openToWrite(name, in: folder)
    defer { tree.release(handle) }
    var offset = 0
    while offset < bytes.count {
      let slice = Array(bytes[offset...].prefix(piece))
      try slice.withUnsafeBytes { try tree.write(handle, at: Int64(offset), $0) }
      offset += slice.count
    }
    try tree.flush(handle, caller: caller, isInterrupted: { false })
  }

  func read(_ name: String, in folder: NodeID? = nil) throws -> [UInt8] {
    let handle = try open(name, in: folder).handle
    defer { tree.release(handle) }
    return try readAll(handle)
  }

  func readAll(_ handle: UInt64) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 5000)
    while true {
      let count = try buffer.withUnsafeMutableBytes {
        try tree.read(handle, at: Int64(bytes.count), into: $0)
      }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
    }
  }

  func list(_ folder: NodeID? = nil, page: Int = 7) throws -> [DirectoryEntry] {
    let handle = try tree.openDirectory(folder ?? users, caller: caller)
    defer { tree.releaseDirectory(handle) }
    var entries: [DirectoryEntry] = []
    while true {
      let next = try tree.readDirectory(handle, from: entries.last?.next ?? 0, limit: page)
      if next.isEmpty { return entries }
      entries += next
    }
  }

  func names(_ folder: NodeID? = nil) throws -> [String] {
    try list(folder).map { String(decoding: $0.name, as: UTF8.self) }
  }

  /// rm: a process of its own, unless `caller` says otherwise.
  func remove(_ name: String, in folder: NodeID? = nil, caller: Caller? = nil) throws {
    let other = Caller(pid: 1, uid: 0, gid: 0)
    try tree.remove(Array(name.utf8), in: folder ?? users, caller: caller ?? other)
  }

  func rename(_ name: String, to newName: String, flags: UInt32 = 0) throws {
    try tree.rename(
      Array(name.utf8), in: users, to: Array(newName.utf8), in: users, flags: flags,
      caller: caller)
  }

  func node(_ path: String) throws -> NodeID {
    try path.split(separator: "/").reduce(NodeID.root) { parent, name in
      try tree.lookup(Array(name.utf8), in: parent, caller: caller).node
    }
  }
}

/// The errno of what `body` throws; nil if it does not.
func code(_ body: () throws -> Void) -> ErrorCode? {
  do {
    try body()
    return nil
  } catch {
    return (error as? OfficeError)?.code
  }
}

/// Whether bytes are equal; unlike an expectation on the bytes themselves it does not print them all.
func isEqual(_ left: [UInt8], _ right: [UInt8]?) -> Bool { left == right }
