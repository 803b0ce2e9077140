import BackupRepository
import LiveStore
import OfficeModel

/// Backs the office up into its repository.
///
/// All calls may be made from any thread; one that finds a backup running throws `.busy`.
public struct BackupRunner: Sendable {
  private let store: LiveStore
  private let repository: Repository
  private let calendar: OfficeCalendar
  private let clock: WallClock
  private let audit: Journal
  private let newName: @Sendable () -> Int64

  /// `newName` gives a random number for each backup, never 0.
  public init(
    store: LiveStore, repository: Repository, calendar: OfficeCalendar, clock: WallClock,
    audit: Journal,
    newName: @escaping @Sendable () -> Int64 = { Int64.random(in: 1...Int64.max) }
  ) {
    self.store = store
    self.repository = repository
    self.calendar = calendar
    self.clock = clock
    self.audit = audit
    self.newName = newName
  }

  /// Makes a set of the office as it is now; returns when it is durable and in its slot.
  public func run(
    _ areas: Set<Area> = Set(Area.allCases), process: String, caller: String
  ) throws(OfficeError) -> BackupResult {
    try make(of: try store.view(), areas, process: process, caller: caller)
  }

  /// The same, then compares the whole set with the office, byte by byte. Each difference is a defect; the cells that
  /// differ are copied anew into one more set.
  public func runComparing(
    process: String, caller: String, progress: (Int64, Int64) -> Void
  ) throws(OfficeError) -> BackupResult {
    let view = try store.view()
    let areas = Set(Area.allCases)
    var result = try make(of: view, areas, process: process, caller: caller)
    let set = try repository.view(of: result.set)
    let found = try ViewComparison.differences(of: set, and: view, in: areas, progress: progress)
    guard !found.isEmpty else { return result }
    for (name, reason) in found {
      result.defects.append(
        Fault(
          reason: "\(name) \(reason)",
          files: ["backup/by-date/\(result.set.name)/users/\(name.id).udb"]))
    }
    let repaired = try make(
      of: view, areas, process: process, caller: caller, again: found.map(\.name))
    return BackupResult(set: repaired.set, defects: result.defects + repaired.defects)
  }

  private func make(
    of view: LiveView, _ areas: Set<Area>, process: String, caller: String,
    again: [CellName] = []
  ) throws(OfficeError) -> BackupResult {
    let now = clock.now()
    let seconds = now >= 0 ? now / 1_000_000_000 : (now - 999_999_999) / 1_000_000_000
    let name = newName()
    let isKnown = try store.beginBackup(name, after: try repository.newest()?.backup ?? 0)
    var plan = BackupPlan(
      areas: areas, process: process, seconds: seconds, day: calendar.day(of: seconds),
      name: name, isKnown: isKnown)
    plan.again = again
    let result = try repository.backUp(view, plan)
    try store.finishBackup(name, watermark: repository.watermark())
    let what =
      areas.count == Area.allCases.count
      ? "everything" : areas.sorted().map(\.name).joined(separator: ", ")
    audit.append(
      "\(caller) backed up \(what) as \(result.set.name): \(result.set.users) users, "
        + "\(result.set.changed) changed items, \(result.set.added) new bytes")
    return result
  }
}
