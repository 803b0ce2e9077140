import LiveStore
import OfficeModel
import Synchronization

extension MountedTree {
  /// Opens a folder for reading. Throws `.notDirectory`.
  public func openDirectory(_ node: NodeID, caller: Caller) throws(OfficeError) -> UInt64 {
    if dropFolder(of: node) != nil { spools.sweep() }
    let branch = branch(of: node)
    let isDrop = dropFolder(of: node) != nil
    let stamp: @Sendable () -> Int64 = { [self] in
      (branch?.stamp ?? archives?.stamp ?? 0)
        &+ (branch == nil || isDrop ? usersMark.stamp : 0)
    }
    var pages: OpenFolder.Pages
    if let branch {
      pages = try branch.pages(of: node, caller: caller)
      if isDrop { pages = withWritten(in: node, pages) }
    } else {
      pages = try self.pages(of: node)
    }
    return folders.insert(OpenFolder(stamp: stamp, pages: pages))
  }

  /// Files being written, which hide those of the same name, and what stands in the folder besides: all of it at once.
  private func withWritten(in node: NodeID, _ pages: @escaping OpenFolder.Pages) -> OpenFolder.Pages
  {
    { [self] (after) throws(OfficeError) in
      let written = written(in: node)
      let hidden = Set(written.map(\.name))
      let rest = OpenFolder.page(written, after: after)
      return OpenFolder.page(
        rest + (try pages(rest.isEmpty ? after : nil)).filter { !hidden.contains($0.name) },
        after: after)
    }
  }

  /// Entries from `cookie` (0 begins) on, at most `limit`, with their attributes; none at the end.
  public func readDirectory(
    _ handle: UInt64, from cookie: Int64, limit: Int
  ) throws(OfficeError) -> [DirectoryEntry] {
    try folders[handle].read(from: cookie, limit: limit)
  }

  public func releaseDirectory(_ handle: UInt64) { _ = folders.remove(handle) }

  private func pages(of node: NodeID) throws(OfficeError) -> OpenFolder.Pages {
    switch node {
    case .root, NodeID(.status), NodeID(.imports):
      return OpenFolder.pages { [self] () throws(OfficeError) in
        var entries: [OpenFolder.Entry] = []
        for fixed in FixedNode.children(of: node) {
          entries.append((Array(fixed.name.utf8), try attributes(of: fixed)))
        }
        guard node == .root else { return entries }
        for branch in branches { entries.append((branch.name, try branch.folder())) }
        return entries
      }
    case NodeID(.areas):
      return OpenFolder.pages { [self] () throws(OfficeError) in
        var entries: [OpenFolder.Entry] = []
        for area in Area.allCases { entries.append((area.columnName, try attributes(of: area))) }
        return entries
      }
    case NodeID(.undo):
      return OpenFolder.pages { [self] () throws(OfficeError) in
        let groups = try mount.store.undoGroups().map { (Array($0.name.utf8), attributes(of: $0)) }
        let names = Set(groups.map(\.0))
        return groups + (try archives?.removedFolders() ?? []).filter { !names.contains($0.name) }
      }
    case NodeID(.jobs):
      return OpenFolder.pages { [self] in mount.jobs.jobs.map { ($0.fileName, attributes(of: $0)) }
      }
    case NodeID(.users): return userPages()
    case NodeID(.reports): return reportPages()
    default: break
    }
    switch node.kind {
    case .undoGroup:
      return OpenFolder.pages { [self] () throws(OfficeError) in
        var entries = try mount.store.undoFiles(of: node.number).filter { $0.id != .office }
          .map { (name: $0.id.fileName, attributes: attributes(of: $0)) }
        for branch in branches {
          guard let folder = try undone(branch, in: node) else { continue }
          entries.append((branch.name, folder))
        }
        if let archives, let group = try mount.store.undoGroup(node.number) {
          entries += try archives.removed(inFolder: group.name)
        }
        return entries
      }
    case .scratchFolder:
      return OpenFolder.pages { [self] in
        spools.files(in: node).map { ($0.name, attributes(of: $0.file)) }
      }
    default:
      guard DropFolder(node) != nil else { throw OfficeError(.notDirectory, "not a folder") }
      return OpenFolder.pages { [self] in written(in: node) }
    }
  }

  /// Files being written, and the folders that tools keep theirs in.
  private func written(in node: NodeID) -> [OpenFolder.Entry] {
    spools.files(in: node).map { ($0.name, attributes(of: $0.file)) }
      + spools.folders(in: node).map { ($0.name, folderAttributes($0.node, 0o700)) }
  }

  private func reportPages() -> OpenFolder.Pages {
    { [self] (after) throws(OfficeError) in
      let last = after?.removingSuffix(StoredReport.fileExtension).flatMap { try? UserID($0) }
      return try mount.store.reports(after: last, limit: 512).map {
        ($0.fileName, attributes(of: $0))
      }
    }
  }

  /// Files being written first, which hide the versions they replace; then the users.
  private func userPages() -> OpenFolder.Pages {
    let written = written(in: NodeID(.users))
    let hidden = Set(written.map(\.name))
    let isDamaged = Atomic(false)
    return { [self] (after) throws(OfficeError) in
      var last = ""
      if after.map(hidden.contains) ?? true {
        let rest = OpenFolder.page(written, after: after)
        if !rest.isEmpty { return rest }
      } else if let after {
        last = String(decoding: after.removingSuffix(EntryName.fileExtension) ?? [], as: UTF8.self)
      }
      while true {
        let users = try mount.store.users(after: last, limit: 512)
        if users.damaged > 0 { isDamaged.store(true, ordering: .relaxed) }
        let page = users.users.lazy.map { ($0.id.fileName, self.attributes(of: $0)) }
          .filter { !hidden.contains($0.0) }
        if !page.isEmpty { return page.map { (name: $0.0, attributes: $0.1) } }
        if users.end == last { break }
        last = users.end
      }
      // Said at the end, behind all who can be shown: what copies the folder must not take the others for deleted.
      if isDamaged.load(ordering: .relaxed) { throw MountedTree.damagedUsers }
      return []
    }
  }

  private static let damagedUsers = OfficeError(
    .inputOutput, "a user's row is damaged, so the list is not complete",
    remedy: "unmount, run officefs verify, and bring the user back from a copy")
}
