import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel
import Synchronization

/// What `groups/` and `settings/` have in common: their nodes, the versions of the record that they show, what is being
/// written in them, and members as empty files.
///
/// A node's row is the number of an undo file (0: as it is now) and that of an item. What shows the live record can be
/// changed; what shows an entry of undo is read-only.
final class RecordShelf: Sendable {
  let mount: OfficeMount
  let branch: BranchNumber
  let drafts: DraftTable
  /// Rises with what is written here and not yet in the record.
  private let changes = Atomic<Int64>(0)
  private let old = Mutex<[(undo: Int64, version: OfficeRegistry.Version)]>([])

  /// Items below this are the branch's own; the others are numbers of the record.
  static let firstNumber: UInt64 = 16
  /// The backup group's folder in `settings/`.
  static let backupGroup: UInt64 = 3

  private static let itemBits: UInt64 = 34
  private static let mostOld = 4

  init(_ branch: BranchNumber, _ mount: OfficeMount) {
    self.branch = branch
    self.mount = mount
    drafts = DraftTable(clock: mount.clock)
  }

  var registry: OfficeRegistry { mount.registry }

  var stamp: Int64 { changes.load(ordering: .relaxed) + (registry.current.number ?? 0) }

  func didChange() { changes.add(1, ordering: .relaxed) }

  // MARK: Nodes

  func node(_ item: UInt64, undo: Int64 = 0) -> NodeID {
    NodeID(branch: branch, row: UInt64(undo) << RecordShelf.itemBits | item)
  }

  func node(number: Int64, undo: Int64 = 0) -> NodeID {
    node(UInt64(number) + RecordShelf.firstNumber, undo: undo)
  }

  func item(of node: NodeID) -> UInt64 { node.row & (1 << RecordShelf.itemBits - 1) }

  func undo(of node: NodeID) -> Int64 { Int64(node.row >> RecordShelf.itemBits) }

  /// The record that a node belongs to. Throws `.stale` if its entry of undo is gone.
  func version(of node: NodeID) throws(OfficeError) -> OfficeRegistry.Version {
    let undo = undo(of: node)
    guard undo > 0 else { return registry.current }
    if let known = old.withLock({ $0.first { $0.undo == undo } }) { return known.version }
    guard let file = try mount.store.undoFile(undo) else { throw MountedTree.gone }
    let version = try registry.version(ofUndo: file)
    old.withLock { old in
      if old.count >= RecordShelf.mostOld { old.removeFirst() }
      old.append((undo, version))
    }
    return version
  }

  /// What a node stands for in its record; nil for the branch's own and for what is gone.
  func place(of node: NodeID) throws(OfficeError) -> OfficeRecord.Place? {
    let item = item(of: node)
    guard item >= RecordShelf.firstNumber else { return nil }
    return try version(of: node).record[Int64(item - RecordShelf.firstNumber)]
  }

  /// The list that a folder shows; nil for one that shows none.
  func list(of folder: NodeID) throws(OfficeError) -> OfficeRecord.List? {
    if branch == .settings { return item(of: folder) == RecordShelf.backupGroup ? .backup : nil }
    guard case .group(let name) = try place(of: folder) else { return nil }
    return .group(name)
  }

  /// Throws `.readOnly` for what undo shows.
  func requireLive(_ node: NodeID) throws(OfficeError) {
    guard undo(of: node) == 0 else { throw RecordShelf.past }
  }

  private static let past = OfficeError(
    .readOnly, "this is how it was before",
    remedy: "copy it to groups/ or settings/ to have it again")

  // MARK: Attributes

  func folder(_ node: NodeID, mtime: Int64) -> Attributes {
    let isLive = undo(of: node) == 0
    return Attributes(
      node: node, inode: node.rawValue, isDirectory: true, permissions: isLive ? 0o700 : 0o500,
      owner: mount.owner, group: mount.group, size: 4096, links: 2, mtime: mtime,
      timeout: isLive ? 1 : MountedTree.versionTimeout)
  }

  func file(_ node: NodeID, size: Int64, mtime: Int64) -> Attributes {
    let isLive = undo(of: node) == 0
    return Attributes(
      node: node, inode: node.rawValue, isDirectory: false, permissions: isLive ? 0o600 : 0o400,
      owner: mount.owner, group: mount.group, size: size, mtime: mtime,
      timeout: isLive ? 0 : MountedTree.versionTimeout)
  }

  func file(_ entry: DraftTable.Entry) -> Attributes {
    var attributes = file(entry.node, size: entry.draft.size, mtime: entry.mtime)
    attributes.permissions = entry.permissions
    if entry.name == nil { attributes.links = 0 }
    return attributes
  }

  // MARK: Drafts

  /// Adds a new file being written. Throws `.exists` if someone was faster.
  func insert(
    _ draft: Draft, _ node: NodeID, named name: [UInt8], in folder: NodeID, permissions: UInt32
  ) throws(OfficeError) -> DraftTable.Entry {
    let now = mount.clock.now()
    let entry = DraftTable.Entry(
      node, DraftTable.Name(folder: folder, name: name), draft, permissions: permissions,
      now: now)
    guard drafts.insert(entry) else {
      throw OfficeError(.exists, "the name is taken", item: Escaped.line(name))
    }
    didChange()
    return entry
  }

  /// Whether a name is that of a tool's temporary file.
  static func isScratch(_ name: [UInt8]) throws(OfficeError) -> Bool {
    if case .scratch = try EntryName(name) { return true }
    return false
  }

  static func process(_ caller: Caller) -> Int64 {
    Int64(ProcessTable.process(ofThread: caller.pid))
  }

  static func opened(_ draft: Draft) -> BranchFile {
    BranchFile(file: .draft(draft), keepsCache: false, isDirect: true)
  }
}
