import Glibc
import LiveStore
import OfficeAdmin
import OfficeModel

extension MountedTree {
  /// chmod, chown, utimens and truncate. Modes and owners are ours and stay, but asking is no error: tools would fail.
  /// Throws what import throws where a time is set on a damaged archive, `.interrupted` soon after `isInterrupted` turns true,
  /// `.notPermitted` to the account that a user's file belongs to.
  public func change(
    _ node: NodeID, handle: UInt64?, to change: AttributeChange, caller: Caller,
    isInterrupted: () -> Bool = { false }
  ) throws(OfficeError) -> Attributes {
    if let branch = branch(of: node) {
      if let size = change.size, let handle, case .draft(let draft) = try files[handle] {
        try draft.truncate(to: size)
        return try branch.attributes(of: node)
      }
      return try branch.change(node, to: change, caller: caller, isInterrupted: isInterrupted)
    }
    switch node.kind {
    case .spool:
      let attributes = try changeSpool(node, change)
      if change.mtime != nil || change.mtimeIsNow, let file = spools.file(node.row) {
        try verify(file, caller: caller, isInterrupted: isInterrupted)
      }
      return attributes
    case .user:
      // It may belong to the account of its user, who may read it and no more.
      guard caller.uid == mount.owner || caller.uid == 0 else {
        throw OfficeError(.notPermitted, "only who mounted the office may change a user's file")
      }
      return try changeUser(node, change)
    case .scratchFolder: return try attributes(of: node)
    default:
      _ = try requireWritable(node)
      if let mtime = change.mtimeIsNow ? mount.clock.now() : change.mtime {
        usersMark.set(mtime)
      }
      return try attributes(of: node)
    }
  }

  /// mkdir: only the folder that rsync --delay-updates makes. Throws `.invalid`, `.exists`, `.readOnly`.
  public func makeDirectory(
    _ name: [UInt8], in parent: NodeID, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> Attributes {
    guard let drop = DropFolder(parent) else {
      guard let branch = branch(of: parent) else { throw MountedTree.readOnly }
      return try branch.makeDirectory(name, in: parent, caller: caller)
    }
    guard name == EntryName.scratchFolder else {
      throw OfficeError(
        .invalid, "there are no folders in \(path(of: parent))/", item: Escaped.line(name),
        remedy: drop.contents)
    }
    let number = UInt64(try mount.store.nextNumber())
    spools.sweep()
    guard spools.makeFolder(named: name, in: parent, number: number) else {
      throw OfficeError(.exists, "the folder exists")
    }
    return folderAttributes(NodeID(.scratchFolder, row: number), 0o700)
  }

  /// rmdir. Throws `.notFound`, `.notEmpty`, `.readOnly`.
  public func removeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) {
    guard DropFolder(parent) != nil else {
      guard let branch = branch(of: parent) else { throw MountedTree.readOnly }
      return try branch.removeDirectory(name, in: parent, caller: caller)
    }
    try spools.removeFolder(named: name, in: parent)
  }

  /// unlink: deletes a user or an archive, which is then in undo/, or a temporary file. Durable at return.
  /// Throws `.notFound`, `.busy`, `.readOnly`.
  public func remove(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) {
    guard let drop = dropFolder(of: parent) else {
      guard let branch = branch(of: parent) else { throw MountedTree.readOnly }
      return try branch.remove(name, in: parent, caller: caller)
    }
    var target: DropTarget?
    if drop.node == parent, drop.showsWhatBecame,
      case .final(let named)? = try? EntryName(name, in: drop.names)
    {
      target = named
    }
    if let file = spools.file(named: name, in: parent) {
      if file.target != nil, file.state.withLock({ $0.writers > 0 }) {
        throw MountedTree.secondWriter
      }
      spools.removeName(of: file)
      spools.sweep()
      guard let target, try isThere(target) else { return }
    }
    guard let target else { throw MountedTree.noSuchName }
    try delete(target, caller: caller)
  }

  /// link(2), symlink(2) and mknod(2): never. EPERM is what they say where a file system has none of it; tools then copy.
  public func refuseSpecial(in parent: NodeID) throws(OfficeError) {
    guard branch(of: parent)?.isWritable(parent) ?? (dropFolder(of: parent) != nil) else {
      throw MountedTree.readOnly
    }
    throw OfficeError(
      ErrorCode(rawValue: EPERM), "an office has no links and no special files",
      remedy: "copy the file itself")
  }

  /// rename(2): publishes a temporary file under a user's name, renames a user, or moves a temporary file.
  /// `flags` are renameat2(2)'s. Throws `.badArchive` and the like for content, `.exists`, `.invalid`, `.busy`, `.crossDevice`.
  public func rename(
    _ name: [UInt8], in parent: NodeID, to newName: [UInt8], in newParent: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError) {
    guard let drop = dropFolder(of: parent), dropFolder(of: newParent) == drop else {
      return try renameElsewhere(
        name, in: parent, to: newName, in: newParent, flags: flags, caller: caller)
    }
    guard flags & ~UInt32(1) == 0 else {
      throw OfficeError(.invalid, "names can't be exchanged here")
    }
    let entry = try EntryName(newName, in: drop.names)
    if flags & 1 != 0, (try? lookup(newName, in: newParent, caller: caller)) != nil {
      throw OfficeError(.exists, "the name is taken", item: Escaped.line(newName))
    }
    if let other = spools.file(named: newName, in: newParent),
      other.state.withLock({ $0.writers > 0 })
    {
      throw MountedTree.secondWriter
    }
    if let file = spools.file(named: name, in: parent) {
      try renameSpool(file, to: newName, as: entry, in: newParent, caller: caller)
    } else {
      try renameVersion(name, in: parent, to: entry, in: newParent, caller: caller)
    }
    usersDidChange()
  }

