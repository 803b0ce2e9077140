import BackupRepository
import OfficeModel

// Names, attributes and listings: of `archives/`, and of the folders in `undo/` that hold what was removed.

extension ArchivesBranch {
  func folder() throws(OfficeError) -> Attributes {
    try folder(.root, 0o700, seconds: backups.repository.list().archives.first?.set.stamp ?? 0)
  }

  func attributes(of node: NodeID) throws(OfficeError) -> Attributes {
    let list = try backups.repository.list()
    switch ArchiveNode(node) {
    case .root: return try folder()
    case .set(let number):
      guard let set = list.readable(number)?.set else { throw MountedTree.gone }
      return try attributes(of: set)
    case .latest(let number):
      guard let set = list.numbered(number)?.set else { throw MountedTree.gone }
      return link(to: set)
    case .removed(let number):
      guard let name = list.removedFolder(of: number),
        let folder = removedFolders(in: list).first(where: { $0.name.elementsEqual(name.utf8) })
      else { throw MountedTree.gone }
      return folder.attributes
    case nil: throw MountedTree.gone
    }
  }

  func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    let list = try backups.repository.list()
    let text = String(decoding: name, as: UTF8.self)
    switch ArchiveNode(parent) {
    case .root:
      if text == ArchiveName.latest, let latest = list.latestArchive {
        return link(to: latest.set)
      }
      guard let set = list.archive(named: text)?.set else { throw MountedTree.noSuchName }
      return try attributes(of: set)
    case .removed(let number):
      guard let folder = list.removedFolder(of: number),
        let attributes = try removed(named: name, inFolder: folder)
      else { throw MountedTree.noSuchName }
      return attributes
    default: throw MountedTree.noSuchName
    }
  }

  func pages(of node: NodeID, caller: Caller) throws(OfficeError) -> OpenFolder.Pages {
    switch ArchiveNode(node) {
    case .root:
      return { [self] (after) throws(OfficeError) in
        let list = try backups.repository.list()
        var entries: [OpenFolder.Entry] = []
        var isDamaged = list.damaged > 0
        for listed in list.all {
          do throws(OfficeError) {
            entries.append((Array(listed.archiveName.utf8), try attributes(of: listed.set)))
          } catch {
            isDamaged = true
          }
        }
        if let latest = list.latestArchive {
          entries.append((Array(ArchiveName.latest.utf8), link(to: latest.set)))
        }
        let page = OpenFolder.page(entries, after: after)
        // Said at the end, behind all that can be shown: what copies the folder must not take the others for deleted.
        if page.isEmpty, isDamaged { throw ArchivesBranch.damaged }
        return page
      }
    case .removed(let number):
      return OpenFolder.pages { [self] () throws(OfficeError) in
        guard let folder = try backups.repository.list().removedFolder(of: number) else {
          return []
        }
        return try removed(inFolder: folder)
      }
    default: throw OfficeError(.notDirectory, "not a folder")
    }
  }

  /// Where the link leads: a name in the same folder.
  func target(of node: NodeID) throws(OfficeError) -> [UInt8] {
    guard case .latest(let number) = ArchiveNode(node) else {
      throw OfficeError(.invalid, "not a link")
    }
    guard let set = try backups.repository.list().numbered(number)?.set else {
      throw MountedTree.gone
    }
    return Array(set.archiveName.utf8)
  }

  // MARK: In undo/

  /// The folders of `undo/` that hold what was removed.
  func removedFolders() throws(OfficeError) -> [OpenFolder.Entry] {
    removedFolders(in: try backups.repository.list())
  }

  private func removedFolders(in list: SetList) -> [OpenFolder.Entry] {
    var folders: [String: (number: Int64, seconds: Int64)] = [:]
    for set in list.removed.map(\.set) {
      guard let removal = set.removal, folders[removal.folder] == nil else { continue }
      folders[removal.folder] = (set.number, removal.seconds)
    }
    return folders.map { name, first in
      (Array(name.utf8), folder(.removed(first.number), 0o500, seconds: first.seconds))
    }
  }

  /// What was removed into a folder of `undo/`.
  func removed(inFolder folder: String) throws(OfficeError) -> [OpenFolder.Entry] {
    var entries: [OpenFolder.Entry] = []
    for set in try backups.repository.list().removed.map(\.set)
    where set.removal?.folder == folder {
      entries.append((Array(set.archiveName.utf8), try attributes(of: set)))
    }
    return entries
  }

  /// The archive of that name in such a folder; nil if there is none.
  func removed(
    named name: [UInt8], inFolder folder: String
  ) throws(OfficeError) -> Attributes? {
    let set = try backups.repository.list().removed.map(\.set).first {
      $0.removal?.folder == folder && $0.archiveName.utf8.elementsEqual(name)
    }
    guard let set else { return nil }
    return try attributes(of: set)
  }

  private func folder(_ node: ArchiveNode, _ permissions: UInt32, seconds: Int64) -> Attributes {
    let time = node == .root ? max(folderTime, seconds * 1_000_000_000) : seconds * 1_000_000_000
    return Attributes(
      node: node.id, inode: node.id.rawValue, isDirectory: true, permissions: permissions,
      owner: mount.owner, group: mount.group, size: 4096, links: 2, mtime: time,
      timeout: BackupBranch.timeout)
  }

  private func link(to set: BackupSet) -> Attributes {
    let node = ArchiveNode.latest(set.number).id
    return Attributes(
      node: node, inode: node.rawValue, isDirectory: false, isLink: true, permissions: 0o777,
      owner: mount.owner, group: mount.group, size: Int64(set.archiveName.utf8.count),
      mtime: set.stamp * 1_000_000_000, timeout: BackupBranch.timeout)
  }
}

extension SetList {
  /// The name of the folder in `undo/` that holds a removed set.
  func removedFolder(of number: Int64) -> String? {
    readable(number)?.set.removal?.folder
  }

  /// What stands for something else in `archives/` since `older`.
  func archiveNotices(since older: SetList?) -> [KernelNotice] {
    var notices: [KernelNotice] = [.inode(ArchivesBranch.root), .inode(NodeID(.undo))]
    var names = differences(since: older, by: \.byArchive)
    if latestArchive?.set.number != older?.latestArchive?.set.number {
      names.append(ArchiveName.latest)
    }
    for name in names {
      notices.append(.entry(parent: ArchivesBranch.root, name: Array(name.utf8)))
    }
    for listed in older?.all ?? [] {
      guard let now = numbered(listed.set.number), now.set.stamp != listed.set.stamp else {
        continue
      }
      notices.append(.inode(ArchiveNode.set(now.set.number).id))
    }
    return notices
  }
}
