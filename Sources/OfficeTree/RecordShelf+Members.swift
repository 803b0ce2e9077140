import OfficeAdmin
import OfficeArchive
import OfficeModel

// Members of a group, or of the backup group, as empty files of one folder.

extension RecordShelf {
  private static let mostBytes = 64 << 10

  private static let noContent = OfficeError(
    .invalid, "a member's file is empty: its name says who is in the group",
    remedy: "use touch, or copy from another group")

  /// Throws `.notFound`.
  func lookupMember(_ name: [UInt8], in folder: NodeID) throws(OfficeError) -> Attributes {
    if let entry = drafts.entry(named: name, in: folder) { return file(entry) }
    guard let list = try list(of: folder), let id = try? UserID(name),
      let entry = try version(of: folder).record.members(of: list)?[id]
    else { throw MountedTree.noSuchName }
    return member(entry, in: folder)
  }

  /// The members of a folder and what is being written there.
  func members(
    of list: OfficeRecord.List, in folder: NodeID
  ) throws(OfficeError) -> [(name: [UInt8], attributes: Attributes)] {
    let members = try version(of: folder).record.members(of: list) ?? [:]
    return members.map { (name: Array($0.key.text.utf8), attributes: member($0.value, in: folder)) }
      + drafts.entries(in: folder).compactMap { entry in
        entry.name.map { (name: $0.name, attributes: file(entry)) }
      }
  }

  private func member(_ entry: OfficeRecord.Entry, in folder: NodeID) -> Attributes {
    file(
      node(number: entry.number, undo: undo(of: folder)), size: 0,
      mtime: entry.seconds * 1_000_000_000)
  }

  /// What a member's node shows. Throws `.stale` for one who is gone.
  func memberAttributes(of node: NodeID) throws(OfficeError) -> Attributes {
    if let entry = drafts.entry(node), entry.name != nil { return file(entry) }
    if case .member(let id, let list) = try place(of: node),
      let entry = try version(of: node).record.members(of: list)?[id]
    {
      return file(node, size: 0, mtime: entry.seconds * 1_000_000_000)
    }
    guard let entry = drafts.entry(node) else { throw MountedTree.gone }
    return file(entry)
  }

  func openMember(_ node: NodeID, flags: OpenFlags) throws(OfficeError) -> BranchFile {
    if let entry = drafts.entry(node), drafts.open(node) { return RecordShelf.opened(entry.draft) }
    guard case .member = try place(of: node) else { throw MountedTree.gone }
    guard flags.contains(.write) else {
      return BranchFile(file: .text([]), keepsCache: false, isDirect: true)
    }
    try requireLive(node)
    // Who opens a member for writing says that they are one: not true of one whose removal failed.
    try mount.store.assertWritable()
    return RecordShelf.opened(
      Draft([], isNew: false, limit: RecordShelf.mostBytes) {
        (bytes, _, _) throws(OfficeError) in
        if !bytes.isEmpty { throw RecordShelf.noContent }
      })
  }

  /// A new member, made at close, or a tool's temporary file.
  func createMember(
    _ name: [UInt8], in folder: NodeID, of list: OfficeRecord.List, permissions: UInt32
  ) throws(OfficeError) -> (Attributes, BranchFile) {
    try requireLive(folder)
    let entry = try registry.newEntry()
    do throws(OfficeError) {
      var trial = registry.current.record
      try trial.add(try UserID(name), to: list, entry)
    } catch {
      guard error.code == .invalid, try RecordShelf.isScratch(name) else { throw error }
    }
    let node = node(number: entry.number)
    let draft = Draft([], isNew: true, limit: RecordShelf.mostBytes) {
      [self] (bytes, caller, _) throws(OfficeError) in
      try settleMember(node, bytes, caller)
    } close: { [self] in
      drafts.close(node) { (try? UserID($0.name)) == nil }
    }
    let made = try insert(draft, node, named: name, in: folder, permissions: permissions)
    return (file(made), RecordShelf.opened(draft))
  }

  private func settleMember(
    _ node: NodeID, _ bytes: [UInt8], _ caller: Caller
  ) throws(OfficeError) {
    guard bytes.isEmpty else {
      drafts.removeName(of: node)
      didChange()
      throw RecordShelf.noContent
    }
    guard let name = drafts.entry(node)?.name, let id = try? UserID(name.name),
      let list = try list(of: name.folder)
    else { return }
    try add(id, to: list, as: node, caller)
  }

