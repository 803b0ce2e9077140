import BackupRepository
import OfficeAdmin
import OfficeArchive
import OfficeModel
import Synchronization

/// `archives/`: each backup set as one file, and the link to the newest.
///
/// A set's file is a node of its own for ever, so the kernel keeps its pages; names that stand for another set are told to
/// it. What is copied here is a file being written, see `DropFolder`, until it is a set.
final class ArchivesBranch: Branch {
  static let number = BranchNumber.archives

  let name: [UInt8] = Array("archives".utf8)
  let mount: OfficeMount
  let backups: OfficeBackups
  private let open: OpenSets
  private let notices: KernelNotices
  /// What the kernel was last told of.
  private let told = Mutex<SetList?>(nil)
  /// Sizes by the numbers of sets, which never change.
  private let sizes = Mutex<[Int64: Int64]>([:])
  /// When the list last changed, in nanoseconds since 1970; 0 if not since the mount.
  private let changed = Atomic<Int64>(0)

  init(
    _ mount: OfficeMount, _ backups: OfficeBackups, open: OpenSets, notices: KernelNotices
  ) {
    self.mount = mount
    self.backups = backups
    self.open = open
    self.notices = notices
    let first = try? backups.repository.list()
    told.withLock { $0 = first }
    backups.repository.observe { [weak self] in self?.setsDidChange() }
  }

  private var repository: Repository { backups.repository }

  var stamp: Int64 { repository.generation }

  func isWritable(_ folder: NodeID) -> Bool { folder == ArchivesBranch.root }

  // Where the list can't be read the kernel finds out by itself, within the second for which it believes anything.
  private func setsDidChange() {
    changed.store(mount.clock.now(), ordering: .relaxed)
    guard let fresh = try? repository.list() else { return }
    let older = told.withLock { told in
      defer { told = fresh }
      return told
    }
    sizes.withLock { sizes in
      // Those of sets that were dropped: now and then.
      guard sizes.count > 2 * (fresh.all.count + fresh.removed.count) else { return }
      sizes = sizes.filter { fresh.readable($0.key) != nil }
    }
    for notice in fresh.archiveNotices(since: older) { notices.post(notice) }
  }

  // MARK: Sets

  /// The set that has a name.
  func set(named name: ArchiveName) throws(OfficeError) -> BackupSet? {
    try repository.list().archive(named: name.text)?.set
  }

  /// The set that a node is the file of, unless it was removed.
  func set(of node: NodeID) throws(OfficeError) -> BackupSet? {
    guard case .set(let number) = ArchiveNode(node) else { return nil }
    return try repository.list().numbered(number)?.set
  }

  /// Whether `latest.sar` leads anywhere.
  var hasLink: Bool {
    get throws(OfficeError) { try repository.list().latestArchive != nil }
  }

  /// Throws `.busy` while there is a link to the newest archive: nothing takes its place.
  func requireNoLink() throws(OfficeError) {
    guard try hasLink else { return }
    throw OfficeError(
      .busy, "the office keeps this link to the newest archive itself", item: ArchiveName.latest,
      remedy: "give what you bring a name: cp \(ArchiveName.latest) archives/NAME.sar")
  }

  /// Throws `.busy` for a set of the office's own.
  static func requireUpload(_ set: BackupSet) throws(OfficeError) {
    guard set.upload == nil else { return }
    throw OfficeError(
      .busy, "a backup of this office is not changed or removed by hand", item: set.archiveName,
      remedy:
        "bring your file under another name, as cp \(ArchiveName.latest) archives/NAME.sar does;"
        + " slots turn over with each day's backup")
  }

