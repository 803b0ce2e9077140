import BackupRepository
import LiveStore
import OfficeArchive
import OfficeModel
import Synchronization

/// Restores of an office that is open: a plan says what one would do, a run does exactly that or nothing.
///
/// All calls block and may be made from any thread; one restore runs at a time.
public final class OfficeRestores: Sendable {
  /// What holds other changes off.
  public let gate: WriterGate
  private let store: LiveStore
  private let backups: OfficeBackups
  private let registry: OfficeRegistry
  private let clock: WallClock
  private let audit: Journal
  private let isRunning = Atomic<Bool>(false)

  /// For how long the set that a restore makes of the state before it is kept, in seconds.
  public static let keptBefore: Int64 = 30 * 86_400

  public init(
    store: LiveStore, backups: OfficeBackups, registry: OfficeRegistry, clock: WallClock,
    audit: Journal
  ) {
    self.store = store
    self.backups = backups
    self.registry = registry
    self.clock = clock
    self.audit = audit
    gate = registry.gate
  }

  /// The areas that a set has: what can be chosen. Throws `.stale` if it is gone.
  public func areas(of set: BackupSet) throws(OfficeError) -> [Area] {
    try backups.repository.areas(of: set).filter { $0.updated != 0 }.map(\.area)
  }

  /// Whether a set has groups and settings: those of our own have, be it none. Throws `.stale` if it is gone.
  public func hasOffice(_ set: BackupSet) throws(OfficeError) -> Bool {
    try hasOffice(set, try backups.repository.view(of: set))
  }

  private func hasOffice(_ set: BackupSet, _ archive: SetView) throws(OfficeError) -> Bool {
    if set.chain == 0 { return true }
    return try archive.user(.office) != nil
  }

