import BackupRepository
import LiveStore
import OfficeModel
import Synchronization

/// Backs the office up into its repository, one backup at a time.
///
/// All calls may be made from any thread, and wait for those before. Each throws `.noSpace` if the repository's disk is
/// full, `.inputOutput` on damage, `.readOnly` after that; then no set was made and no slot has turned.
public final class BackupRunner: Sendable {
  private let store: LiveStore
  private let repository: Repository
  private let clock: WallClock
  private let audit: Journal
  private let notes: BackupNotes
  private let jobs: JobTable
  private let newName: @Sendable () -> Int64
  private let state: Mutex<State>
  /// Backups wait here for their turn.
  private let line = TurnLine()

  private struct State {
    var calendar: OfficeCalendar
    /// What has not begun: who asks for the same meanwhile shares it.
    var waiting: [Set<Area>: Turn] = [:]
    var job: Job?
  }

  /// One backup for all who asked before it began.
  private final class Turn: Sendable {
    let result = Mutex<Result<BackupResult, OfficeError>?>(nil)
  }

  /// `newName` gives a random number for each backup, never 0.
  public init(
    store: LiveStore, repository: Repository, calendar: OfficeCalendar, clock: WallClock,
    audit: Journal, notes: BackupNotes, jobs: JobTable = JobTable(),
    newName: @escaping @Sendable () -> Int64 = { Int64.random(in: 1...Int64.max) }
  ) {
    self.store = store
    self.repository = repository
    self.clock = clock
    self.audit = audit
    self.notes = notes
    self.jobs = jobs
    self.newName = newName
    state = Mutex(State(calendar: calendar))
  }

  /// Whose days count from the next backup on.
  public func use(_ calendar: OfficeCalendar) { state.withLock { $0.calendar = calendar } }

  /// Makes a set of the office as it is now; returns when it is durable, in its slot, and the repository's observers
  /// know. It waits for a backup that has begun; all who wait for the same areas share the next one. How it ended is in
  /// the notes and, if it was done, in the audit log.
  public func backUp(
    _ areas: Set<Area> = Set(Area.allCases), process: String, caller: String
  ) throws(OfficeError) -> BackupResult {
    let turn = state.withLock { state in
      let turn = state.waiting[areas] ?? Turn()
      state.waiting[areas] = turn
      return turn
    }
    let result = try line.take { () throws(OfficeError) in
      if let known = turn.result.withLock({ $0 }) { return known }
      // From here on the office's state is taken: who comes later needs another backup.
      state.withLock { $0.waiting[areas] = nil }
      let result = attempt(areas, process, caller) { () throws(OfficeError) in
        try make(of: try store.view(), areas, process: process, caller: caller)
      }
      turn.result.withLock { $0 = result }
      return result
    }
    return try result.get()
  }

  /// Makes a full set of the office before a restore replaces some of it: in no slot, kept for `seconds`. It is noted
  /// nowhere but in the audit log, since it is no backup that anybody waits for. Throws `.interrupted`, with nothing
  /// made, soon after `isCancelled` turns true.
  func backUpBeforeRestore(
    keptFor seconds: Int64, caller: String, isCancelled: @escaping () -> Bool
  ) throws(OfficeError) -> BackupResult {
    let areas = Set(Area.allCases)
    let process = BackupSet.beforeRestore
    let result = try line.take(isCancelled: isCancelled) { () throws(OfficeError) in
      attempt(areas, process, caller, isNoted: false) { () throws(OfficeError) in
        try make(
          of: try store.view(), areas, process: process, caller: caller, keptBeside: seconds,
          isCancelled: isCancelled)
      }
    }
    return try result.get()
  }

  /// Backs up everything, then compares the whole set with the office, byte by byte. Each difference is a defect; the
  /// cells that differ are copied anew into one more set. `progress` is given the bytes compared and those to compare.
  public func backUpComparing(
    process: String, caller: String, progress: (Int64, Int64) -> Void
  ) throws(OfficeError) -> BackupResult {
    let areas = Set(Area.allCases)
    let result = try line.take { () throws(OfficeError) in
      attempt(areas, process, caller) { () throws(OfficeError) in
        try compare(areas, process: process, caller: caller, progress: progress)
      }
    }
    return try result.get()
  }

  /// Ends the backup under way at its next step, with `.interrupted`, and lets none begin; returns once it has ended.
  func stop() {
    repository.stopBackups()
    line.wait()
  }

  private func compare(
    _ areas: Set<Area>, process: String, caller: String, progress: (Int64, Int64) -> Void
  ) throws(OfficeError) -> BackupResult {
    let view = try store.view()
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

  private func attempt(
    _ areas: Set<Area>, _ process: String, _ caller: String, isNoted: Bool = true,
    _ body: () throws(OfficeError) -> BackupResult
  ) -> Result<BackupResult, OfficeError> {
    let job = jobs.begin("\(process) backup of \(BackupRunner.text(areas))", by: caller)
    state.withLock { $0.job = job }
    let result: Result<BackupResult, OfficeError>
    do throws(OfficeError) {
      result = .success(try body())
    } catch {
      result = .failure(error)
    }
    state.withLock { $0.job = nil }
    var outcome = BackupOutcome(seconds: clock.seconds, process: process)
    switch result {
    case .success(let made): outcome.set = made.set.name
    case .failure(let error): outcome.failure = "\(error)"
    }
    if isNoted { notes.note(outcome, of: areas) }
    job.end(outcome.result)
    return result
  }

  private func make(
    of view: LiveView, _ areas: Set<Area>, process: String, caller: String,
    again: [CellName] = [], keptBeside: Int64? = nil,
    isCancelled: @escaping () -> Bool = { false }
  ) throws(OfficeError) -> BackupResult {
    let seconds = clock.seconds
    let name = newName()
    let isKnown = try store.beginBackup(
      name, after: try repository.list().newest?.set.backup ?? 0)
    let day = state.withLock { $0.calendar }.day(of: seconds)
    var plan = BackupPlan(
      areas: areas, process: process, seconds: seconds, day: day, name: name, isKnown: isKnown)
    plan.again = again
    plan.keptBeside = keptBeside
    let result = try repository.backUp(view, plan, isCancelled: isCancelled) { done, total in
      state.withLock { $0.job }?.note(done, of: total)
    }
    // The set is there. What keeps the office from writing this down is told by its own health; the next backup's
    // name tells it then.
    try? store.finishBackup(name, watermark: repository.watermark())
    audit.append(
      "\(caller) backed up \(BackupRunner.text(areas)) as \(result.set.name): \(result.set.users) users, "
        + "\(result.set.changed) changed items, \(result.set.added) new bytes")
    return result
  }

  private static func text(_ areas: Set<Area>) -> String {
    areas.count == Area.allCases.count
      ? "everything" : areas.sorted().map(\.name).joined(separator: ", ")
  }
}
