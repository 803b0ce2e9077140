import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel

extension MountedTree {
  /// Opens a file. Throws `.stale` where the name has a newer node, so that the kernel looks it up and opens that;
  /// `.readOnly`, `.busy` for a second writer, `.interrupted` soon after `isInterrupted` turns true.
  public func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller, isInterrupted: () -> Bool = { false }
  ) throws(OfficeError) -> Opened {
    if node.kind == .spool { return try openSpool(node, flags: flags, caller: caller) }
    if flags.contains(.write), let (target, folder) = try target(of: node) {
      return try redirectWriter(of: target, in: folder, caller: caller)
    }
    if let branch = branch(of: node) {
      try branch.prepare(node, flags: flags, caller: caller, isInterrupted: isInterrupted)
      return opened(try branch.open(node, flags: flags, caller: caller))
    }
    if flags.contains(.write) { throw MountedTree.readOnly }
    switch node.kind {
    case .fixed:
      if let job = node.job.flatMap({ mount.jobs[$0] }) {
        return Opened(
          handle: files.insert(.text(Array(job.text.utf8))), keepsCache: false, isDirect: true)
      }
      guard let fixed = node.fixed, !fixed.isFolder else {
        throw OfficeError(.isDirectory, "a folder")
      }
      return Opened(
        handle: files.insert(try texts.open(fixed)), keepsCache: false, isDirect: true)
    case .user: return try openVersion(node, caller)
    case .column: return try openColumn(node, caller)
    case .undoFile: return try openUndo(node, caller)
    case .report:
      guard let text = try mount.store.reportText(node.number) else { throw MountedTree.gone }
      return Opened(handle: files.insert(.text(text)), keepsCache: false, isDirect: true)
    default: throw OfficeError(.isDirectory, "a folder")
    }
  }

  /// Where a symbolic link leads. Throws `.invalid` for all that is none.
  public func target(ofLink node: NodeID) throws(OfficeError) -> [UInt8] {
    guard let branch = branch(of: node) else { throw OfficeError(.invalid, "not a link") }
    return try branch.target(of: node)
  }

  /// True if opening this file for reading may have to wait and should not hold up the reader threads.
  public func mayBlock(opening node: NodeID) -> Bool {
    branch(of: node)?.mayBlock(opening: node) ?? false
  }

  /// Fills `buffer` from `offset` on; fewer bytes than asked only at the end of the file. Throws `.inputOutput` on damage.
  public func read(
    _ handle: UInt64, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> Int {
    switch try files[handle] {
    case .archive(let layout, let export):
      let count = try layout.read(at: offset, into: buffer)
      export.note(end: offset + Int64(count), size: layout.size)
      return count
    case .text(let bytes):
      guard offset >= 0, offset < Int64(bytes.count) else { return 0 }
      let slice = bytes[Int(offset)...].prefix(buffer.count)
      buffer.copyBytes(from: slice)
      return slice.count
    case .journal(let journal):
      let bytes = journal.read(at: offset, count: buffer.count)
      buffer.copyBytes(from: bytes)
      return bytes.count
    case .spool(let file, _): return try file.read(at: offset, into: buffer)
    case .draft(let draft): return draft.read(at: offset, into: buffer)
    }
  }

  private func openVersion(_ node: NodeID, _ caller: Caller) throws(OfficeError) -> Opened {
    // Pinned before it is looked for, so that it is not purged in between.
    var view = try mount.store.view()
    guard let (state, died) = try mount.store.user(version: node.number) else {
      throw MountedTree.gone
    }
    if let died, died <= view.number {
      guard staleOpens.isSecond(caller) else { throw MountedTree.gone }
      view = try mount.store.view(at: died - 1)
    } else if state.born > view.number {
      view = try mount.store.view(at: state.born)
    }
    return opened(
      ArchiveLayout(of: state, in: view),
      Export(
        attributes: attributes(of: state), label: "users/\(state.id).udb", caller: caller,
        since: mount.clock.seconds))
  }

  private func openColumn(_ node: NodeID, _ caller: Caller) throws(OfficeError) -> Opened {
    guard let (area, commit) = node.column else { throw MountedTree.gone }
    var shown = try attributes(of: area)
    guard shown.node == node || staleOpens.isSecond(caller) else { throw MountedTree.gone }
    let view = try mount.store.view(at: commit)
    let layout = try ArchiveLayout(.area(area), of: view)
    shown.node = node
    shown.inode = node.rawValue
    shown.size = layout.size
    return opened(
      layout,
      Export(
        attributes: shown, label: "areas/\(area.name).odb", caller: caller,
        since: mount.clock.seconds))
  }

  private func openUndo(_ node: NodeID, _ caller: Caller) throws(OfficeError) -> Opened {
    guard let file = try mount.store.undoFile(node.number) else { throw MountedTree.gone }
    return opened(
      ArchiveLayout(of: file.user, in: try mount.store.view(at: file.commit)),
      Export(
        attributes: attributes(of: file), label: "undo of users/\(file.user.id).udb",
        caller: caller, since: mount.clock.seconds))
  }

  func opened(_ file: BranchFile) -> Opened {
    if case .archive(_, let export) = file.file { noteReader(of: export) }
    return Opened(
      handle: files.insert(file.file), keepsCache: file.keepsCache, isDirect: file.isDirect)
  }

  private func opened(_ layout: ArchiveLayout, _ export: Export) -> Opened {
    noteReader(of: export)
    return Opened(
      handle: files.insert(.archive(layout, export)), keepsCache: true, isDirect: false)
  }

  // What the kernel has it gives out without a read at which the reader would be seen.
  private func noteReader(of export: Export) {
    let (node, user) = (export.attributes.node, export.caller.uid)
    if cachedExports.isToTell(node, of: user, at: mount.clock.seconds) { export.noteReader() }
  }
}