  /// Finds out what restoring `choice` from a set would do, to the last object. What can't be carried out has no code,
  /// and `refusals` say why. Takes time in proportion to the chosen cells, and to the items of those that differ; it blocks
  /// nobody. Throws `.stale` if the set is gone, `.newerFormat`, `.interrupted` soon after `isCancelled` turns true.
  public func plan(
    _ set: BackupSet, _ choice: RestoreChoice,
    progress: (RestoreProgress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws(OfficeError) -> RestorePlan {
    guard set.format <= BackupSet.currentFormat else {
      throw OfficeError(
        .newerFormat,
        "format \(set.format) is newer than this officefs, which reads up to \(BackupSet.currentFormat)",
        item: set.name, remedy: "update officefs")
    }
    let archive = try backups.repository.view(of: set)
    let seconds = clock.seconds
    // The office's own version first: if it changes before the view is taken, carrying the plan out is refused.
    let office = registry.current
    let basis = try store.view()
    var planning = RestorePlanning(
      choice, of: archive, over: basis, in: store, officeVersion: office.number,
      isCancelled: isCancelled)
    try planning.run { done, total in
      progress(RestoreProgress(step: .comparing, done: done, total: total))
    }
    try planning.compareOffice(office.record, isHeld: try hasOffice(set, archive))
    let space = RestorePlan.Space(
      needed: planning.bytes, free: try store.diskSpace().free,
      repositoryFree: try backups.repository.diskSpace().free)
    return RestorePlan(
      planning, set: set, seconds: seconds, space: space,
      refusals: planning.refusals + (try refusals(of: set, choice, space)), code: planning.code)
  }

  private func refusals(
    of set: BackupSet, _ choice: RestoreChoice, _ space: RestorePlan.Space
  ) throws(OfficeError) -> [OfficeError] {
    var refusals: [OfficeError] = []
    let missing = choice.areas.subtracting(try areas(of: set))
    if !missing.isEmpty {
      let names = missing.sorted().map(\.name).joined(separator: ", ")
      refusals.append(
        OfficeError(
          .invalid, "the archive does not have \(names)", remedy: "rm what it does not have"))
    }
    if choice.removesOthers && choice.areas.count < Area.allCases.count {
      refusals.append(
        OfficeError(
          .invalid, "users who are not in the archive can be removed with all nine areas only",
          remedy: "touch the other areas, or rm remove-others"))
    }
    let hasCells = !choice.areas.isEmpty && !choice.users.isEmpty
    if !hasCells && !choice.groups && !choice.settings && !choice.removesOthers {
      refusals.append(OfficeError(.invalid, "nothing is chosen"))
    }
    if space.needed > space.free {
      refusals.append(
        OfficeError(
          .noSpace, "the disk of the data directory has not enough room",
          remedy: "free space, or choose less"))
    }
    return refusals
  }

  /// Carries a plan out: keeps the state before it as a set, copies what is missing, and shows all of it in one commit.
  /// What is replaced is in undo too. `quiet` is the caller's own, if one holds.
  ///
  /// If it throws, nothing of the office has changed, but for `.inputOutput`: then it may be there, now or after the next
  /// start, and nothing more is written. `.stale` if a chosen cell has changed since the plan was made,
  /// `.busy` if another restore runs, another quiet holds, or changes under way do not end, `.invalid` for a plan that
  /// can't be carried out, `.noSpace`, `.interrupted` soon after `isCancelled` turns true.
  public func run(
    _ plan: RestorePlan, caller: String, holding quiet: WriterGate.Quiet? = nil,
    progress: (RestoreProgress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws(OfficeError) -> RestoreResult {
    if let refusal = plan.refusals.first { throw refusal }
    guard !isRunning.exchange(true, ordering: .acquiringAndReleasing) else {
      throw OfficeError(.busy, "a restore is running", remedy: "wait for it to end")
    }
    defer { isRunning.store(false, ordering: .releasing) }
    let since = clock.seconds
    let order = try order(for: plan, caller: caller)
    if !plan.changesAnything { try store.awaitChange() }
    // Again in the commit itself; here so that nothing is kept of a state that stays, and nothing said of one that is gone.
    try store.assertUnchanged(since: plan.basis, order)
    guard plan.changesAnything else {
      return RestoreResult(plan, since: since, seconds: since)
    }
    progress(RestoreProgress(step: .backingUp))
    let before = try backups.runner.backUpBeforeRestore(
      keptFor: OfficeRestores.keptBefore, caller: caller, isCancelled: isCancelled
    ).set
    let restoration = store.restoration(from: plan.archive, over: plan.basis)
    do throws(OfficeError) {
      try copy(plan, to: restoration, progress: progress, isCancelled: isCancelled)
      progress(RestoreProgress(step: .publishing))
      let commit = try publish(plan, restoration, order, holding: quiet)
      let result = RestoreResult(
        plan, since: since, seconds: clock.seconds, before: before, commit: commit)
      audit.append("\(caller) \(result.auditLine)")
      return result
    } catch {
      restoration.discard()
      throw error
    }
  }

  private func copy(
    _ plan: RestorePlan, to restoration: Restoration, progress: (RestoreProgress) -> Void,
    isCancelled: () -> Bool
  ) throws(OfficeError) {
    let areas = plan.choice.areas.sorted()
    let users = plan.users.filter {
      $0.fate == .added || $0.fate == .restored && $0.counts.cells > 0
    }
    for (index, user) in users.enumerated() {
      progress(RestoreProgress(step: .copying, done: Int64(index), total: Int64(users.count)))
      if isCancelled() { throw OfficeError(.interrupted, "the restore was interrupted") }
      guard let archived = try plan.archive.user(user.id) else {
        throw OfficeError(.stale, "the archive has changed", item: user.id.text)
      }
      let held = try plan.archive.cellsHeld(of: archived.number)
      var current: [CellState]?
      if let known = try plan.basis.user(user.id) {
        current = try plan.basis.cells(of: known.number)
      }
      for area in areas {
        let cell = current?[area.index] ?? .empty
        guard let wanted = held[area.index], store.mustReplace(cell, by: wanted) else { continue }
        try restoration.put(wanted, area, of: user.id, over: cell, isCancelled: isCancelled)
      }
    }
  }

  private func order(for plan: RestorePlan, caller: String) throws(OfficeError) -> RestoreOrder {
    let choice = plan.choice
    let kept = choice.removesOthers ? Set(try plan.archive.users().map(\.id)) : []
    let chosen: (UserID) -> Set<Area> = { id in
      if choice.users.contains(id) { return choice.areas }
      return choice.removesOthers && !kept.contains(id) ? choice.areas : []
    }
    return RestoreOrder(
      users: plan.touched, chosen: chosen,
      office: choice.groups || choice.settings ? (plan.officeVersion, nil) : nil, caller: caller)
  }

  private func publish(
    _ plan: RestorePlan, _ restoration: Restoration, _ order: RestoreOrder,
    holding quiet: WriterGate.Quiet?
  ) throws(OfficeError) -> RestoreCommit {
    try gate.close(holding: quiet) { () throws(OfficeError) in
      guard !plan.officeChanges.isEmpty else { return try store.publish(restoration, order) }
      let archived = try OfficeRecord(of: plan.archive)
      return try registry.restore(archived, plan.choice, over: plan.officeVersion) {
        (stage) throws(OfficeError) in
        var order = order
        order.office = (plan.officeVersion, stage)
        let commit = try store.publish(restoration, order)
        return (commit, commit.office)
      }
    }
  }
}
