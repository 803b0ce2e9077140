import ItemStore
import OfficeModel

/// The one transaction that makes a set of what a job has staged: rows only, nothing of it visible before.
struct BackupCommit {
  private let job: BackupJob
  private let connection: Connection
  private var areas: [SetArea]
  private var set: BackupSet

  private static let page = 1_000

  init(_ job: BackupJob, in connection: Connection) throws(OfficeError) {
    self.job = job
    self.connection = connection
    areas = job.areas
    let sets = try job.repository.rows.listed(in: connection)
    let last = sets.filter { $0.chain == 0 }.map(\.stamp).max() ?? .min
    set = BackupSet(
      number: job.number, chain: 0, stamp: max(job.plan.seconds, last == .min ? last : last + 1),
      process: job.plan.process, areas: job.plan.areas)
    set.backup = job.plan.name
    set.changed = job.changed
    set.added = job.copy.added
    set.users = job.before?.users ?? 0
  }

  mutating func run() throws(OfficeError) -> BackupSet {
    try openCells()
    for cell in job.closed { try close(cell.area, of: cell.user) }
    for delta in job.deltas {
      try StorageChanges.merge(delta, at: job.number, in: connection)
    }
    for (user, file) in job.touched.sorted(by: { $0.key < $1.key }) {
      try renewFile(of: UserNumber(rawValue: user), file)
    }
    for index in areas.indices {
      if job.plan.areas.contains(areas[index].area) {
        areas[index].updated = job.number
        areas[index].stamp = set.stamp
        areas[index].seen = job.feed.number
      } else {
        let base = job.baseAreas[index]
        (areas[index].updated, areas[index].stamp) = (base.updated, base.stamp)
        areas[index].seen = job.plan.isKnown ? base.seen : -1
      }
      try TotalTable.insert(areas[index], of: job.number, in: connection)
    }
    try rotate()
    try SetTable.save(set, .listed, in: connection)
    try job.repository.expire(at: set.stamp, in: connection)
    return set
  }

  // The rows stand there already; those that they replace end now.
  private mutating func openCells() throws(OfficeError) {
    var place = (area: Int64(0), user: Int64(0))
    while true {
      let rows = try CellTable.born(
        at: job.number, chain: 0, beyond: place, limit: BackupCommit.page, in: connection)
      guard let last = rows.last else { return }
      for row in rows {
        try close(row.area, of: row.user)
        let id = try NameTable.id(of: row.user, in: connection)
        areas[index(row.area)].add(row.state, of: id, count: 1)
      }
      place = (Int64(last.area.rawValue), last.user.rawValue)
    }
  }

  private mutating func close(_ area: Area, of user: UserNumber) throws(OfficeError) {
    guard
      var old = try CellTable.cell(
        area, of: user, chain: 0, at: job.number - 1, in: connection)
    else { return }
    let id = try NameTable.id(of: user, in: connection)
    areas[index(area)].add(old.state, of: id, count: -1)
    old.died = job.number
    try CellTable.save(old, in: connection)
  }

  private mutating func renewFile(
    of user: UserNumber, _ live: BackupJob.LiveFile
  ) throws(OfficeError) {
    let id = try NameTable.id(of: user, in: connection)
    var sums = live.sums
    if sums == nil {
      let cells = try CellTable.cells(of: user, chain: 0, at: job.number, in: connection)
      if cells.contains(where: { $0 != nil }) {
        sums = CellSums(cells.map { $0 ?? .empty }, of: id)
      }
    }
    let old = try FileTable.file(of: user, chain: 0, at: job.number - 1, in: connection)
    if var ended = old {
      ended.died = job.number
      try FileTable.save(ended, in: connection)
      if id != .office { set.users -= 1 }
    }
    guard let sums else { return }
    var time = live.mtime ?? set.stamp * 1_000_000_000
    if let latest = try FileTable.latestTime(of: user, chain: 0, ifAnyIs: time, in: connection) {
      let second = max(set.stamp, latest / 1_000_000_000 + 1)
      time = min(second, .max / 1_000_000_000) * 1_000_000_000
    }
    try FileTable.insert(
      FileRow(
        version: 0, chain: 0, user: user, born: job.number, died: ItemSchema.never, mtime: time,
        padded: sums.padded, large: sums.large),
      in: connection)
    if id != .office { set.users += 1 }
  }

