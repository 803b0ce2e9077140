import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel

extension MountedTree {
  /// The node a name stands for now. Throws `.notFound`.
  public func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    guard name.count <= EntryName.maximumLength else { throw EntryName.tooLong }
    if let fixed = FixedNode.named(name, in: parent) { return try attributes(of: fixed) }
    if dropFolder(of: parent) != nil {
      if let file = spools.file(named: name, in: parent) { return attributes(of: file) }
      if let folder = spools.folder(named: name, in: parent) {
        return folderAttributes(folder, 0o700)
      }
    }
    if let branch = branch(of: parent) {
      return try branch.lookup(name, in: parent, caller: caller)
    }
    if parent == .root, let branch = branches.first(where: { $0.name == name }) {
      return try branch.folder()
    }
    switch parent {
    case NodeID(.users):
      guard let stem = name.removingSuffix(EntryName.fileExtension), let id = try? UserID(stem),
        let user = try mount.store.user(id)
      else { throw MountedTree.noSuchName }
      return attributes(of: user)
    case NodeID(.areas):
      guard let area = Area.allCases.first(where: { $0.columnName.elementsEqual(name) }) else {
        throw MountedTree.noSuchName
      }
      return try attributes(of: area)
    case NodeID(.undo):
      guard
        let text = String(validating: name, as: UTF8.self)
      else { throw MountedTree.noSuchName }
      if let group = try mount.store.undoGroup(named: text) { return attributes(of: group) }
      guard let folder = try archives?.removedFolders().first(where: { $0.name == name }) else {
        throw MountedTree.noSuchName
      }
      return folder.attributes
    case NodeID(.jobs):
      guard let job = mount.jobs.jobs.first(where: { $0.fileName == name }) else {
        throw MountedTree.noSuchName
      }
      return attributes(of: job)
    case NodeID(.reports):
      guard let stem = name.removingSuffix(StoredReport.fileExtension),
        let id = try? UserID(stem), let report = try mount.store.report(of: id)
      else { throw MountedTree.noSuchName }
      return attributes(of: report)
    default:
      switch parent.kind {
      case .undoGroup:
        if let branch = branches.first(where: { $0.name == name }),
          let attributes = try undone(branch, in: parent)
        {
          return attributes
        }
        if let group = try mount.store.undoGroup(parent.number),
          let archive = try archives?.removed(named: name, inFolder: group.name)
        {
          return archive
        }
        guard let stem = name.removingSuffix(EntryName.fileExtension), let id = try? UserID(stem),
          let file = try mount.store.undoFile(of: parent.number, named: id)
        else { throw MountedTree.noSuchName }
        return attributes(of: file)
      default: throw MountedTree.noSuchName
      }
    }
  }

  /// A branch as it was before an entry of undo; nil where that has none of it.
  func undone(_ branch: any Branch, in group: NodeID) throws(OfficeError) -> Attributes? {
    guard let file = try mount.store.undoFile(of: group.number, named: .office) else { return nil }
    return try branch.folder(ofUndo: file.number)
  }

  /// What stat(2) shows of a node. Throws `.stale` for one that is gone.
  public func attributes(
    of node: NodeID, handle: UInt64? = nil
  ) throws(OfficeError) -> Attributes {
    if let branch = branch(of: node) {
      do throws(OfficeError) {
        return try branch.attributes(of: node)
      } catch {
        guard error.code == .stale else { throw error }
        return try attributesOfOpen(node)
      }
    }
    switch node.kind {
    case .root: return folderAttributes(.root, 0o755)
    case .fixed:
      if let job = node.job.flatMap({ mount.jobs[$0] }) { return attributes(of: job) }
      guard let fixed = node.fixed else { throw MountedTree.gone }
      return try attributes(of: fixed)
    case .user:
      guard let user = try mount.store.user(version: node.number) else { throw MountedTree.gone }
      return attributes(of: user.state)
    case .column:
      guard let column = node.column else { throw MountedTree.gone }
      let attributes = try attributes(of: column.area)
      return attributes.node == node ? attributes : try attributesOfOpen(node)
    case .undoGroup:
      guard let group = try mount.store.undoGroup(node.number) else { throw MountedTree.gone }
      return attributes(of: group)
    case .undoFile:
      guard let file = try mount.store.undoFile(node.number) else { throw MountedTree.gone }
      return attributes(of: file)
    case .spool:
      guard let file = spools.file(node.row) else { throw MountedTree.gone }
      return attributes(of: file)
    case .scratchFolder:
      guard spools.folderName(node) != nil else { throw MountedTree.gone }
      return folderAttributes(node, 0o700)
    case .report:
      guard let report = try mount.store.report(node.number) else { throw MountedTree.gone }
      return attributes(of: report)
    case nil: throw MountedTree.gone
    }
  }

  /// Of what has been superseded while someone reads it: fstat(2) comes without a handle.
  private func attributesOfOpen(_ node: NodeID) throws(OfficeError) -> Attributes {
    for file in files.values {
      if case .archive(_, let export) = file, export.attributes.node == node {
        return export.attributes
      }
    }
    throw MountedTree.gone
  }

  static let gone = OfficeError(.stale, "this version is gone")

  func attributes(of fixed: FixedNode) throws(OfficeError) -> Attributes {
    let node = NodeID(fixed)
    if fixed.isFolder { return folderAttributes(node, fixed.permissions) }
    var attributes = fileAttributes(node, size: 0, mtime: 0, timeout: 0)
    attributes.permissions = fixed.permissions
    let text = try texts.state(of: fixed)
    attributes.size = text.size
    attributes.mtime = text.mtime
    return attributes
  }

  func attributes(of user: UserState) -> Attributes {
    var attributes = fileAttributes(
      NodeID(version: user.version), size: ArchiveSize.user(user.id, sums: user.sums),
      mtime: user.mtime, timeout: MountedTree.versionTimeout)
    attributes.permissions = 0o600
    if let owner = mount.owner(of: user.id) {
      attributes.owner = owner
      attributes.permissions = 0o400
    }
    return attributes
  }

  func attributes(of area: Area) throws(OfficeError) -> Attributes {
    let column = try mount.store.column(area)
    return fileAttributes(
      NodeID(column: area, commit: column.commit),
      size: ArchiveSize.area(area, sums: column.sums), mtime: column.mtime, timeout: 1)
  }

  func attributes(of group: UndoGroup) -> Attributes {
    var attributes = folderAttributes(NodeID(.undoGroup, row: UInt64(group.number)), 0o500)
    attributes.mtime = group.seconds * 1_000_000_000
    return attributes
  }

  func attributes(of file: UndoFile) -> Attributes {
    fileAttributes(
      NodeID(.undoFile, row: UInt64(file.number)),
      size: ArchiveSize.user(file.user.id, sums: file.user.sums), mtime: file.user.mtime,
      timeout: MountedTree.versionTimeout)
  }

  /// Never kept by the kernel: the next import's stands under the same name.
  func attributes(of report: StoredReport) -> Attributes {
    fileAttributes(
      NodeID(.report, row: UInt64(report.number)), size: report.size, mtime: report.mtime,
      timeout: 0)
  }

  /// Never kept by the kernel: it changes all the time.
  func attributes(of job: Job) -> Attributes {
    fileAttributes(
      NodeID(job: job.number), size: Int64(job.text.utf8.count), mtime: job.since * 1_000_000_000,
      timeout: 0)
  }

  /// Never kept by the kernel: the name may be a published version the next moment.
  func attributes(of file: SpoolFile) -> Attributes {
    file.state.withLock { state in
      Attributes(
        node: file.node, inode: state.inode, isDirectory: false, permissions: state.permissions,
        owner: mount.owner, group: mount.group, size: state.base?.layout.size ?? state.size,
        mtime: state.mtime ?? state.shownMtime, timeout: 0)
    }
  }

  func folderAttributes(_ node: NodeID, _ permissions: UInt32) -> Attributes {
    Attributes(
      node: node, inode: node.rawValue, isDirectory: true, permissions: permissions,
      owner: mount.owner, group: mount.group, size: 4096, links: 2,
      mtime: usersMark.time, timeout: 1)
  }

  private func fileAttributes(
    _ node: NodeID, size: Int64, mtime: Int64, timeout: Double
  ) -> Attributes {
    Attributes(
      node: node, inode: node.rawValue, isDirectory: false, permissions: 0o400,
      owner: mount.owner, group: mount.group, size: size, mtime: mtime, timeout: timeout)
  }
}

extension Job {
  /// The name in `status/jobs/`.
  var fileName: [UInt8] { Array("\(number).txt".utf8) }
}

extension StoredReport {
  static let fileExtension: [UInt8] = Array(".txt".utf8)

  /// The name in `import/reports/`.
  var fileName: [UInt8] { Array(id.text.utf8) + StoredReport.fileExtension }
}

extension Area {
  /// The name in `areas/`.
  var columnName: [UInt8] { Array("\(name).odb".utf8) }
}