  /// Where nothing is taken in, or from one folder to another.
  private func renameElsewhere(
    _ name: [UInt8], in parent: NodeID, to newName: [UInt8], in newParent: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError) {
    if parent.branch == newParent.branch, let branch = branch(of: parent) {
      return try branch.rename(
        name, in: parent, to: newName, in: newParent, flags: flags, caller: caller)
    }
    // Told to copy, mv would have taken in what it then can't remove.
    for folder in [parent, newParent] {
      guard branch(of: folder)?.isWritable(folder) ?? (dropFolder(of: folder) != nil) else {
        throw MountedTree.readOnly
      }
    }
    throw MountedTree.otherBranch
  }

  private func renameSpool(
    _ file: SpoolFile, to name: [UInt8], as entry: EntryName, in folder: NodeID, caller: Caller
  ) throws(OfficeError) {
    guard let drop = DropFolder(folder), case .final(let target) = entry else {
      spools.move(file, to: name, as: entry, in: folder)
      return
    }
    if let old = file.target, old.folder.showsWhatBecame || file.state.withLock({ $0.writers > 0 })
    {
      throw MountedTree.secondWriter
    }
    let content: StagedDrop
    let generation: Int
    do throws(OfficeError) {
      try requireReplaceable(target)
      (content, generation) = try stagedContent(
        of: file, as: target, in: drop, caller: caller, isInterrupted: { false })
    } catch {
      report(refused: target, in: drop, caller: "\(caller)", because: error)
      // The log has the temporary name; the administrator looks for the other.
      var refusal = error
      refusal.reason =
        "as \(path(of: folder))/\(Escaped.line(name)) it was refused: \(error.reason)"
      throw refusal
    }
    do throws(OfficeError) {
      try publish(content, of: file, generation: generation, as: target, in: drop, caller: caller)
    } catch {
      file.state.withLock { $0.staged = nil }
      content.discard()
      report(refused: target, in: drop, caller: "\(caller)", because: error)
      throw error
    }
    guard drop.showsWhatBecame else {
      spools.move(file, to: name, as: entry, in: folder)
      return
    }
    // A handle that is still open closes a published file under its new name.
    file.state.withLock { state in
      state.folder = folder
      state.name = name
      state.entry = entry
    }
  }

  private func renameVersion(
    _ name: [UInt8], in parent: NodeID, to entry: EntryName, in folder: NodeID, caller: Caller
  ) throws(OfficeError) {
    guard let drop = DropFolder(parent), drop.showsWhatBecame,
      case .final(let old)? = try? EntryName(name, in: drop.names)
    else { throw MountedTree.noSuchName }
    guard try isThere(old) else { throw MountedTree.noSuchName }
    guard folder == parent, case .final(let new) = entry else {
      throw OfficeError(
        .invalid, "it can't become a temporary file", item: Escaped.line(name),
        remedy: "what is written over is in undo/, so tools need keep no backup")
    }
    guard old != new else { return }
    switch (old, new) {
    case (.user(let id), .user(let newID)): try renameUser(id, to: newID, caller)
    default:
      try requireReplaceable(old)
      throw MountedTree.otherBranch
    }
  }

  private func renameUser(
    _ id: UserID, to newID: UserID, _ caller: Caller
  ) throws(OfficeError) {
    guard let user = try mount.store.user(id) else { throw MountedTree.noSuchName }
    _ = try mount.transfer.rename(
      id, to: newID, caller: "\(caller)", group: group(of: caller))
    renames.note(user.version, from: id, to: newID)
    // The kernel moved its entry together with the old version's node.
    notify(.entry(parent: NodeID(.users), name: newID.fileName))
  }

  private func changeSpool(
    _ node: NodeID, _ change: AttributeChange
  ) throws(OfficeError) -> Attributes {
    guard let file = spools.file(node.row) else { throw MountedTree.gone }
    if let size = change.size {
      guard size <= mount.limits.archiveBytes else {
        throw OfficeError(.tooLarge, "larger than an archive may be")
      }
      try file.truncate(to: size)
    }
    let (published, folder) = file.state.withLock { state -> (Int64?, NodeID) in
      if let permissions = change.permissions { state.permissions = permissions }
      if change.mtimeIsNow {
        state.mtime = nil
      } else if let mtime = change.mtime {
        state.mtime = mtime
      }
      if change.mtimeIsNow || change.mtime != nil { state.wasTouched = true }
      return (state.isPublished ? state.published?.version : nil, state.folder)
    }
    if let published, let mtime = change.mtime, !change.mtimeIsNow,
      let folder = dropFolder(of: folder)
    {
      try setTime(mtime, of: published, folder)
    }
    return attributes(of: file)
  }

  private func changeUser(
    _ node: NodeID, _ change: AttributeChange
  ) throws(OfficeError) -> Attributes {
    if let size = change.size, size > mount.limits.archiveBytes {
      throw OfficeError(.tooLarge, "larger than an archive may be")
    }
    guard change.size == nil else {
      throw OfficeError(
        .invalid, "an export can't be cut in place", remedy: "copy a whole archive over it")
    }
    if let mtime = change.mtimeIsNow ? mount.clock.now() : change.mtime {
      try mount.store.setTime(version: node.number, mtime: mtime)
      usersMark.didChangeTimes()
    }
    return try attributes(of: node)
  }

  func group(of caller: Caller) -> Int64 {
    Int64(ProcessTable.process(ofThread: caller.pid))
  }
}
