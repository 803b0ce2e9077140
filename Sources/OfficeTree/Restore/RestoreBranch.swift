import BackupRepository
import OfficeAdmin
import OfficeModel
import Synchronization

/// `restore/<archive>/`: an archive that is staged, what is chosen of it, the plan, and its confirmation.
///
/// Planning and running are jobs: who makes a staging or confirms a plan is answered at once, and who reads the plan or
/// closes the confirmation waits, for as long as they like.
final class RestoreBranch: Branch {
  static let number = BranchNumber.restore

  let name = Array("restore".utf8)
  let mount: OfficeMount
  let restores: OfficeRestores
  let repository: Repository
  let stagings: StagingTable
  let crew = RestoreCrew()
  let sessions: SessionsBranch
  let activity: Activity
  /// Called with what was carried out, or may have been.
  let didRestore: @Sendable (RestorePlan) -> Void
  private let changes = Atomic<Int64>(0)

  private static let page = 512

  init(
    _ mount: OfficeMount, _ restores: OfficeRestores, _ repository: Repository,
    _ sessions: SessionsBranch, _ activity: Activity,
    didRestore: @escaping @Sendable (RestorePlan) -> Void
  ) {
    self.mount = mount
    self.restores = restores
    self.repository = repository
    self.sessions = sessions
    self.activity = activity
    self.didRestore = didRestore
    stagings = StagingTable(clock: mount.clock)
  }

  var stamp: Int64 { stagings.stamp + changes.load(ordering: .relaxed) }

  func didChange() { changes.add(1, ordering: .relaxed) }

  func folder() throws(OfficeError) -> Attributes {
    folder(.root, mtime: stagings.all.map(\.time).max() ?? 0)
  }

