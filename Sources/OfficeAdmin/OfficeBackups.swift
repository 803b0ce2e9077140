import BackupRepository
import Dispatch
import LiveStore
import OfficeModel
import Synchronization

/// The backups of an office that is open: its repository, who makes sets and when, who is reminded.
///
/// All calls may be made from any thread.
public final class OfficeBackups: Sendable {
  public let repository: Repository
  public let runner: BackupRunner
  public let notes: BackupNotes
  let clock: WallClock
  let audit: Journal
  private let errors: Journal
  private let plan: Mutex<(settings: OfficeSettings, calendar: OfficeCalendar)>
  /// Large archives are taken in one by one.
  let uploads = StagingGate(width: 1)
  private let isStopping = Atomic<Bool>(false)
  private let queue = DispatchQueue(label: "officefs.backup.schedule", qos: .utility)

  /// Seconds between two looks whether a backup is due; short, since a machine that slept does not count them.
  private static let interval = 30
  /// Seconds before the first: who has just mounted is served first.
  private static let grace = 120

  /// Throws `.invalid` for settings whose time zone this machine does not have.
  public init(
    store: LiveStore, repository: Repository, settings: OfficeSettings, clock: WallClock,
    audit: Journal, errors: Journal, notes: BackupNotes, jobs: JobTable = JobTable()
  ) throws(OfficeError) {
    let calendar = try settings.calendar()
    self.repository = repository
    self.clock = clock
    self.audit = audit
    self.errors = errors
    self.notes = notes
    runner = BackupRunner(
      store: store, repository: repository, calendar: calendar, clock: clock, audit: audit,
      notes: notes, jobs: jobs)
    plan = Mutex((settings, calendar))
  }

  /// Takes changed settings: from now on they count.
  public func use(_ settings: OfficeSettings) throws(OfficeError) {
    let calendar = try settings.calendar()
    plan.withLock { $0 = (settings, calendar) }
    runner.use(calendar)
  }

  /// Looks from two minutes on, every half a minute, whether a backup is due; with `seconds`, after each so many.
  public func start(waiting seconds: Int? = nil) {
    lookAgain(after: seconds ?? OfficeBackups.grace, every: seconds ?? OfficeBackups.interval)
  }

  private func lookAgain(after seconds: Int, every interval: Int) {
    queue.asyncAfter(deadline: .now() + .seconds(seconds)) { [weak self] in
      guard let self, !self.isStopping.load(ordering: .acquiring) else { return }
      self.look()
      self.lookAgain(after: interval, every: interval)
    }
  }

  /// The settings that count now.
  var settings: OfficeSettings { plan.withLock { $0.settings } }

  /// Lets the sets go whose time is over, and makes the scheduled backup if it is due. If that fails it is noted, for health, and logged, and tried again in an
  /// hour.
  public func look() {
    expire()
    do throws(OfficeError) {
      let (settings, calendar) = plan.withLock { $0 }
      let last = notes.last(of: nil)
      guard
        settings.backup.isDue(
          at: clock.seconds, calendar, sets: try repository.sets(),
          failed: last?.failure == nil ? nil : last?.seconds)
      else { return }
      _ = try runner.backUp(process: "scheduled", caller: "officefs")
    } catch {
      errors.append("backup \(error.code) scheduled: \(error)")
    }
  }

  /// Whether a backup should be made by hand now: who of the backup group is in the office is to be asked.
  public func isReminding() throws(OfficeError) -> Bool {
    let (settings, calendar) = plan.withLock { $0 }
    return settings.backup.isReminding(at: clock.seconds, calendar, sets: try repository.sets())
  }

  /// Those of the backup group who are to be asked now, in the group's order: `reminders/`.
  public func asked(of group: [UserID]) throws(OfficeError) -> [UserID] {
    guard try isReminding() else { return [] }
    let today = today
    return group.filter { notes.skipped(by: $0) != today }
  }

  /// Does not ask this member again today.
  public func skip(_ id: UserID) { notes.skip(id, on: today) }

  private var today: Int64 { plan.withLock { $0.calendar }.day(of: clock.seconds) }

  /// Ends the backup under way without a trace and begins no other, then closes the repository.
  public func close() {
    isStopping.store(true, ordering: .releasing)
    runner.stop()
    repository.close()
  }
}
