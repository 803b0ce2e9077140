import BackupRepository
import OfficeAdmin
import OfficeArchive
import OfficeModel

// What can be opened, and the little that can be done: orders in update/ and holds.

extension BackupBranch {
  func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller
  ) throws(OfficeError) -> BranchFile {
    guard let node = BackupNode(node) else { throw MountedTree.gone }
    if flags.contains(.write) {
      guard case .order(let area) = node else { throw MountedTree.readOnly }
      return BranchFile(
        file: .draft(order(area, isEmptied: flags.contains(.truncate))), keepsCache: false,
        isDirect: true)
    }
    switch node {
    case .table:
      return BranchFile(file: .text(try tableText()), keepsCache: false, isDirect: true)
    case .order(let area):
      let text = lastRun(of: area).text
      return BranchFile(file: .text(Array(text.utf8)), keepsCache: false, isDirect: true)
    case .record(let version):
      return BranchFile(
        file: .text(try record(version: version)), keepsCache: true, isDirect: false)
    case .file(let version): return try openFile(version, caller)
    case .column(let area, let number):
      let list = try repository.list()
      let view = try open.view(number, in: list)
      return archive(
        try ArchiveLayout(.area(area), of: view), try attributes(of: node, in: list),
        "\(path(of: node.id))", caller)
    default: throw OfficeError(.isDirectory, "a folder")
    }
  }

  // A set may be dropped between the look at the list and its opening; then another one that shows the file does.
  private func openFile(_ version: Int64, _ caller: Caller) throws(OfficeError) -> BranchFile {
    while true {
      let list = try repository.list()
      guard let file = try repository.file(version: version) else { throw MountedTree.gone }
      let view: SetView
      if let known = open.known(showing: file, in: list) {
        view = known
      } else {
        guard let set = file.sets(in: list).last else { throw MountedTree.gone }
        do throws(OfficeError) {
          view = try open.view(set.number, in: list)
        } catch {
          guard error.code == .stale, repository.generation != list.generation else {
            throw error
          }
          continue
        }
      }
      return archive(
        ArchiveLayout(of: file.user, in: view), try attributes(of: file, in: list),
        path(of: file), caller)
    }
  }

  private func archive(
    _ layout: ArchiveLayout, _ attributes: Attributes, _ label: String, _ caller: Caller
  ) -> BranchFile {
    BranchFile(
      file: .archive(
        layout,
        Export(
          attributes: attributes, label: label, caller: caller, since: mount.clock.seconds)),
      keepsCache: true, isDirect: false)
  }

  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes {
    guard case .order(let area) = BackupNode(node), change.permissions == nil,
      change.owner == nil, change.group == nil
    else { throw MountedTree.readOnly }
    if change.mtimeIsNow {
      try run(area, caller)
    } else if change.mtime != nil {
      throw OfficeError(
        .invalid, "a backup is made now or not at all", remedy: "touch it without a time")
    }
    return try attributes(of: node)
  }

  private func run(_ area: Area?, _ caller: Caller) throws(OfficeError) {
    let result = try backups.runner.backUp(
      area.map { [$0] } ?? Set(Area.allCases), process: "manual", caller: "\(caller)")
    for defect in result.defects {
      mount.errors.append("backup EIO by \(caller): \(defect) - it was copied anew")
    }
  }

  private func order(_ area: Area?, isEmptied: Bool) -> Draft {
    let text = isEmptied ? "" : lastRun(of: area).text
    // Emptying it is no order yet: a shell that redirects to it closes one descriptor before it has written a byte.
    return Draft(
      Array(text.utf8), isNew: false, limit: 4096,
      settle: { [self] (_, caller, _) throws(OfficeError) in try run(area, caller) })
  }

  /// When an area, or with nil everything, was backed up last, and how that ended.
  func lastRun(of area: Area?) -> (text: String, seconds: Int64) {
    guard let last = backups.notes.last(of: area) else {
      return (
        backups.notes.isDamaged ? "not known: backup-notes.json was damaged\n" : "never\n", 0
      )
    }
    return (last.text, last.seconds)
  }
}

extension BackupBranch {
  func makeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    guard parent == BackupNode.hold.id else { throw MountedTree.readOnly }
    let id = try UserID(name)
    let list = try repository.list()
    guard let latest = list.latest else {
      throw OfficeError(
        .busy, "nothing was backed up yet", remedy: "touch backup/update/all, then hold it")
    }
    if let other = list.sets.first(where: { $0.hold?.lowercased() == id.folded }) {
      throw OfficeError(.exists, "the name holds a set", item: other.hold)
    }
    try repository.hold(latest, as: id.text)
    mount.audit.append("\(caller) holds the backup \(latest.name) as \(id)")
    return try attributes(of: .set(latest.number, .hold), in: repository.list())
  }

  func removeDirectory(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError) {
    guard parent == BackupNode.hold.id else { throw MountedTree.readOnly }
    guard let held = try repository.list().held(as: String(decoding: name, as: UTF8.self))?.set,
      let hold = held.hold
    else {
      throw MountedTree.noSuchName
    }
    try backups.release(hold: hold, caller: "\(caller)")
  }
}