  /// Makes a draft's node a member.
  private func add(
    _ id: UserID, to list: OfficeRecord.List, as node: NodeID, _ caller: Caller
  ) throws(OfficeError) {
    // When it was made, or what a tool has set.
    let time = drafts.entry(node)?.mtime ?? mount.clock.now()
    let entry = OfficeRecord.Entry(
      number: Int64(item(of: node) - RecordShelf.firstNumber), seconds: WallClock.seconds(time))
    do throws(OfficeError) {
      try change("added \(id) to \(list)", caller) { (record) throws(OfficeError) in
        try record.add(id, to: list, entry)
        // Of one who was there already what is new is the time.
        try record.setTime(entry.seconds, of: id, in: list)
      }
    } catch {
      drafts.removeName(of: node)
      didChange()
      throw error
    }
    drafts.removeName(of: node)
    didChange()
  }

  /// A tool sets mode, owner and time: of what is being written, and of a member the time, in whole seconds. Modes and owners
  /// are ours, and a member who is there stays as old as they are for `touch`; asking is no error, unless nothing is written any more: tools would fail.
  func changeMember(
    _ node: NodeID, to change: AttributeChange, caller: Caller
  ) throws(OfficeError) {
    if drafts.change(node, to: change), drafts.entry(node)?.name != nil { return }
    try mount.store.assertWritable()
    guard let mtime = change.mtime, !change.mtimeIsNow,
      case .member(let id, let list) = try place(of: node)
    else { return }
    try self.change("set the time of \(id) in \(list)", caller) { (record) throws(OfficeError) in
      try record.setTime(WallClock.seconds(mtime), of: id, in: list)
    }
    didChange()
  }

  /// Throws `.notFound`.
  func removeMember(
    _ name: [UInt8], in folder: NodeID, of list: OfficeRecord.List, caller: Caller
  ) throws(OfficeError) {
    try requireLive(folder)
    if let entry = drafts.entry(named: name, in: folder) {
      drafts.removeName(of: entry.node)
      return didChange()
    }
    guard let id = try? UserID(name) else { throw MountedTree.noSuchName }
    try change("removed \(id) from \(list)", caller) { (record) throws(OfficeError) in
      try record.remove(id, from: list)
    }
    didChange()
  }

  /// Between folders of this branch. A tool's temporary file becomes a member; a member moves, or is replaced by another.
  func renameMember(
    _ name: [UInt8], in folder: NodeID, to newName: [UInt8], in newFolder: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError) {
    try requireLive(folder)
    try requireLive(newFolder)
    guard flags & ~UInt32(1) == 0 else {
      throw OfficeError(.invalid, "names can't be exchanged here")
    }
    guard let list = try list(of: folder), let newList = try self.list(of: newFolder) else {
      throw OfficeError(
        .invalid, "not the name of a group", item: Escaped.line(newName),
        remedy: "members are files in groups/<group>/")
    }
    if flags & 1 != 0, (try? lookupMember(newName, in: newFolder)) != nil {
      throw OfficeError(.exists, "the name is taken", item: Escaped.line(newName))
    }
    let draft = drafts.entry(named: name, in: folder)
    guard let newID = try? UserID(newName) else {
      guard let draft, try RecordShelf.isScratch(newName) else {
        throw OfficeError(
          .invalid, "a member can't become a temporary file", item: Escaped.line(name),
          remedy: "undo/ has every group as it was before, so tools need keep no backup")
      }
      drafts.move(draft.node, to: DraftTable.Name(folder: newFolder, name: newName))
      return didChange()
    }
    if let draft {
      try add(newID, to: newList, as: draft.node, caller)
    } else {
      guard let id = try? UserID(name) else { throw MountedTree.noSuchName }
      guard id != newID || list != newList else { return }
      let what = "moved \(id) from \(list) to \(newID) of \(newList)"
      let entry = try registry.newEntry()
      try change(what, caller) { (record) throws(OfficeError) in
        try record.remove(id, from: list)
        try record.add(newID, to: newList, entry)
      }
    }
    didChange()
  }

  /// A change of memberships or groups: what one process does at once is one entry of undo.
  func change(
    _ what: String, _ caller: Caller,
    _ body: (inout OfficeRecord) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    try registry.change(
      branch == .groups ? .groups : .settings, what, joins: true, caller: "\(caller)",
      group: RecordShelf.process(caller), body)
  }
}