  func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    switch RestoreNode(parent) {
    case .root:
      guard let staging = stagings[name] else { throw MountedTree.noSuchName }
      return folder(.staging(staging.number), mtime: staging.time)
    case .staging(let number):
      let staging = try staging(number)
      if let item = RestoreNode.Item(name), staging.has(item) {
        return try attributes(of: item, in: staging)
      }
      if let run = staging.state.withLock({ $0.running }), name == RestoreBranch.name(of: run) {
        return file(.confirm(number), staging)
      }
    case .item(let number, .areas):
      let staging = try staging(number)
      if let area = RestoreBranch.area(name), staging.isChosen(area) {
        return file(.area(number, area), staging)
      }
    case .item(let number, .users):
      let staging = try staging(number)
      if let id = try? UserID(name), let index = try staging.index(of: id), staging.isChosen(id) {
        return file(.user(number, index), staging)
      }
    default: break
    }
    throw MountedTree.noSuchName
  }

  func attributes(of node: NodeID) throws(OfficeError) -> Attributes {
    guard let node = RestoreNode(node) else { throw MountedTree.gone }
    guard let number = node.staging else { return try folder() }
    let staging = try staging(number)
    switch node {
    case .root, .staging: return folder(node, mtime: staging.time)
    case .item(_, let item):
      guard staging.has(item) else { throw MountedTree.gone }
      return try attributes(of: item, in: staging)
    case .area(_, let area):
      guard staging.isChosen(area) else { throw MountedTree.gone }
    case .user(_, let index):
      let users = try staging.users()
      guard users.indices.contains(index), staging.isChosen(users[index]) else {
        throw MountedTree.gone
      }
    case .confirm:
      guard staging.state.withLock({ $0.run != nil }) else { throw MountedTree.gone }
    }
    return file(node, staging)
  }

  func pages(of node: NodeID, caller: Caller) throws(OfficeError) -> OpenFolder.Pages {
    switch RestoreNode(node) {
    case .root:
      return OpenFolder.pages { [self] in
        stagings.all.map { ($0.name, folder(.staging($0.number), mtime: $0.time)) }
      }
    case .staging(let number):
      let staging = try staging(number)
      return OpenFolder.pages { [self] () throws(OfficeError) in
        var entries: [OpenFolder.Entry] = []
        for item in RestoreNode.Item.allCases where staging.has(item) {
          entries.append((item.name, try attributes(of: item, in: staging)))
        }
        if let run = staging.state.withLock({ $0.running }) {
          entries.append((RestoreBranch.name(of: run), file(.confirm(number), staging)))
        }
        return entries
      }
    case .item(let number, .areas):
      let staging = try staging(number)
      return OpenFolder.pages { [self] in
        staging.areas.filter { staging.isChosen($0) }.map {
          (Array($0.name.utf8), file(.area(number, $0), staging))
        }
      }
    case .item(let number, .users): return try userPages(of: try staging(number))
    default: throw OfficeError(.notDirectory, "not a folder")
    }
  }

  private func userPages(of staging: Staging) throws(OfficeError) -> OpenFolder.Pages {
    let users = try staging.users()
    return { [self] (after) throws(OfficeError) in
      var index = 0
      if let after, let last = try? UserID(after), let place = try staging.index(of: last) {
        index = place + 1
      }
      var entries: [OpenFolder.Entry] = []
      while index < users.count, entries.count < RestoreBranch.page {
        if staging.isChosen(users[index]) {
          let node = RestoreNode.user(staging.number, index)
          entries.append((Array(users[index].text.utf8), file(node, staging)))
        }
        index += 1
      }
      return entries
    }
  }

  func path(of node: NodeID) -> String {
    guard let node = RestoreNode(node), let number = node.staging else { return "restore" }
    guard let staging = stagings[number] else { return "restore/?" }
    switch node {
    case .root, .staging: return staging.path
    case .item(_, let item):
      return "\(staging.path)/\(String(decoding: item.name, as: UTF8.self))"
    case .area(_, let area): return "\(staging.path)/areas/\(area.name)"
    case .user(_, let index):
      let users = (try? staging.users()) ?? []
      return "\(staging.path)/users/\(users.indices.contains(index) ? users[index].text : "?")"
    case .confirm:
      return "\(staging.path)/confirm-\(staging.state.withLock { $0.run?.code } ?? "?")"
    }
  }

  /// Throws `.stale` for one that was cancelled or has expired.
  func staging(_ number: UInt64) throws(OfficeError) -> Staging {
    guard let staging = stagings[number] else { throw MountedTree.gone }
    return staging
  }

  static func area(_ name: [UInt8]) -> Area? {
    String(validating: name, as: UTF8.self).flatMap { Area(name: $0) }
  }

  static func name(of run: Staging.Run) -> [UInt8] { Array("confirm-\(run.code)".utf8) }

  // MARK: Attributes

  private func attributes(
    of item: RestoreNode.Item, in staging: Staging
  ) throws(OfficeError) -> Attributes {
    let node = RestoreNode.item(staging.number, item)
    guard !item.isFolder else { return folder(node, mtime: staging.time) }
    var attributes = file(node, staging)
    if let text = text(of: item, in: staging) { attributes.size = Int64(text.count) }
    let planned = staging.state.withLock { $0.plan?.plan.seconds }
    if item == .planText || item == .planJSON, let planned {
      attributes.mtime = planned * 1_000_000_000
    }
    return attributes
  }

  func folder(_ node: RestoreNode, mtime: Int64) -> Attributes {
    Attributes(
      node: node.id, inode: node.id.rawValue, isDirectory: true, permissions: 0o700,
      owner: mount.owner, group: mount.group, size: 4096, links: 2, mtime: mtime, timeout: 0)
  }

  /// Never kept by the kernel: what is chosen comes and goes.
  func file(_ node: RestoreNode, _ staging: Staging) -> Attributes {
    Attributes(
      node: node.id, inode: node.id.rawValue, isDirectory: false, permissions: 0o600,
      owner: mount.owner, group: mount.group, size: 0, mtime: staging.time, timeout: 0)
  }

  /// What a file says; nil while there is nothing to say yet.
  func text(of item: RestoreNode.Item, in staging: Staging) -> [UInt8]? {
    let state = staging.state.withLock { $0 }
    switch item {
    case .planText:
      guard let plan = state.plan else { return nil }
      let warning = plan.choice == state.choice ? "" : RestoreBranch.warning
      return Array(warning.utf8) + plan.text
    case .planJSON: return state.plan?.json
    case .resultText: return state.report.map { Array($0.text.utf8) }
    case .resultJSON: return state.report.map { RestoreJSON.text($0) }
    default: return []
    }
  }

  private static let warning =
    "THE CHOICE HAS CHANGED since this plan was made: touch plan.txt, then read it again\n"
}
