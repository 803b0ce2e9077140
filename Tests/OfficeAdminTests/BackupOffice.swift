import Foundation
import LiveStore
import OfficeAdmin
import OfficeModel
import Synchronization

@testable import BackupRepository
@testable import ItemStore

/// An office with its backups, in memory, whose clock a test moves.
final class BackupOffice {
  let folder: String
  let store: LiveStore
  let repository: Repository
  let jobs = JobTable()
  let backups: OfficeBackups
  /// Whose repository it has.
  private let other: BackupOffice?
  private let time: Time
  let wall: WallClock

  private final class Time: Sendable {
    let seconds = Mutex<Int64>(0)
  }

  /// `beginning` is in seconds since 1970. With `other` it is another office over the repository of that one.
  init(
    settings: OfficeSettings = OfficeSettings(), beginning: Int64 = 1_780_308_000,
    over other: BackupOffice? = nil
  ) throws {
    self.other = other
    folder = "/dev/shm/officefs-backups-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let time = Time()
    self.time = time
    time.seconds.withLock { $0 = beginning }
    let clock = WallClock { time.seconds.withLock { $0 } * 1_000_000_000 }
    wall = clock
    try LiveStore.create(at: folder + "/live", clock: clock)
    store = try LiveStore(directory: folder + "/live", clock: clock)
    if let other {
      repository = other.repository
    } else {
      try Repository.create(at: folder + "/backup")
      repository = try Repository(at: folder + "/backup")
    }
    backups = try OfficeBackups(
      store: store, repository: repository, settings: settings, clock: clock,
      audit: try Journal(path: folder + "/audit.log", clock: clock),
      errors: try Journal(path: folder + "/errors.log", clock: clock),
      notes: BackupNotes(of: folder), jobs: jobs)
  }

  deinit {
    backups.close()
    store.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Seconds since 1970.
  var clock: Int64 {
    get { time.seconds.withLock { $0 } }
    set { time.seconds.withLock { $0 = newValue } }
  }

  /// Imports one to-do of a user.
  func publish(_ text: String, as id: String) throws {
    let stage = try store.stage()
    let cell = try stage.cell(.todo, mtime: 1)
    try cell.write(Array(text.utf8))
    try cell.end(ItemKey(natural: Array("key".utf8)))
    _ = try cell.seal()
    _ = try store.publish(stage, as: UserID(id), by: "test")
  }

  /// Fills the repository's disk: it can't grow until `makeRoom`.
  func fillRepository() throws {
    try repository.items.write(urgent: true) { connection throws(OfficeError) in
      let pages = try connection.value("PRAGMA page_count") ?? 1
      try connection.execute("PRAGMA max_page_count=\(pages)")
    }
  }

  func makeRoom() throws {
    try repository.items.write(urgent: true) { connection throws(OfficeError) in
      try connection.execute("PRAGMA max_page_count=1000000")
    }
  }

  func health() throws -> String {
    let backups = BackupHealth(repository: repository, notes: backups.notes, clock: wall)
    return try Health(of: store, backups: backups).text
  }
}