  /// Verifies a written file and stores what it holds: nothing is visible yet. Its progress is in `status/jobs/`.
  func stage(
    _ file: SpoolFile, path: String, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> StagedUpload {
    let job = mount.jobs.begin("check of \(path)", by: "\(caller)")
    do throws(OfficeError) {
      let upload = try backups.stageUpload(
        file: file.descriptor, isCancelled: isInterrupted, progress: job.note)
      job.end("whole: \(upload.report.users) users, \(upload.report.objects) objects")
      return upload
    } catch {
      job.end("refused: \(error)")
      throw error
    }
  }

  /// What someone starts from who writes into an upload.
  func base(of set: BackupSet) throws(OfficeError) -> SpoolFile.Base {
    SpoolFile.Base(
      layout: try layout(of: set), version: set.number,
      inode: ArchiveNode.set(set.number).id.rawValue, mtime: set.stamp * 1_000_000_000)
  }

  /// Gives an upload its time, in nanoseconds since 1970; a set that is gone has none.
  func setTime(_ mtime: Int64, ofSet number: Int64) throws(OfficeError) {
    guard let set = try repository.list().numbered(number)?.set else { return }
    try ArchivesBranch.requireUpload(set)
    let seconds = WallClock.seconds(mtime)
    if set.stamp != seconds { try repository.setTime(seconds, of: set) }
  }

  private func layout(of set: BackupSet) throws(OfficeError) -> ArchiveLayout {
    let layout = try ArchiveLayout(
      set.upload?.area.map { .area($0) } ?? .office, of: try open.view(of: set))
    guard try layout.size == size(of: set) else {
      throw OfficeError(
        .inputOutput, "a backup set does not hold what its sums say", item: set.name,
        remedy: "unmount and run officefs verify")
    }
    return layout
  }

  private func size(of set: BackupSet) throws(OfficeError) -> Int64 {
    if let known = sizes.withLock({ $0[set.number] }) { return known }
    let list = try repository.list()
    guard let listed = list.readable(set.number) else { throw MountedTree.gone }
    let size: Int64
    if let area = set.upload?.area {
      guard let shown = listed.areas?.first(where: { $0.area == area }) else {
        throw ArchivesBranch.damaged
      }
      size = ArchiveSize.area(area, sums: shown.sums)
    } else {
      let record = try OfficeRecord(of: try open.view(of: set))
      size = ArchiveSize.office(
        manifest: record.manifest.count, sums: try repository.sums(of: listed))
    }
    sizes.withLock { $0[set.number] = size }
    return size
  }

  // MARK: Reading

  func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller
  ) throws(OfficeError) -> BranchFile {
    guard !flags.contains(.write) else { throw MountedTree.readOnly }
    guard case .set(let number) = ArchiveNode(node) else {
      throw OfficeError(.isDirectory, "a folder")
    }
    let list = try repository.list()
    guard let set = list.readable(number)?.set else { throw MountedTree.gone }
    let export = Export(
      attributes: try attributes(of: set), label: path(of: set), caller: caller,
      since: mount.clock.seconds)
    return BranchFile(
      file: .archive(try layout(of: set), export), keepsCache: true, isDirect: false)
  }

  /// utimens of an upload. Modes and owners are ours and stay, but asking is no error: tools would fail.
  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes {
    guard let set = try set(of: node) else {
      guard node == ArchivesBranch.root else { throw MountedTree.readOnly }
      return try folder()
    }
    try ArchivesBranch.requireUpload(set)
    guard change.size == nil else {
      throw OfficeError(
        .invalid, "an archive can't be cut in place", remedy: "copy a whole archive over it")
    }
    if let mtime = change.mtimeIsNow ? mount.clock.now() : change.mtime {
      try setTime(mtime, ofSet: set.number)
    }
    return try attributes(of: node)
  }

  func path(of node: NodeID) -> String {
    let list = try? repository.list()
    switch ArchiveNode(node) {
    case .root: return "archives"
    case .latest: return "archives/\(ArchiveName.latest)"
    case .set(let number):
      return (list?.readable(number)).map { path(of: $0.set) } ?? "archives/?"
    case .removed(let number):
      return "undo/" + (list?.removedFolder(of: number) ?? "?")
    case nil: return "archives/?"
    }
  }

  private func path(of set: BackupSet) -> String {
    set.removal == nil ? "archives/\(set.archiveName)" : set.path
  }

  static let damaged = OfficeError(
    .inputOutput, "a backup set's rows are damaged, so the list is not complete",
    remedy: "unmount, run officefs verify, and bring the set back from a copy")

  var folderTime: Int64 { changed.load(ordering: .relaxed) }

  func attributes(of set: BackupSet) throws(OfficeError) -> Attributes {
    let node = ArchiveNode.set(set.number).id
    return Attributes(
      node: node, inode: node.rawValue, isDirectory: false,
      permissions: set.removal == nil ? 0o600 : 0o400, owner: mount.owner, group: mount.group,
      size: try size(of: set), mtime: set.stamp * 1_000_000_000, timeout: BackupBranch.timeout)
  }
}
