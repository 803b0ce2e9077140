import BackupRepository
import OfficeArchive
import OfficeModel
import Synchronization

// Names, attributes and listings.

extension BackupBranch {
  func folder() throws(OfficeError) -> Attributes {
    try attributes(of: .root, in: repository.list())
  }

  func attributes(of node: NodeID) throws(OfficeError) -> Attributes {
    guard let node = BackupNode(node) else { throw MountedTree.gone }
    return try attributes(of: node, in: repository.list())
  }

  func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    let list = try repository.list()
    guard let parent = BackupNode(parent),
      let node = try node(named: name, in: parent, list)
    else { throw MountedTree.noSuchName }
    return try attributes(of: node, in: list)
  }

  private func node(
    named name: [UInt8], in parent: BackupNode, _ list: SetList
  ) throws(OfficeError) -> BackupNode? {
    switch parent {
    case .root:
      if let fixed = BackupBranch.fixed.first(where: { $0.name == name }) { return fixed.node }
      if let latest = list.latest, let entry = SetEntry(name) {
        return try node(entry, of: latest.number, .latest)
      }
      guard let digit = name.first, name.count == 1, digit > 0x30,
        let set = list.inSlot(Int(digit) - 0x30)?.set
      else { return nil }
      return .set(set.number, .slot(Int(digit) - 0x30))
    case .byDate:
      return list.named(String(decoding: name, as: UTF8.self)).map { .set($0.set.number, .byDate) }
    case .hold:
      return list.held(as: String(decoding: name, as: UTF8.self)).map {
        .set($0.set.number, .hold)
      }
    case .update:
      if name.elementsEqual("all".utf8) { return .order(nil) }
      return Area.allCases.first { name.elementsEqual($0.name.utf8) }.map { .order($0) }
    case .set(let number, let door):
      guard isThere(number, list), let entry = SetEntry(name),
        SetEntry.all(through: door).contains(entry)
      else { return nil }
      return try node(entry, of: number, door)
    case .users(let number, _):
      guard isThere(number, list), let stem = name.removingSuffix(EntryName.fileExtension),
        let id = try? UserID(stem), let file = try repository.file(of: id, in: number)
      else { return nil }
      return .file(version: file.user.version)
    default: return nil
    }
  }

  func node(
    _ entry: SetEntry, of number: Int64, _ door: Door
  ) throws(OfficeError) -> BackupNode {
    switch entry {
    case .users: .users(number, door)
    case .record: .record(version: try record(of: number))
    case .column(let area): .column(area, set: number)
    }
  }

  /// A dropped set is there for as long as anyone has it open.
  private func isThere(_ number: Int64, _ list: SetList) -> Bool {
    list.numbered(number) != nil || open.known(number) != nil
  }

  private static let fixed: [(name: [UInt8], node: BackupNode)] = [
    (Array("backup.txt".utf8), .table), (Array("by-date".utf8), .byDate),
    (Array("hold".utf8), .hold), (Array("update".utf8), .update),
  ]

  func attributes(
    of node: BackupNode, in list: SetList
  ) throws(OfficeError) -> Attributes {
    let newest = list.newest?.set.stamp ?? 0
    switch node {
    case .root, .byDate, .hold: return folder(node, 0o711, stamp: newest)
    case .update: return folder(node, 0o700, stamp: newest)
    case .table:
      return file(node, 0o400, size: try tableText().count, mtime: newest * nanoseconds, timeout: 0)
    case .order(let area):
      let last = lastRun(of: area)
      return file(
        node, 0o600, size: last.text.utf8.count, mtime: last.seconds * nanoseconds, timeout: 0)
    case .set(let number, _), .users(let number, _):
      return folder(node, 0o711, stamp: try open.shown(number, in: list).set.stamp)
    case .file(let version):
      guard let version = try repository.file(version: version) else { throw MountedTree.gone }
      return try attributes(of: version, in: list)
    case .column(let area, let number):
      let found = try open.shown(number, in: list)
      guard let shown = found.areas?.first(where: { $0.area == area }) else {
        throw BackupBranch.damagedColumn
      }
      let set = found.set
      var attributes = file(
        node, 0o400, size: Int(ArchiveSize.area(area, sums: shown.sums)),
        mtime: (shown.updated == 0 ? set.stamp : shown.stamp) * nanoseconds)
      if set.slot != nil && set.hold != nil { attributes.links = 2 }
      return attributes
    case .record(let version):
      let size = try record(version: version).count
      let shown = try repository.file(version: version)
      var attributes = file(node, 0o400, size: size, mtime: shown?.user.mtime ?? 0)
      var links = shown?.links(in: list) ?? 0
      if shown == nil {
        // Of sets from before groups were kept.
        for set in list.sets where try self.record(of: set.number) == version { links += 1 }
      }
      attributes.links = UInt32(max(1, links))
      return attributes
    }
  }

  /// Of a version that a set shows, listed or open.
  func attributes(
    of version: FileVersion, in list: SetList
  ) throws(OfficeError) -> Attributes {
    let links = UInt32(version.links(in: list))
    guard links > 0 || open.known(showing: version, in: list) != nil else { throw MountedTree.gone }
    var attributes = file(
      .file(version: version.user.version), 0o400,
      size: Int(ArchiveSize.user(version.user.id, sums: version.user.sums)),
      mtime: version.user.mtime)
    attributes.links = max(1, links)
    if let owner = mount.owner(of: version.user.id) { attributes.owner = owner }
    return attributes
  }

  private var nanoseconds: Int64 { 1_000_000_000 }

  private func folder(_ node: BackupNode, _ permissions: UInt32, stamp: Int64) -> Attributes {
    Attributes(
      node: node.id, inode: node.id.rawValue, isDirectory: true, permissions: permissions,
      owner: mount.owner, group: mount.group, size: 4096, links: 2,
      mtime: stamp * nanoseconds, timeout: BackupBranch.timeout)
  }

  private func file(
    _ node: BackupNode, _ permissions: UInt32, size: Int, mtime: Int64,
    timeout: Double = BackupBranch.timeout
  ) -> Attributes {
    Attributes(
      node: node.id, inode: node.id.rawValue, isDirectory: false, permissions: permissions,
      owner: mount.owner, group: mount.group, size: Int64(size), mtime: mtime, timeout: timeout)
  }
}