  private mutating func rotate() throws(OfficeError) {
    if let seconds = job.plan.keptBeside {
      set.until = set.stamp + seconds
      return
    }
    let sets = try job.repository.rows.listed(in: connection).filter { $0.chain == 0 }
    let outcome = Rotation.adding(full: job.plan.isFull, on: job.plan.day, to: sets)
    for var old in sets {
      guard let slot = outcome.moved[old.number] else { continue }
      old.slot = slot
      if slot == nil {
        // A set that leaves its slot is dropped now or in a week, unless it is held.
        old.until = old.number == outcome.replaced ? set.stamp + Rotation.kept : set.stamp
      }
      try SetTable.save(old, .listed, in: connection)
    }
    set.slot = Rotation.latest
    set.day = outcome.day
  }

  private func index(_ area: Area) -> Int { Int(area.rawValue) - 1 }
}

extension Repository {
  /// Makes a set of what the office shows. What others write meanwhile is not in it and waits for nothing.
  ///
  /// Either the set is there, in its slot, when this returns, or nothing changed. Throws `.busy` if one is being made,
  /// `.noSpace` if the repository's disk is full, `.interrupted` soon after `isCancelled` turns true. `progress` is given
  /// the users looked at and those to look at.
  public func backUp(
    _ feed: any ChangeFeed, _ plan: BackupPlan, isCancelled: @escaping () -> Bool = { false },
    progress: (Int64, Int64) -> Void = { _, _ in }
  ) throws(OfficeError) -> BackupResult {
    try beginBackup()
    defer { endBackup() }
    // One that failed may have found no room to clear away what it had stored.
    for set in try unfinished() where set.chain == 0 { try remove(unfinished: set) }
    let number = try items.write(urgent: true) { connection throws(OfficeError) in
      try SetTable.reserve(chain: 0, in: connection)
    }
    let job = try BackupJob(self, feed, plan, number: number, isCancelled: isCancelled)
    do throws(OfficeError) {
      try job.stage(progress: progress)
      let set = try commit(mayUseReserve: false) { connection throws(OfficeError) in
        var commit = try BackupCommit(job, in: connection)
        return try commit.run()
      }
      noteDropped()
      return BackupResult(set: set, defects: job.defects)
    } catch {
      giveUp(job)
      throw error
    }
  }

  func beginBackup() throws(OfficeError) {
    let isFree = state.withLock { state in
      defer { state.isBackingUp = true }
      return !state.isBackingUp
    }
    guard isFree else { throw OfficeError(.busy, "a backup is running") }
  }

  func endBackup() { state.withLock { $0.isBackingUp = false } }

  /// Has the backup under way, and every later one, end with `.interrupted` at its next step: before `close`.
  public func stopBackups() { isEnding.store(true, ordering: .releasing) }

  func assertGoesOn() throws(OfficeError) {
    guard !isEnding.load(ordering: .acquiring) else {
      throw OfficeError(
        .interrupted, "the office was unmounted during the backup",
        remedy: "mount it; the backup is then made anew")
    }
  }

  // If this fails, the next start does it.
  private func giveUp(_ job: BackupJob) {
    _ = try? items.write(urgent: false, mayUseReserve: true) { connection throws(OfficeError) in
      try StorageChanges.dropStaged(job.copy.unfinished, in: connection)
    }
    try? remove(
      unfinished: BackupSet(number: job.number, chain: 0, stamp: 0, process: "", areas: []))
    sweep()
  }
}
