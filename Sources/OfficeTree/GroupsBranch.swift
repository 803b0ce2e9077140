import OfficeArchive
import OfficeModel

/// `groups/<group>/<id>`: the office's groups, a folder each, and their members, an empty file each.
///
/// Whoever is in a group need not be a user (yet). The same shows an entry of undo as `undo/<stamp>_<what>/groups/`.
final class GroupsBranch: Branch {
  static let number = BranchNumber.groups

  let name = Array("groups".utf8)
  private let shelf: RecordShelf

  init(_ mount: OfficeMount) { shelf = RecordShelf(.groups, mount) }

  var stamp: Int64 { shelf.stamp }

  func folder() throws(OfficeError) -> Attributes { try attributes(of: GroupsBranch.root) }

  func folder(ofUndo file: Int64) throws(OfficeError) -> Attributes? {
    try attributes(of: shelf.node(0, undo: file))
  }

  func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    guard shelf.item(of: parent) == 0 else { return try shelf.lookupMember(name, in: parent) }
    guard let group = try? GroupName(name),
      let entry = try shelf.version(of: parent).record.groups[group]
    else { throw MountedTree.noSuchName }
    return folder(entry, in: parent)
  }

  func attributes(of node: NodeID) throws(OfficeError) -> Attributes {
    if shelf.item(of: node) == 0 {
      return shelf.folder(node, mtime: try shelf.version(of: node).mtime)
    }
    if case .group(let name) = try shelf.place(of: node),
      let entry = try shelf.version(of: node).record.groups[name]
    {
      return shelf.folder(node, mtime: entry.seconds * 1_000_000_000)
    }
    return try shelf.memberAttributes(of: node)
  }

  func pages(of node: NodeID, caller: Caller) throws(OfficeError) -> OpenFolder.Pages {
    if shelf.item(of: node) == 0 {
      return OpenFolder.pages { [self] () throws(OfficeError) in
        try shelf.version(of: node).record.groups.map {
          (Array($0.key.text.utf8), folder($0.value, in: node))
        }
      }
    }
    guard case .group = try shelf.place(of: node) else {
      throw OfficeError(.notDirectory, "not a folder")
    }
    return OpenFolder.pages { [self] () throws(OfficeError) in
      guard let list = try shelf.list(of: node) else { return [] }
      return try shelf.members(of: list, in: node)
    }
  }

  func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller
  ) throws(OfficeError) -> BranchFile {
    if try attributes(of: node).isDirectory { throw OfficeError(.isDirectory, "a folder") }
    return try shelf.openMember(node, flags: flags)
  }

  func create(
    _ name: [UInt8], in parent: NodeID, flags: OpenFlags, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> (Attributes, BranchFile) {
    try shelf.requireLive(parent)
    guard let list = try shelf.list(of: parent) else {
      throw OfficeError(
        .invalid, "a group is a folder, and its members are files in it", item: Escaped.line(name),
        remedy: "mkdir groups/<group>, then touch groups/<group>/<id>")
    }
    return try shelf.createMember(name, in: parent, of: list, permissions: permissions)
  }

  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes {
    try shelf.requireLive(node)
    if change.size ?? 0 > 0 {
      throw OfficeError(.invalid, "a member's file is empty", remedy: "use touch")
    }
    try shelf.changeMember(node, to: change, caller: caller)
    return try attributes(of: node)
  }

  func makeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    try shelf.requireLive(parent)
    guard shelf.item(of: parent) == 0 else {
      throw OfficeError(
        .invalid, "there are no groups within groups", item: Escaped.line(name),
        remedy: "mkdir groups/<group>")
    }
    let group = try GroupName(name)
    let entry = try shelf.registry.newEntry()
    try shelf.change("made the group \(group)", caller) { (record) throws(OfficeError) in
      try record.add(group, entry)
    }
    shelf.didChange()
    return folder(entry, in: parent)
  }

  /// Throws `.notEmpty` while the group has members, or a tool's temporary files.
  func removeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) {
    let (group, node) = try find(name, in: parent)
    guard shelf.drafts.entries(in: node).isEmpty else {
      throw OfficeError(.notEmpty, "a member of the group is being written", item: group.text)
    }
    try shelf.change("removed the group \(group)", caller) { (record) throws(OfficeError) in
      try record.remove(group)
    }
    shelf.didChange()
  }

  func remove(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError) {
    guard let list = try shelf.list(of: parent) else {
      _ = try find(name, in: parent)
      throw OfficeError(.isDirectory, "a group is a folder")
    }
    try shelf.removeMember(name, in: parent, of: list, caller: caller)
  }

  func rename(
    _ name: [UInt8], in parent: NodeID, to newName: [UInt8], in newParent: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError) {
    guard shelf.item(of: parent) == 0 else {
      return try shelf.renameMember(
        name, in: parent, to: newName, in: newParent, flags: flags, caller: caller)
    }
    try shelf.requireLive(newParent)
    let (group, _) = try find(name, in: parent)
    guard shelf.item(of: newParent) == 0, flags & ~UInt32(1) == 0 else {
      throw OfficeError(.invalid, "there are no groups within groups", item: group.text)
    }
    let newGroup = try GroupName(newName)
    try shelf.change("renamed the group \(group) to \(newGroup)", caller) {
      (record) throws(OfficeError) in
      if flags & 1 != 0, record.groups[newGroup] != nil {
        throw OfficeError(.exists, "the group exists", item: newGroup.text)
      }
      try record.rename(group, to: newGroup)
    }
    shelf.didChange()
  }

  func path(of node: NodeID) -> String {
    let root = shelf.undo(of: node) == 0 ? "groups" : "undo/groups"
    switch try? shelf.place(of: node) {
    case .group(let name): return "\(root)/\(name)"
    case .member(let id, .group(let name)): return "\(root)/\(name)/\(id)"
    default:
      guard let name = shelf.drafts.entry(node)?.last else { return root }
      return "\(path(of: name.folder))/\(Escaped.line(name.name))"
    }
  }

  private func folder(_ entry: OfficeRecord.Entry, in parent: NodeID) -> Attributes {
    shelf.folder(
      shelf.node(number: entry.number, undo: shelf.undo(of: parent)),
      mtime: entry.seconds * 1_000_000_000)
  }

  /// A group of the live record, and its node.
  private func find(
    _ name: [UInt8], in parent: NodeID
  ) throws(OfficeError) -> (GroupName, NodeID) {
    try shelf.requireLive(parent)
    guard shelf.item(of: parent) == 0, let group = try? GroupName(name),
      let entry = shelf.registry.current.record.groups[group]
    else { throw MountedTree.noSuchName }
    return (group, shelf.node(number: entry.number))
  }
}
