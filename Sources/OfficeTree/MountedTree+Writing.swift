import Glibc
import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel

extension MountedTree {
  /// Makes a new file in a drop folder. Throws `.invalid` for a name that is not allowed, `.exists` for one that is taken
  /// (also by an id that differs in case), `.readOnly` elsewhere.
  public func create(
    _ name: [UInt8], in parent: NodeID, flags: OpenFlags, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> (Attributes, Opened) {
    if let branch = branch(of: parent) {
      let (attributes, file) = try branch.create(
        name, in: parent, flags: flags, permissions: permissions, caller: caller)
      return (attributes, opened(file))
    }
    _ = try requireWritable(parent)
    let entry = try EntryName(name)
    if let folder = DropFolder(parent), case .user(let id) = entry {
      if folder.isUsers { try requireFree(id) } else { try requireCase(id) }
    }
    let file = try newSpool(
      name, in: parent, as: entry, base: nil, permissions: permissions, caller: caller,
      isExclusive: flags.contains(.exclusive))
    var removal: Removals.Removal?
    if parent == NodeID(.users), case .user(let id) = entry {
      removal = removals.take(id, by: ProcessTable.process(ofThread: caller.pid))
    }
    file.state.withLock { state in
      state.writers = 1
      state.replaces = removal
    }
    guard spools.insert(file, named: name, in: parent) else {
      throw OfficeError(.exists, "the name is taken", item: Escaped.line(name))
    }
    usersDidChange()
    return (attributes(of: file), opened(file, isWriter: true))
  }

  /// True if this write may copy a whole file first and should not hold up the reader threads.
  public func mayBlock(writing handle: UInt64) -> Bool {
    guard case .spool(let file, true)? = try? files[handle] else { return false }
    return file.mayBlock
  }

  /// Writes into a file. Throws `.noSpace`, `.tooLarge`.
  public func write(
    _ handle: UInt64, at offset: Int64, _ bytes: UnsafeRawBufferPointer
  ) throws(OfficeError) {
    if case .draft(let draft) = try files[handle] { return try draft.write(at: offset, bytes) }
    let file = try writable(handle)
    let end = offset + Int64(bytes.count)
    if let size = file.state.withLock({ $0.base?.layout.size }) {
      try mount.store.admit(spool: size)
    }
    try requireRoom(for: file, growingTo: end)
    try file.write(at: offset, bytes)
  }

  /// fallocate(2) without flags: the file grows to `size` if it is smaller.
  public func allocate(_ handle: UInt64, size: Int64) throws(OfficeError) {
    if case .draft(let draft) = try files[handle] {
      if size > draft.size { try draft.truncate(to: size) }
      return
    }
    let file = try writable(handle)
    try requireRoom(for: file, growingTo: size)
    if size > file.state.withLock({ $0.size }) { try file.truncate(to: size) }
  }

  func opened(_ file: SpoolFile, isWriter: Bool) -> Opened {
    Opened(
      handle: files.insert(.spool(file, isWriter: isWriter)), keepsCache: false, isDirect: true)
  }

  func openSpool(_ node: NodeID, flags: OpenFlags, caller: Caller) throws(OfficeError) -> Opened {
    guard let file = spools.file(node.row), spools.hasName(file) else {
      // The kernel looks the name up once more only: a writer has to find a file to write then.
      if flags.contains(.write), let target = spools.file(node.row)?.target, target.folder.isUsers {
        let id = target.id
        _ = try redirectWriter(of: id, caller: caller)
      }
      throw MountedTree.gone
    }
    guard flags.contains(.write) else {
      file.state.withLock { $0.readers += 1 }
      return opened(file, isWriter: false)
    }
    try claim(file, for: caller)
    if flags.contains(.truncate) {
      do throws(OfficeError) {
        try file.truncate(to: 0)
      } catch {
        file.state.withLock { $0.writers = 0 }
        throw error
      }
    }
    return opened(file, isWriter: true)
  }

  /// Makes the caller's process the file's one writer. The last one's release may still be on its way, so this waits a moment.
  private func claim(_ file: SpoolFile, for caller: Caller) throws(OfficeError) {
    let process = ProcessTable.process(ofThread: caller.pid)
    let now = mount.clock.seconds
    for _ in 0..<50 {
      let isFree = file.state.withLock { state in
        guard state.writers == 0 else { return false }
        state.writers = 1
        state.opener = process
        state.openerUser = caller.uid
        state.opened = now
        return true
      }
      if isFree {
        if spools.hasName(file) { return }
        file.state.withLock { $0.writers = 0 }
        if let target = file.target, target.folder.isUsers {
          _ = try redirectWriter(of: target.id, caller: nil)
        }
        throw MountedTree.gone
      }
      usleep(2_000)
    }
    throw MountedTree.secondWriter
  }

  /// A published version is never written: its name gets a fresh file, and ESTALE makes the kernel look it up again.
  func redirectWriter(of node: NodeID, caller: Caller) throws(OfficeError) -> Opened {
    guard let (state, _) = try mount.store.user(version: node.number) else {
      throw MountedTree.gone
    }
    let id = renames.name(ofVersion: state.version) ?? state.id
    return try redirectWriter(of: id, caller: caller)
  }

  /// Never returns: throws `.stale` when the name stands for a file that can be opened for writing.
  private func redirectWriter(of id: UserID, caller: Caller?) throws(OfficeError) -> Opened {
    let name = id.fileName
    guard spools.file(named: name, in: NodeID(.users)) == nil else { throw MountedTree.gone }
    let view = try mount.store.view()
    guard let state = try view.user(id) else { throw MountedTree.gone }
    let layout = try ArchiveLayout(.user(id), of: view)
    let base = SpoolFile.Base(
      layout: layout, version: state.version, inode: NodeID(version: state.version).rawValue,
      mtime: state.mtime)
    let file = try newSpool(
      name, in: NodeID(.users), as: .user(id), base: base, permissions: 0o600,
      caller: caller ?? Caller(pid: 0, uid: mount.owner, gid: mount.group), isExclusive: false)
    _ = spools.insert(file, named: name, in: NodeID(.users))
    throw OfficeError(.stale, "the name stands for a file to write now")
  }

  private func newSpool(
    _ name: [UInt8], in folder: NodeID, as entry: EntryName, base: SpoolFile.Base?,
    permissions: UInt32, caller: Caller, isExclusive: Bool
  ) throws(OfficeError) -> SpoolFile {
    let number = UInt64(try mount.store.nextNumber())
    let now = mount.clock.now()
    spools.sweep()
    let inode = base?.inode ?? NodeID(.spool, row: number).rawValue
    return try SpoolFile(
      number: number, directory: mount.spool,
      state: SpoolFile.State(
        folder: folder, name: name, entry: entry, base: base, inode: inode,
        size: base?.layout.size ?? 0, shownMtime: base?.mtime ?? now, permissions: permissions,
        opener: ProcessTable.process(ofThread: caller.pid), openerUser: caller.uid,
        opened: mount.clock.seconds, isExclusive: isExclusive,
        lastClose: now))
  }

  private func requireFree(_ id: UserID) throws(OfficeError) {
    try requireCase(id)
    guard try mount.store.user(id) == nil else {
      throw OfficeError(.exists, "the user exists", item: id.text)
    }
  }

  func requireCase(_ id: UserID) throws(OfficeError) {
    guard let taken = try mount.store.user(folded: id.folded), taken.id != id else { return }
    throw OfficeError(
      .exists, "the id differs from \(taken.id) only in case", item: id.text,
      remedy: "use \(taken.id), or another id")
  }

  private func writable(_ handle: UInt64) throws(OfficeError) -> SpoolFile {
    guard case .spool(let file, true) = try files[handle] else { throw MountedTree.readOnly }
    return file
  }

  /// Asks for room in steps, so that a full disk is met at a write and not in the middle of an import.
  private func requireRoom(for file: SpoolFile, growingTo end: Int64) throws(OfficeError) {
    guard end <= mount.limits.archiveBytes else {
      throw OfficeError(
        .tooLarge, "larger than the \(mount.limits.archiveBytes) bytes an archive may have")
    }
    let step: Int64 = 16 << 20
    let size = file.state.withLock { $0.size }
    if size == 0 || end / step != size / step { try mount.store.admit(spool: end) }
  }

  static let secondWriter = OfficeError(
    .busy, "another process is writing this file",
    remedy: "wait until it has finished, then copy again")
}
