import Glibc
import OfficeAdmin
import OfficeArchive
import OfficeModel
import Synchronization

/// `settings/`: `office.toml` and `owners.toml`, checked when they are closed and in effect from then on, and
/// `backup-group/<id>`. The same shows an entry of undo as `undo/<stamp>_<what>/settings/`.
final class SettingsBranch: Branch {
  static let number = BranchNumber.settings

  let name = Array("settings".utf8)
  let shelf: RecordShelf
  let removals: SettingsRemovals
  private let notices: KernelNotices

  static let backupGroup = Array("backup-group".utf8)

  init(_ mount: OfficeMount, _ notices: KernelNotices) {
    shelf = RecordShelf(.settings, mount)
    removals = SettingsRemovals(clock: mount.clock)
    self.notices = notices
  }

  var stamp: Int64 { shelf.stamp }

  func folder() throws(OfficeError) -> Attributes { try attributes(of: SettingsBranch.root) }

  func folder(ofUndo file: Int64) throws(OfficeError) -> Attributes? {
    try attributes(of: shelf.node(0, undo: file))
  }

  func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    guard isRoot(parent) else { return try shelf.lookupMember(name, in: parent) }
    if let entry = shelf.drafts.entry(named: name, in: parent) { return shelf.file(entry) }
    if name == SettingsBranch.backupGroup {
      return try attributes(
        of: shelf.node(RecordShelf.backupGroup, undo: shelf.undo(of: parent)))
    }
    guard let file = SettingsFile(name), let attributes = try published(file, in: parent) else {
      throw MountedTree.noSuchName
    }
    return attributes
  }

  func attributes(of node: NodeID) throws(OfficeError) -> Attributes {
    if isRoot(node) || shelf.item(of: node) == RecordShelf.backupGroup {
      return shelf.folder(node, mtime: try shelf.version(of: node).mtime)
    }
    guard let file = SettingsFile(item: shelf.item(of: node)) else {
      return try shelf.memberAttributes(of: node)
    }
    if let entry = shelf.drafts.entry(node) { return shelf.file(entry) }
    guard let attributes = try published(file, in: node) else { throw MountedTree.gone }
    return attributes
  }

  func pages(of node: NodeID, caller: Caller) throws(OfficeError) -> OpenFolder.Pages {
    if isRoot(node) {
      return OpenFolder.pages { [self] () throws(OfficeError) in try entries(of: node) }
    }
    guard let list = try shelf.list(of: node) else {
      throw OfficeError(.notDirectory, "not a folder")
    }
    return OpenFolder.pages { [self] () throws(OfficeError) in
      try shelf.members(of: list, in: node)
    }
  }

  private func entries(
    of node: NodeID
  ) throws(OfficeError) -> [(name: [UInt8], attributes: Attributes)] {
    var entries: [(name: [UInt8], attributes: Attributes)] = []
    for entry in shelf.drafts.entries(in: node) {
      if let name = entry.name { entries.append((name.name, shelf.file(entry))) }
    }
    for file in SettingsFile.allCases where !entries.contains(where: { $0.name == file.name }) {
      if let attributes = try published(file, in: node) { entries.append((file.name, attributes)) }
    }
    let group = shelf.node(RecordShelf.backupGroup, undo: shelf.undo(of: node))
    return entries + [(SettingsBranch.backupGroup, try attributes(of: group))]
  }

  func makeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    try shelf.requireLive(parent)
    if isRoot(parent), name == SettingsBranch.backupGroup {
      throw OfficeError(.exists, "the folder exists")
    }
    throw SettingsBranch.notAName(name)
  }

  /// Modes, owners and times are ours and stay, but asking is no error: tools would fail.
  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes {
    try shelf.requireLive(node)
    if let size = change.size { try cut(node, to: size, caller) }
    try shelf.changeMember(node, to: change, caller: caller)
    return try attributes(of: node)
  }

  func path(of node: NodeID) -> String {
    let root = shelf.undo(of: node) == 0 ? "settings" : "undo/settings"
    if shelf.item(of: node) == RecordShelf.backupGroup { return "\(root)/backup-group" }
    if let file = SettingsFile(item: shelf.item(of: node)) { return "\(root)/\(file.rawValue)" }
    if case .member(let id, _) = try? shelf.place(of: node) { return "\(root)/backup-group/\(id)" }
    guard let name = shelf.drafts.entry(node)?.last else { return root }
    return "\(path(of: name.folder))/\(Escaped.line(name.name))"
  }

  // MARK: Texts

  /// Makes a text the setting, nil for the defaults. Throws `.invalid` with the line, and nothing changes.
  func publish(_ file: SettingsFile, _ bytes: [UInt8]?, _ caller: Caller) throws(OfficeError) {
    let owners = shelf.registry.settings.owners
    try shelf.registry.set(
      file, bytes, "\(bytes == nil ? "removed" : "changed") settings/\(file.rawValue)",
      caller: "\(caller)", group: RecordShelf.process(caller))
    shelf.didChange()
    // The kernel keeps users' attributes for a while.
    for id in shelf.registry.settings.owners.differences(from: owners) {
      guard let user = try shelf.mount.store.user(id) else { continue }
      notices.post(.inode(NodeID(version: user.version)))
    }
  }

  /// The text of a file in the record that a node belongs to; nil where the defaults hold.
  func text(of file: SettingsFile, _ node: NodeID) throws(OfficeError) -> OfficeRecord.Text? {
    try shelf.version(of: node).record.texts[file]
  }

  func isRoot(_ node: NodeID) -> Bool { shelf.item(of: node) == 0 }

  private func published(
    _ file: SettingsFile, in node: NodeID
  ) throws(OfficeError) -> Attributes? {
    guard let text = try text(of: file, node) else { return nil }
    return shelf.file(
      shelf.node(file.item, undo: shelf.undo(of: node)), size: Int64(text.content.utf8.count),
      mtime: text.seconds * 1_000_000_000)
  }

  static func notAName(_ name: [UInt8]) -> OfficeError {
    OfficeError(
      .invalid, "not a name for this folder", item: Escaped.line(name),
      remedy: "settings are office.toml, owners.toml and backup-group/<id>")
  }
}

extension SettingsFile {
  /// The file of that name.
  init?(_ name: [UInt8]) {
    guard let file = SettingsFile.allCases.first(where: { $0.name == name }) else { return nil }
    self = file
  }

  init?(item: UInt64) {
    guard let file = SettingsFile.allCases.first(where: { $0.item == item }) else { return nil }
    self = file
  }

  var name: [UInt8] { Array(rawValue.utf8) }

  /// Its number in the branch: part of inode numbers, must not change.
  var item: UInt64 {
    switch self {
    case .office: 1
    case .owners: 2
    }
  }
}
