import BackupRepository
import Foundation
import LiveStore
import OfficeAdmin
import OfficeModel
import Synchronization

/// An office whose clock is moved by hand, with a daemon that looks once an hour whether a backup is due.
final class TenDays {
  private let folder: String
  private let time: TestTime
  private let store: LiveStore
  private let repository: Repository
  let backups: OfficeBackups
  let calendar: OfficeCalendar
  /// Take effect at once.
  var settings: OfficeSettings {
    didSet { try? backups.use(settings) }
  }
  private(set) var lines: [String] = []

  private final class TestTime: Sendable {
    let seconds = Mutex<Int64>(0)
  }

  init(zone: String, beginning: Int64) throws {
    folder = "/dev/shm/officefs-days-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let time = TestTime()
    self.time = time
    time.seconds.withLock { $0 = beginning }
    let clock = WallClock { time.seconds.withLock { $0 } * 1_000_000_000 }
    try LiveStore.create(at: folder + "/live", clock: clock)
    try Repository.create(at: folder + "/backup")
    store = try LiveStore(directory: folder + "/live", clock: clock)
    repository = try Repository(at: folder + "/backup")
    calendar = try OfficeCalendar(zone: zone)
    settings = OfficeSettings()
    settings.timeZone = zone
    backups = try OfficeBackups(
      store: store, repository: repository, settings: settings, clock: clock,
      audit: try Journal(path: folder + "/audit.log", clock: clock),
      errors: try Journal(path: folder + "/errors.log", clock: clock),
      notes: BackupNotes(of: folder))
  }

  deinit {
    backups.close()
    store.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  var now: Int64 { time.seconds.withLock { $0 } }

  var sets: [BackupSet] { get throws { try repository.sets() } }

  /// The clock goes on, or is set to another time.
  func move(by seconds: Int64) { time.seconds.withLock { $0 += seconds } }

  /// Hours pass; at each the daemon looks.
  func pass(hours: Int) {
    for _ in 0..<hours {
      move(by: 3_600)
      look()
    }
  }

  func look() { backups.look() }

  func run(_ process: String, _ areas: Set<Area> = Set(Area.allCases)) throws {
    _ = try backups.runner.backUp(areas, process: process, caller: "test")
  }

  /// Adds the listing as it is now: slots first, then what by-date/ alone has.
  func note(_ title: String) throws {
    lines.append("\(title) (\(Stamp.text(seconds: now)))")
    for slot in 0...Rotation.last {
      guard let set = try sets.first(where: { $0.slot == slot }) else { continue }
      lines.append("  \(slot == 0 ? "latest" : "\(slot)") \(TenDays.line(set))")
    }
    for set in try sets.reversed() where set.slot == nil {
      lines.append("  by-date \(TenDays.line(set))")
    }
  }

  private static func line(_ set: BackupSet) -> String {
    let areas =
      set.areas.count == Area.allCases.count
      ? "" : " " + set.areas.sorted().map(\.name).joined(separator: ",")
    let day = set.day.map { day in
      let date = Stamp.civil(days: day)
      return "day \(date.year)-\(date.month)-\(date.day)"
    }
    return "\(set.number) \(set.name) \(set.process)\(areas) \(day ?? "no day")"
  }
}