extension BackupBranch {
  func pages(of node: NodeID, caller: Caller) throws(OfficeError) -> OpenFolder.Pages {
    guard let node = BackupNode(node) else { throw MountedTree.gone }
    switch node {
    case .users(let number, _): return try userPages(of: number)
    case .set(let number, _):
      // A listing under way keeps its set.
      let view = try open.view(number, in: repository.list())
      return { [self] (after) throws(OfficeError) in
        defer { withExtendedLifetime(view) {} }
        return try entries(of: node, after: after)
      }
    case .root, .byDate, .hold, .update:
      return { [self] (after) throws(OfficeError) in try entries(of: node, after: after) }
    default: throw OfficeError(.notDirectory, "not a folder")
    }
  }

  /// All entries behind a name, in the order of their bytes: after a change the kernel goes on from there.
  private func entries(
    of folder: BackupNode, after: [UInt8]?
  ) throws(OfficeError) -> [(name: [UInt8], attributes: Attributes)] {
    let list = try repository.list()
    var entries: [(name: [UInt8], attributes: Attributes)] = []
    let behind = names(in: folder, list).filter { after?.lexicographicallyPrecedes($0) ?? true }
    for name in behind.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard let node = try node(named: name, in: folder, list) else { continue }
      entries.append((name, try attributes(of: node, in: list)))
    }
    // Said at the end, behind all that can be shown: what copies the folder must not take the others for deleted.
    if entries.isEmpty, list.damaged > 0, folder == .byDate || folder == .hold {
      throw BackupBranch.damagedSets
    }
    return entries
  }

  private func names(in folder: BackupNode, _ list: SetList) -> [[UInt8]] {
    switch folder {
    case .root:
      let slots = list.bySlot.keys.filter { $0 != Rotation.latest }
      return BackupBranch.fixed.map(\.name) + slots.map { Array("\($0)".utf8) }
        + (list.latest == nil ? [] : SetEntry.all(through: .latest).map(\.name))
    case .byDate: return list.own.map { Array($0.name.utf8) }
    case .hold: return list.byHold.keys.map { Array($0.utf8) }
    case .update: return (["all"] + Area.allCases.map(\.name)).map { Array($0.utf8) }
    case .set(_, let door): return SetEntry.all(through: door).map(\.name)
    default: return []
    }
  }

  private func userPages(of number: Int64) throws(OfficeError) -> OpenFolder.Pages {
    let view = try open.view(number, in: repository.list())
    let isDamaged = Atomic(false)
    return { [self] (after) throws(OfficeError) in
      defer { withExtendedLifetime(view) {} }
      let last = after.flatMap { $0.removingSuffix(EntryName.fileExtension) }
        .flatMap { try? UserID($0) }
      let page = try repository.files(in: number, after: last, limit: BackupBranch.page)
      if page.damaged > 0 { isDamaged.store(true, ordering: .relaxed) }
      let list = try repository.list()
      var entries: [(name: [UInt8], attributes: Attributes)] = []
      for file in page.files {
        entries.append((file.user.id.fileName, try attributes(of: file, in: list)))
      }
      if entries.isEmpty, isDamaged.load(ordering: .relaxed) { throw BackupBranch.damagedFiles }
      return entries
    }
  }

  private static let damagedColumn = OfficeError(
    .inputOutput, "what a backup set says of its columns is damaged",
    remedy: "take its users one by one; unmount and run officefs verify")

  private static let damagedSets = OfficeError(
    .inputOutput, "a backup set's row is damaged, so the list is not complete",
    remedy: "unmount, run officefs verify, and bring the set back from a copy")

  private static let damagedFiles = OfficeError(
    .inputOutput, "a row of a backup set is damaged, so the list is not complete",
    remedy: "unmount and run officefs verify")
}
