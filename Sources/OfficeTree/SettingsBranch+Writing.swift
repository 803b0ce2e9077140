import Glibc
import OfficeAdmin
import OfficeArchive
import OfficeModel

// How editors and tools write settings: in place, under a temporary name that is then renamed, or after a removal.

extension SettingsBranch {
  func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller
  ) throws(OfficeError) -> BranchFile {
    if try attributes(of: node).isDirectory { throw OfficeError(.isDirectory, "a folder") }
    guard let file = SettingsFile(item: shelf.item(of: node)) else {
      guard let entry = shelf.drafts.entry(node), entry.name.map({ isRoot($0.folder) }) ?? true
      else { return try shelf.openMember(node, flags: flags) }
      if flags.contains(.truncate) { try entry.draft.truncate(to: 0) }
      guard shelf.drafts.open(node) else { throw MountedTree.gone }
      return RecordShelf.opened(entry.draft)
    }
    guard flags.contains(.write) else {
      let bytes = try text(of: file, node).map { Array($0.content.utf8) }
      return BranchFile(file: .text(bytes ?? []), keepsCache: false, isDirect: true)
    }
    try shelf.requireLive(node)
    let isEmptied = flags.contains(.truncate)
    let bytes = isEmptied ? [] : try text(of: file, node).map { Array($0.content.utf8) } ?? []
    let draft = draft(of: node, bytes, isNew: isEmptied, limit: file.maximumSize, caller)
    // The last writer's release may still be on its way.
    for _ in 0..<50 {
      do throws(OfficeError) {
        _ = try shelf.insert(
          draft, node, named: file.name, in: SettingsBranch.root, permissions: 0o600)
        return RecordShelf.opened(draft)
      } catch {
        usleep(2_000)
      }
    }
    throw MountedTree.secondWriter
  }

  func create(
    _ name: [UInt8], in parent: NodeID, flags: OpenFlags, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> (Attributes, BranchFile) {
    try shelf.requireLive(parent)
    if let list = try shelf.list(of: parent) {
      return try shelf.createMember(name, in: parent, of: list, permissions: permissions)
    }
    let node: NodeID
    let limit: Int
    if let file = SettingsFile(name) {
      if try text(of: file, parent) != nil { throw OfficeError(.exists, "the file exists") }
      node = shelf.node(file.item)
      limit = file.maximumSize
    } else {
      guard try isScratch(name) else { throw SettingsBranch.notAName(name) }
      node = shelf.node(number: try shelf.registry.newEntry().number)
      limit = SettingsFile.owners.maximumSize
    }
    let draft = draft(of: node, [], isNew: true, limit: limit, caller)
    let entry = try shelf.insert(
      draft, node, named: name, in: parent, permissions: permissions)
    return (shelf.file(entry), RecordShelf.opened(draft))
  }

  func remove(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError) {
    try shelf.requireLive(parent)
    if let list = try shelf.list(of: parent) {
      return try shelf.removeMember(name, in: parent, of: list, caller: caller)
    }
    if let entry = shelf.drafts.entry(named: name, in: parent) {
      if SettingsFile(name) != nil { throw MountedTree.secondWriter }
      shelf.drafts.removeName(of: entry.node)
      return shelf.didChange()
    }
    guard let file = SettingsFile(name) else {
      throw name == SettingsBranch.backupGroup
        ? OfficeError(.isDirectory, "a folder") : MountedTree.noSuchName
    }
    _ = try take(file, caller)
  }

  func rename(
    _ name: [UInt8], in parent: NodeID, to newName: [UInt8], in newParent: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError) {
    try shelf.requireLive(parent)
    try shelf.requireLive(newParent)
    guard isRoot(parent) == isRoot(newParent) else { throw MountedTree.otherBranch }
    guard isRoot(parent) else {
      return try shelf.renameMember(
        name, in: parent, to: newName, in: newParent, flags: flags, caller: caller)
    }
    guard flags & ~UInt32(1) == 0 else {
      throw OfficeError(.invalid, "names can't be exchanged here")
    }
    if flags & 1 != 0, (try? lookup(newName, in: newParent, caller: caller)) != nil {
      throw OfficeError(.exists, "the name is taken", item: Escaped.line(newName))
    }
    let target = DraftTable.Name(folder: newParent, name: newName)
    let draft = shelf.drafts.entry(named: name, in: parent)
    if let file = SettingsFile(newName) {
      guard let draft, SettingsFile(name) == nil else {
        throw SettingsFile(name) == nil ? MountedTree.noSuchName : SettingsBranch.notAName(newName)
      }
      if shelf.drafts.entry(named: newName, in: newParent) != nil {
        throw MountedTree.secondWriter
      }
      try publish(file, draft.draft.bytes, caller)
      shelf.drafts.move(draft.node, to: target)
      if draft.handles <= 0 { shelf.drafts.removeName(of: draft.node) }
    } else {
      guard try isScratch(newName) else { throw SettingsBranch.notAName(newName) }
      if let draft {
        shelf.drafts.move(draft.node, to: target)
      } else {
        try keep(name, as: target, caller)
      }
    }
    shelf.didChange()
  }

  /// truncate(2) of a text by its path.
  func cut(_ node: NodeID, to size: Int64, _ caller: Caller) throws(OfficeError) {
    if let entry = shelf.drafts.entry(node) { return try entry.draft.truncate(to: size) }
    guard let file = SettingsFile(item: shelf.item(of: node)), let text = try text(of: file, node)
    else {
      if size > 0 { throw OfficeError(.invalid, "a member's file is empty", remedy: "use touch") }
      return
    }
    guard size <= Int64(file.maximumSize) else {
      throw OfficeError(.tooLarge, "larger than \(file.maximumSize) bytes")
    }
    let bytes = Array(text.content.utf8.prefix(Int(size)))
    try publish(
      file, bytes + [UInt8](repeating: 0, count: Int(size) - bytes.count), caller)
  }

  /// An editor puts the old text aside before it writes the new one.
  private func keep(
    _ name: [UInt8], as target: DraftTable.Name, _ caller: Caller
  ) throws(OfficeError) {
    guard let file = SettingsFile(name) else { throw MountedTree.noSuchName }
    let entry = try shelf.registry.newEntry()
    let bytes = try take(file, caller)
    let node = shelf.node(number: entry.number)
    let draft = draft(
      of: node, bytes, isNew: false, limit: SettingsFile.owners.maximumSize, caller)
    if let other = shelf.drafts.entry(named: target.name, in: target.folder) {
      shelf.drafts.removeName(of: other.node)
    }
    _ = try shelf.insert(
      draft, node, named: target.name, in: target.folder, permissions: 0o600)
    shelf.drafts.close(node) { _ in true }
  }

  /// Removes a setting; returns what it said.
  private func take(_ file: SettingsFile, _ caller: Caller) throws(OfficeError) -> [UInt8] {
    guard let text = try text(of: file, SettingsBranch.root) else { throw MountedTree.noSuchName }
    let bytes = Array(text.content.utf8)
    try publish(file, nil, caller)
    removals.note(file, bytes, by: caller)
    return bytes
  }

  private func draft(
    of node: NodeID, _ bytes: [UInt8], isNew: Bool, limit: Int, _ caller: Caller
  ) -> Draft {
    Draft(
      bytes, isNew: isNew, limit: limit, opener: ProcessTable.process(ofThread: caller.pid)
    ) { [self] (bytes, caller, _) throws(OfficeError) in
      try settle(node, bytes, caller)
    } close: { [self] in
      close(node)
    }
  }

  private func settle(_ node: NodeID, _ bytes: [UInt8], _ caller: Caller) throws(OfficeError) {
    guard let name = shelf.drafts.entry(node)?.name else { return }
    guard let file = SettingsFile(name.name) else { return try checkStrict(name.name, bytes) }
    do throws(OfficeError) {
      try publish(file, bytes, caller)
    } catch {
      if try text(of: file, SettingsBranch.root) == nil {
        shelf.drafts.removeName(of: node)
        if let old = removals.take(file, by: caller) { putBack(file, old, caller) }
        shelf.didChange()
      }
      throw error
    }
  }

  private func putBack(_ file: SettingsFile, _ bytes: [UInt8], _ caller: Caller) {
    do throws(OfficeError) {
      try publish(file, bytes, caller)
    } catch {
      shelf.mount.errors.append("settings/\(file.rawValue) \(error.code) undelete: \(error)")
    }
  }

  /// A temporary file whose tool ignores what rename says (KIO) is checked when it is closed.
  private func checkStrict(_ name: [UInt8], _ bytes: [UInt8]) throws(OfficeError) {
    guard case .scratch(_, true) = try EntryName(name),
      let file = SettingsFile.allCases.first(where: { name.starts(with: $0.name) })
    else { return }
    try OfficeRegistry.check(file, bytes)
  }

  private func close(_ node: NodeID) {
    if let entry = shelf.drafts.entry(node), let name = entry.name, entry.handles <= 1,
      SettingsFile(name.name) != nil, entry.draft.isUnsettled
    {
      shelf.mount.errors.append(
        "settings/\(Escaped.line(name.name)) EINVAL: its writer went before it closed the file,"
          + " nothing was changed - write it again")
    }
    shelf.drafts.close(node) { SettingsFile($0.name) == nil }
    shelf.didChange()
  }

  private func isScratch(_ name: [UInt8]) throws(OfficeError) -> Bool {
    do throws(OfficeError) {
      return try RecordShelf.isScratch(name)
    } catch {
      throw error.code == .invalid ? SettingsBranch.notAName(name) : error
    }
  }
}
