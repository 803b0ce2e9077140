import Foundation
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import ItemStore
@testable import LiveStore
@testable import OfficeAdmin

/// An office with groups, settings, backups and restores, in memory.
final class RestoreOffice {
  let office: BackupOffice
  let registry: OfficeRegistry
  let restores: OfficeRestores
  let transfer: Transfer

  /// With `other` another server's office, that has nothing yet, over the repository of that one.
  init(over other: BackupOffice? = nil) throws {
    let office = try BackupOffice(over: other)
    self.office = office
    let clock = office.wall
    let journal = try Journal(path: office.folder + "/audit.log", clock: clock)
    registry = try OfficeRegistry(
      store: office.store, clock: clock, audit: journal, errors: journal)
    restores = OfficeRestores(
      store: office.store, backups: office.backups, registry: registry, clock: clock,
      audit: journal)
    transfer = Transfer(
      store: office.store, settings: registry.settings, spool: office.store.directory.spool,
      audit: journal, gate: registry.gate)
  }

  var store: LiveStore { office.store }

  /// A full set of the office as it is now.
  func backUp() throws -> BackupSet {
    office.clock += 60
    return try office.backups.runner.backUp(process: "manual", caller: "test").set
  }

  /// Everything of a set.
  func everything(of set: BackupSet, removesOthers: Bool = false) throws -> RestoreChoice {
    let users = try office.repository.view(of: set).users().map(\.id)
    return RestoreChoice(
      areas: Set(Area.allCases), users: Set(users), removesOthers: removesOthers)
  }

  /// Plans and runs.
  @discardableResult
  func restore(_ set: BackupSet, _ choice: RestoreChoice) throws -> RestoreResult {
    try run(try restores.plan(set, choice))
  }

  /// Carries a plan out.
  @discardableResult
  func run(
    _ plan: RestorePlan, holding quiet: WriterGate.Quiet? = nil
  ) throws -> RestoreResult {
    try restores.run(plan, caller: "test", holding: quiet)
  }

  /// Replaces a user's cell by these items.
  func put(
    _ items: [String: [UInt8]], in area: Area = .messages, of id: String, mtime: Int64 = 7
  ) throws {
    let stage = try store.stage()
    let cell = try stage.cell(area, mtime: mtime)
    if area.format == .table, !items.isEmpty {
      try cell.write(Array("header\n".utf8))
      try cell.end(ItemKey(order: [0], natural: []))
    }
    for (key, content) in items.sorted(by: { $0.key < $1.key }) {
      try cell.write(content)
      try cell.end(ItemKey(order: [1], natural: Array(key.utf8)))
    }
    _ = try cell.seal()
    _ = try store.publish(stage, as: UserID(id), by: "test")
  }

  /// What the office shows: each cell's time and bytes by `id/area`.
  func contents() throws -> [String: Digest] { try RestoreOffice.contents(of: store.view()) }

  /// The same of any view; a set's nine cells of each user.
  static func contents(of view: any OfficeView) throws -> [String: Digest] {
    var contents: [String: Digest] = [:]
    for user in try view.users() {
      for (area, cell) in zip(Area.allCases, try view.cells(of: user.number)) {
        contents["\(user.id)/\(area.name)"] = try digest(of: cell, in: view)
      }
    }
    return contents
  }

  /// Of a cell's time and bytes as they are read, compared with what its row says.
  private static func digest(of cell: CellState, in view: any OfficeView) throws -> Digest {
    var bytes = [UInt8](repeating: 0, count: Int(cell.size))
    if !bytes.isEmpty { try bytes.withUnsafeMutableBytes { try view.read(cell, at: 0, into: $0) } }
    #expect(Digest(of: bytes) == cell.digest)
    return Digest(of: Array("\(cell.mtime) ".utf8) + bytes)
  }

  /// The office's database can't grow beyond as many pages, or beyond what it has.
  func limitOffice(pages: Int) throws {
    try store.items.write(urgent: true) { connection throws(OfficeError) in
      try connection.execute("PRAGMA max_page_count=\(pages)")
    }
  }

  /// Waits for what is dropped to be swept.
  func settle() throws {
    store.sweeper.wait()
    try store.sweepNow()
  }

  /// The first value of a query of the office's database.
  func value(_ sql: String) throws -> Int64 {
    try store.items.read { connection throws(OfficeError) in try connection.value(sql) ?? 0 }
  }

  /// Both databases are sound.
  func verify() throws {
    #expect(try store.verify { _, _ in } == [])
    #expect(try office.repository.verify { _, _ in } == [])
  }
}
