import BackupRepository
import OfficeAdmin
import OfficeArchive
import OfficeModel
import Synchronization

/// `backup/`: the latest set, the seven before it, every kept set by its date, holds and orders.
///
/// A folder of a set shows that set for ever; names like `2` stand for another folder after each rotation, of which the
/// kernel is told. So who is inside one keeps the set they entered, and path look-ups see the new one.
final class BackupBranch: Branch {
  static let number = BranchNumber.backup

  let name: [UInt8] = Array("backup".utf8)
  let mount: OfficeMount
  let backups: OfficeBackups
  let open: OpenSets
  private let notices: KernelNotices
  /// What the kernel was last told of.
  private let told = Mutex<SetList?>(nil)
  /// Texts of `office.json` by version.
  private let records = Mutex<[Int64: [UInt8]]>([:])
  private let table = Mutex<(generation: Int64, text: [UInt8])?>(nil)

  /// Seconds. Files of sets never change, but how many sets show them does.
  static let timeout = 1.0
  static let page = 256
  private static let mostRecords = 16

  init(
    _ mount: OfficeMount, _ backups: OfficeBackups, open: OpenSets, notices: KernelNotices
  ) {
    self.mount = mount
    self.backups = backups
    self.notices = notices
    self.open = open
    let first = try? backups.repository.list()
    told.withLock { $0 = first }
    backups.repository.observe { [weak self] in self?.setsDidChange() }
  }

  var repository: Repository { backups.repository }

  var stamp: Int64 { repository.generation }

  func isWritable(_ folder: NodeID) -> Bool { false }

  func refer(to folder: NodeID, count: Int64) {
    switch BackupNode(folder) {
    case .set(let number, _), .users(let number, _): open.refer(to: number, count: count)
    default: break
    }
  }

  // Where the list can't be read the kernel finds out by itself, within the second for which it believes anything.
  private func setsDidChange() {
    guard let fresh = try? repository.list() else { return }
    let older = told.withLock { told in
      defer { told = fresh }
      return told
    }
    for notice in fresh.notices(since: older) { notices.post(notice) }
    open.settle(fresh, now: mount.clock.seconds)
  }

  /// The text of `backup.txt`, made again only when the sets have changed.
  func tableText() throws(OfficeError) -> [UInt8] {
    let list = try repository.list()
    if let known = table.withLock({ $0 }), known.generation == list.generation {
      return known.text
    }
    let text = BackupTable.text(list)
    table.withLock { $0 = (list.generation, text) }
    return text
  }

  /// The groups and settings that a set holds, and their version: `office.json`.
  /// Throws `.stale` if no set has it any more.
  func record(version: Int64) throws(OfficeError) -> [UInt8] {
    guard version != 0 else { return OfficeRecord().manifest }
    if let known = records.withLock({ $0[version] }) { return known }
    let list = try repository.list()
    guard let file = try repository.file(version: version) else { throw MountedTree.gone }
    let view: SetView
    if let known = open.known(showing: file, in: list) {
      view = known
    } else {
      guard let set = file.sets(in: list).last else { throw MountedTree.gone }
      view = try open.view(set.number, in: list)
    }
    let bytes = try OfficeRegistry.version(of: view).record.manifest
    records.withLock { records in
      if records.count >= BackupBranch.mostRecords { records = [:] }
      records[version] = bytes
    }
    return bytes
  }

  /// Which version of `office.json` a set shows.
  func record(of number: Int64) throws(OfficeError) -> Int64 {
    try repository.file(of: .office, in: number)?.user.version ?? 0
  }

  func path(of node: NodeID) -> String {
    switch BackupNode(node) {
    case .root: "backup"
    case .byDate: "backup/by-date"
    case .hold: "backup/hold"
    case .update: "backup/update"
    case .table: "backup/backup.txt"
    case .order(let area): "backup/update/\(area?.name ?? "all")"
    case .set(let number, let door): path(of: number, door)
    case .users(let number, let door): "\(path(of: number, door))/users"
    case .file(let version): path(of: try? repository.file(version: version))
    case .column(let area, let number): "backup of \(stamp(of: number)): \(area.name).odb"
    case .record: "backup/office.json"
    case nil: "backup/?"
    }
  }

  private func path(of number: Int64, _ door: Door) -> String {
    let name = stamp(of: number)
    switch door {
    case .latest: return "backup"
    case .byDate: return "backup/by-date/\(name)"
    case .hold: return "backup/hold/\((try? repository.list())?.numbered(number)?.set.hold ?? "?")"
    default: return "backup/\(door.rawValue) (\(name))"
    }
  }

  private func stamp(of number: Int64) -> String {
    (try? repository.list())?.numbered(number)?.set.name ?? "?"
  }

  func path(of file: FileVersion?) -> String {
    guard let file else { return "backup/?" }
    let set = (try? repository.list()).flatMap { file.sets(in: $0).last?.name }
    return "backup/by-date/\(set ?? "?")/users/\(file.user.id).udb"
  }
}
