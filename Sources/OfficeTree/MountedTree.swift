import Glibc
import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel
import Synchronization

/// The mount as nodes, versions and handles. Knows no libfuse: the bridge translates.
///
/// Every version of a user's file is a node of its own; names resolve to the newest, open handles keep theirs.
/// All calls may be made from any thread at once. Look-ups and reads never wait for an import.
public final class MountedTree: Sendable {
  let mount: OfficeMount
  let spools: SpoolTable
  let removals: Removals
  let renames = Renames()
  let files = HandleTable<OpenFile>()
  let folders = HandleTable<OpenFolder>()
  let texts: StatusTexts
  let faults = Faults()
  /// Plans and restores under way.
  private let crew: RestoreCrew?
  let activity: Activity
  let usersMark: UsersMark
  let staleOpens: StaleOpens
  let cachedExports = CachedExports()
  /// In the order in which the root lists them.
  let branches: [any Branch]
  /// Nil where the repository can't be opened.
  let archives: ArchivesBranch?
  private let notices = KernelNotices()

  /// Seconds for which the kernel keeps what never changes.
  ///
  /// Not longer, since a listing on its way may reach the kernel behind the notice that a name in it has changed.
  static let versionTimeout = 60.0

  public init(_ mount: OfficeMount) {
    self.mount = mount
    let usersMark = UsersMark(clock: mount.clock)
    self.usersMark = usersMark
    spools = SpoolTable(clock: mount.clock)
    removals = Removals(clock: mount.clock)
    staleOpens = StaleOpens(clock: mount.clock)
    activity = Activity(files: files, spools: spools)
    texts = StatusTexts(mount, faults: faults, activity: activity)
    var branches: [any Branch] = []
    if let backups = mount.backups {
      let open = OpenSets(backups.repository)
      let archives = ArchivesBranch(mount, backups, open: open, notices: notices)
      branches.append(archives)
      branches.append(BackupBranch(mount, backups, open: open, notices: notices))
      self.archives = archives
    } else {
      archives = nil
    }
    let sessions = SessionsBranch(mount)
    branches += [
      GroupsBranch(mount), SettingsBranch(mount, notices), RemindersBranch(mount), sessions,
    ]
    if let restores = mount.restores, let backups = mount.backups {
      let restore = RestoreBranch(mount, restores, backups.repository, sessions, activity) {
        [notices, removals] plan in
        if plan.choice.removesOthers { removals.othersWereRemoved() }
        usersMark.didChange()
        for (id, _) in plan.touched {
          notices.post(.entry(parent: NodeID(.users), name: id.fileName))
        }
      }
      crew = restore.crew
      branches.append(restore)
    } else {
      crew = nil
    }
    self.branches = branches
  }

  /// Where notices to the kernel go, from when it is mounted.
  public func connect(notify: @escaping @Sendable (KernelNotice) -> Void) {
    notices.connect(notify)
    mount.store.keepNumbers()
  }

  func notify(_ notice: KernelNotice) { notices.post(notice) }

  /// The branch that answers for a node; nil where the tree itself does.
  func branch(of node: NodeID) -> (any Branch)? {
    guard let number = node.branch else { return nil }
    return branches.first { type(of: $0).number == number }
  }

  /// The kernel was told of a node `count` times more or, by FORGET, so many fewer. Of files nothing has to be kept.
  public func refer(to node: NodeID, count: Int64) {
    branch(of: node)?.refer(to: node, count: count)
  }

  func usersDidChange() { usersMark.didChange() }

  /// Lets plans and restores under way give up, without effect, and waits until they have. To be called when the mount has
  /// ended, before the store is closed.
  public func close() { crew?.stop() }

  /// The drop folder that a node is, or that a tool's own folder stands in; nil for all that is read-only.
  func dropFolder(of node: NodeID) -> DropFolder? {
    if let folder = DropFolder(node) { return folder }
    guard node.kind == .scratchFolder, let name = spools.folderName(node) else { return nil }
    return DropFolder(name.folder)
  }

  func requireWritable(_ node: NodeID) throws(OfficeError) -> DropFolder {
    guard let folder = dropFolder(of: node) else { throw MountedTree.readOnly }
    return folder
  }

  static let readOnly = OfficeError(
    .readOnly, "this folder is read-only",
    remedy:
      "copy users' files to users/ or import/, whole offices' to archives/; what can be written is in README.txt"
  )

  static let otherBranch = OfficeError(
    .crossDevice, "names move within their folder only", remedy: "copy, then remove")

  static let noSuchName = OfficeError(.notFound, "no such name")
}
