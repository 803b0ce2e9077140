import BackupRepository
import Foundation
import LiveStore
import OfficeModel
import TestSupport

/// An office and its repository, each in a folder of its own, with a clock that the test moves.
final class RepositoryFixture {
  /// Items by key, for each user and area.
  typealias Office = [String: [Area: [String: [UInt8]]]]

  let folder: String
  private(set) var store: LiveStore
  private(set) var repository: Repository
  private var names: Int64 = 0

  /// In memory, where a commit costs no disk's time: what is tested here is not durability.
  init(onDisk: Bool = false) throws {
    let root = onDisk ? FileManager.default.temporaryDirectory.path : "/dev/shm"
    folder = root + "/officefs-backup-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try LiveStore.create(at: folder + "/live", clock: .system)
    try Repository.create(at: folder + "/backup")
    store = try LiveStore(directory: folder + "/live", clock: .system)
    repository = try Repository(at: folder + "/backup")
  }

  deinit {
    store.close()
    repository.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func reopenStore() throws {
    store.close()
    store = try LiveStore(directory: folder + "/live", clock: .system)
  }

  func reopenRepository() throws {
    repository.close()
    repository = try Repository(at: folder + "/backup")
  }

  private var log: URL { URL(filePath: folder + "/backup/backup.db-wal") }

  /// Bytes of the repository's log.
  func logSize() throws -> Int { try Data(contentsOf: log).count }

  /// Damages the frame of the log that holds the byte at `offset`, in the copy that `damaged` opens.
  func damageLog(from offset: Int) throws {
    try FileManager.default.copyItem(atPath: folder + "/backup", toPath: folder + "/damaged")
    let copy = URL(filePath: folder + "/damaged/backup.db-wal")
    var bytes = try Data(contentsOf: copy)
    bytes[offset] ^= 0xFF
    try bytes.write(to: copy)
  }

  /// Opens the copy of which the log is damaged.
  func damaged(_ body: (Repository) throws -> Void) throws {
    let repository = try Repository(at: folder + "/damaged")
    defer { repository.close() }
    try body(repository)
  }

  /// Backs up as the program does, with the handshake of names.
  @discardableResult
  func backUp(
    _ areas: Set<Area> = Set(Area.allCases), day: Int64 = 20_000, seconds: Int64 = 0,
    finishing: Bool = true, keptBeside: Int64? = nil
  ) throws -> BackupResult {
    names += 1
    let last = try repository.list().newest?.set.backup ?? 0
    let isKnown = try store.beginBackup(names, after: last)
    var plan = BackupPlan(
      areas: areas, process: "manual", seconds: seconds, day: day, name: names, isKnown: isKnown)
    plan.keptBeside = keptBeside
    let result = try repository.backUp(try store.view(), plan)
    if finishing { try store.finishBackup(names, watermark: repository.watermark()) }
    return result
  }

  /// Stages what an archive of `office` would hold.
  func stage(_ office: Office) throws -> UploadStage {
    let stage = try repository.stageUpload()
    for (id, cells) in office.sorted(by: { $0.key < $1.key }) {
      for (area, items) in cells.sorted(by: { $0.key < $1.key }) {
        let sink = try stage.cell(UserID(stored: id), area, mtime: 7)
        for (key, content) in items.sorted(by: { $0.key < $1.key }) {
          try sink.write(content)
          try sink.end(ItemKey(natural: Array(key.utf8)))
        }
        try stage.seal()
      }
    }
    return stage
  }

  /// Uploads it; `content` stands for what is in the archive.
  @discardableResult
  func upload(
    _ office: Office, as name: String, stamp: Int64 = 5, at now: Int64 = 10, until: Int64 = 20,
    content: String? = nil
  ) throws -> BackupSet {
    let fingerprint = content.map { Digest(of: Array($0.utf8)) }
    return try repository.publish(
      try stage(office),
      as: UploadOrigin(name: ArchiveName(name), area: nil, fingerprint: fingerprint), stamp: stamp,
      at: now, until: until
    ).set
  }

  /// Imports cells of a user; those not named stay.
  func publish(_ cells: [Area: [String: [UInt8]]], as id: String) throws {
    try RepositoryFixture.publish(cells, as: id, in: store)
  }

  static func publish(
    _ cells: [Area: [String: [UInt8]]], as id: String, in store: LiveStore
  ) throws {
    let stage = try store.stage()
    for (area, items) in cells.sorted(by: { $0.key < $1.key }) {
      let cell = try stage.cell(area, mtime: 7)
      for (key, content) in items.sorted(by: { $0.key < $1.key }) {
        try cell.write(content)
        try cell.end(ItemKey(natural: Array(key.utf8)))
      }
      _ = try cell.seal()
    }
    _ = try store.publish(stage, as: UserID(id), by: "test")
  }

  /// What a view's cell of a user reads as; nil where the area does not have the user.
  static func document(
    _ view: any OfficeView, _ id: String, _ area: Area
  ) throws -> [UInt8]? {
    guard let user = try view.user(UserID(id)) else { return nil }
    let index = Area.allCases.firstIndex(of: area) ?? 0
    return try document(view, try view.cells(of: user.number)[index])
  }

  static func document(_ view: any OfficeView, _ cell: CellState) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(cell.size))
    if !bytes.isEmpty {
      try bytes.withUnsafeMutableBytes { try view.read(cell, at: 0, into: $0) }
    }
    return bytes
  }

  /// What a document of these items is.
  static func document(of items: [String: [UInt8]]) -> [UInt8] {
    items.sorted { $0.key < $1.key }.flatMap(\.value)
  }
}
