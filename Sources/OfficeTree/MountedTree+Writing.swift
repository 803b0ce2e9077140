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
    if dropFolder(of: parent) == nil, let branch = branch(of: parent) {
      let (attributes, file) = try branch.create(
        name, in: parent, flags: flags, permissions: permissions, caller: caller)
      return (attributes, opened(file))
    }
    let entry = try EntryName(name, in: requireWritable(parent).names)
    if let folder = DropFolder(parent), case .final(let target) = entry {
      try requireFree(target, in: folder)
    }
    let file = try newSpool(
      name, in: parent, as: entry, base: nil, permissions: permissions, caller: caller,
      isExclusive: flags.contains(.exclusive))
    var removal: Removals.Removal?
    if DropFolder(parent)?.showsWhatBecame ?? false, case .final(let target) = entry {
      removal = removals.take(target, by: ProcessTable.process(ofThread: caller.pid))
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
      if flags.contains(.write), let (folder, target) = spools.file(node.row)?.target,
        folder.showsWhatBecame
      {
        _ = try redirectWriter(of: target, in: folder, caller: caller)
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
        if let (folder, target) = file.target, folder.showsWhatBecame {
          _ = try redirectWriter(of: target, in: folder, caller: nil)
        }
        throw MountedTree.gone
      }
      usleep(2_000)
    }
    throw MountedTree.secondWriter
  }

  /// A published version is never written: its name gets a fresh file, and ESTALE makes the kernel look it up again.
  /// Never returns: throws `.stale` when the name stands for a file that can be opened for writing.
  func redirectWriter(
    of target: DropTarget, in folder: DropFolder, caller: Caller?
  ) throws(OfficeError) -> Opened {
    let name = target.fileName
    guard spools.file(named: name, in: folder.node) == nil else { throw MountedTree.gone }
    let file = try newSpool(
      name, in: folder.node, as: .final(target), base: try base(of: target), permissions: 0o600,
      caller: caller ?? Caller(pid: 0, uid: mount.owner, gid: mount.group), isExclusive: false)
    _ = spools.insert(file, named: name, in: folder.node)
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
        lastClose: now),
      onFailure: { [store = mount.store] in store.fail($0) })
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
