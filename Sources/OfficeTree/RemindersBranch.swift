import OfficeAdmin
import OfficeArchive
import OfficeModel

/// `reminders/<id>`: who of the backup group is to be asked for a backup now. Each file is its member's: touching it, or
/// writing to it, backs up everything and returns when the set is durable; removing it asks this member no more today.
final class RemindersBranch: Branch {
  static let number = BranchNumber.reminders

  let name = Array("reminders".utf8)
  private let shelf: RecordShelf

  init(_ mount: OfficeMount) { shelf = RecordShelf(.reminders, mount) }

  /// Who is asked changes with the clock, too.
  var stamp: Int64 { Int64((try? asked().count) ?? -1) }

  func folder() throws(OfficeError) -> Attributes {
    var attributes = shelf.folder(RemindersBranch.root, mtime: shelf.registry.current.mtime)
    // Sticky: a member may remove their own file only.
    attributes.permissions = 0o1777
    return attributes
  }

  func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    guard let id = try? UserID(name), let entry = try asked()[id] else {
      throw MountedTree.noSuchName
    }
    return file(id, entry)
  }

  func attributes(of node: NodeID) throws(OfficeError) -> Attributes {
    if shelf.item(of: node) == 0 { return try folder() }
    let (id, entry) = try member(of: node)
    return file(id, entry)
  }

  func pages(of node: NodeID, caller: Caller) throws(OfficeError) -> OpenFolder.Pages {
    guard shelf.item(of: node) == 0 else { throw OfficeError(.notDirectory, "not a folder") }
    return OpenFolder.pages { [self] () throws(OfficeError) in
      try asked().map { (Array($0.key.text.utf8), file($0.key, $0.value)) }
    }
  }

  func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller
  ) throws(OfficeError) -> BranchFile {
    guard shelf.item(of: node) != 0 else { throw OfficeError(.isDirectory, "a folder") }
    _ = try member(of: node)
    return RecordShelf.opened(
      Draft([], isNew: flags.contains(.truncate), limit: 4_096) {
        [self] (_, caller, _) throws(OfficeError) in
        try backUp(caller)
      })
  }

  func create(
    _ name: [UInt8], in parent: NodeID, flags: OpenFlags, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> (Attributes, BranchFile) {
    throw OfficeError(
      .readOnly, "there is no such reminder now", item: Escaped.line(name),
      remedy: "reminders are for members of settings/backup-group while a backup is due")
  }

  /// touch(1) sets the time to now. Modes, owners and other times stay, but asking is no error.
  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes {
    guard shelf.item(of: node) != 0 else { throw MountedTree.readOnly }
    guard case .member(let id, .backup) = try shelf.place(of: node),
      let entry = shelf.registry.current.record.members(of: .backup)?[id]
    else { throw MountedTree.gone }
    // Who was reminded a moment ago finds it done by another.
    if change.mtimeIsNow, try asked()[id] != nil { try backUp(caller) }
    return file(id, entry)
  }

  func remove(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError) {
    let found = try lookup(name, in: parent, caller: caller)
    let (id, _) = try member(of: found.node)
    shelf.mount.backups?.skip(id)
    shelf.mount.audit.append("\(caller) skipped the backup of today for \(id)")
  }

  func path(of node: NodeID) -> String {
    guard case .member(let id, _) = try? shelf.place(of: node) else { return "reminders" }
    return "reminders/\(id)"
  }

  /// Who is to be asked now.
  private func asked() throws(OfficeError) -> [UserID: OfficeRecord.Entry] {
    guard let backups = shelf.mount.backups,
      let members = shelf.registry.current.record.members(of: .backup)
    else { return [:] }
    var asked: [UserID: OfficeRecord.Entry] = [:]
    for id in try backups.asked(of: members.keys.sorted()) { asked[id] = members[id] }
    return asked
  }

  /// Throws `.stale` for one who is not to be asked any more.
  private func member(of node: NodeID) throws(OfficeError) -> (UserID, OfficeRecord.Entry) {
    guard case .member(let id, .backup) = try shelf.place(of: node), let entry = try asked()[id]
    else { throw MountedTree.gone }
    return (id, entry)
  }

  private func backUp(_ caller: Caller) throws(OfficeError) {
    guard let backups = shelf.mount.backups else { throw MountedTree.readOnly }
    _ = try backups.runner.backUp(process: "manual", caller: "\(caller)")
  }

  private func file(_ id: UserID, _ entry: OfficeRecord.Entry) -> Attributes {
    var attributes = shelf.file(
      shelf.node(number: entry.number), size: 0, mtime: entry.seconds * 1_000_000_000)
    attributes.owner = shelf.mount.owner(of: id) ?? shelf.mount.owner
    return attributes
  }
}
