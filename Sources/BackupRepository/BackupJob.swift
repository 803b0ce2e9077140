import ItemStore
import OfficeModel

/// One backup under way: first what changed is copied ahead in bounded commits that no set shows, then one transaction
/// of rows makes the set.
///
/// INVARIANT: used by one thread; one at a time in a repository.
final class BackupJob {
  let repository: Repository
  let feed: any ChangeFeed
  let plan: BackupPlan
  /// The number that the set will have.
  let number: Int64
  let copy: StorageCopy
  /// The newest set before this one, and its areas.
  let before: BackupSet?
  let areas: [SetArea]
  /// The newest set that is no restore's, and its areas: what an area's update leaves as it is.
  let base: BackupSet?
  let baseAreas: [SetArea]

  /// Users whose files this changes.
  var touched: [Int64: LiveFile] = [:]
  /// Cells that are there no more.
  var closed: [(area: Area, user: UserNumber)] = []
  /// Staged changes of storages that stay.
  var deltas: [Int64] = []
  var changed: Int64 = 0
  var defects: [Fault] = []

  private let isCancelled: () -> Bool
  var waiting: [Waiting] = []
  private var relinked: [CellRow] = []
  private var again: Set<CellName>

  /// What is known of a user's file before the set has its cells.
  struct LiveFile {
    /// The time of the live file, if there is one.
    var mtime: Int64?
    /// Of its cells, if the set will show all of them as the office does.
    var sums: CellSums?
  }

  /// A cell whose items are all given to `copy`.
  struct Waiting {
    var name: CellName
    var file: LiveFile
    /// Its user's number is given when it is stored.
    var row: CellRow
    /// The storage being copied; 0 if the row's is there already.
    var copied: Int64
    /// What has to be in it.
    var expected: StorageCopy.Sums
    var isDelta: Bool
  }

  init(
    _ repository: Repository, _ feed: any ChangeFeed, _ plan: BackupPlan, number: Int64,
    isCancelled: @escaping () -> Bool
  ) throws(OfficeError) {
    self.repository = repository
    self.feed = feed
    self.plan = plan
    self.number = number
    self.isCancelled = isCancelled
    again = Set(plan.again)
    copy = StorageCopy(
      into: repository.items, at: number, isTrusting: plan.again.isEmpty,
      contents: { (chunks) throws(OfficeError) -> [[UInt8]] in try feed.contents(of: chunks) })
    let sets = try repository.items.read { connection throws(OfficeError) in
      try repository.rows.listed(in: connection).filter { $0.chain == 0 }
    }
    before = sets.last
    base = sets.last { $0.process != BackupSet.beforeRestore }
    areas = try repository.totals(of: before)
    baseAreas = try repository.totals(of: base)
  }

  /// Copies ahead.
  func stage(progress: (Int64, Int64) -> Void) throws(OfficeError) {
    let commits = areas.filter { plan.areas.contains($0.area) }.map(\.seen)
    var ids: [UserID]?
    if plan.isKnown, let since = commits.min(), since >= 0 {
      ids = try feed.changedUsers(since: since)
    }
    let isComparing = ids == nil
    var chosen = ids ?? []
    if isComparing { chosen = try everyone() }
    var index = 0
    while index < chosen.count {
      let page = chosen[index...].prefix(BackupJob.usersAPage)
      for user in try users(Array(page)) {
        progress(Int64(index), Int64(chosen.count))
        try stage(user, isComparing: isComparing)
        index += 1
      }
    }
    if !isComparing { try stageAgain() }
    try flush()
    try stageOthers()
    try flush()
    // What a delta could not bring up to date is copied whole.
    try stageAgain()
    try flush()
  }

  private func stageAgain() throws(OfficeError) {
    let names = again.sorted { ($0.id, $0.area) < ($1.id, $1.area) }
    for name in names {
      for user in try users([name.id]) { try stage(user, isComparing: true, only: name.area) }
    }
  }

  // All who are in the office or in an area of the newest set, sorted; and the office itself.
  private func everyone() throws(OfficeError) -> [UserID] {
    var ids = Set(try feed.users().map(\.id))
    ids.insert(.office)
    guard let before else { return ids.sorted() }
    let view = try repository.view(of: before)
    for user in try view.users() { ids.insert(user.id) }
    return ids.sorted()
  }

  /// A user as the office and as the newest set shows them.
  private struct Staging {
    let id: UserID
    let live: (user: UserState, cells: [CellState])?
    /// The number of the id, if any set ever showed it.
    var name: UserNumber?
    /// By areas; nil also where the area is not asked for.
    var known: [CellRow?] = Area.allCases.map { _ in nil }
  }

  private func users(_ ids: [UserID]) throws(OfficeError) -> [Staging] {
    var users: [Staging] = []
    for (id, live) in zip(ids, try feed.users(ids)) { users.append(Staging(id: id, live: live)) }
    try repository.items.read { connection throws(OfficeError) in
      for index in users.indices {
        let name = try NameTable.number(of: users[index].id, in: connection)
        users[index].name = name
        guard let name else { continue }
        for (place, area) in Area.allCases.enumerated() where plan.areas.contains(area) {
          users[index].known[place] = try CellTable.cell(
            area, of: name, chain: 0, at: number - 1, in: connection)
        }
      }
    }
    return users
  }

  private func stage(
    _ user: Staging, isComparing: Bool, only: Area? = nil
  ) throws(OfficeError) {
    var file = LiveFile(mtime: user.live?.user.mtime)
    // Not those that the office says it has: the set is a second copy, and has to be right by itself.
    if plan.isFull, let live = user.live { file.sums = CellSums(live.cells, of: user.id) }
    for (index, area) in Area.allCases.enumerated()
    where plan.areas.contains(area) && (only == nil || area == only) {
      if let cell = user.live?.cells[index] {
        try stage(
          cell, of: CellName(id: user.id, area: area), over: user.known[index], file: file,
          isComparing: isComparing)
      } else if only == nil, let old = user.known[index], let name = user.name {
        closed.append((area, name))
        changed += old.state.items
        touched[name.rawValue] = file
      }
    }
    try assertGoesOn()
    if copy.isFull || waiting.count + relinked.count >= BackupJob.mostWaiting { try flush() }
  }

  private func stage(
    _ cell: CellState, of name: CellName, over known: CellRow?, file: LiveFile, isComparing: Bool
  ) throws(OfficeError) {
    let mustCopy = again.remove(name) != nil
    let isSame = known.map { $0.state.isSame(as: cell) } ?? false
    if let known, isSame, known.state.mtime == cell.mtime, !mustCopy {
      relink(known, to: cell)
      return
    }
    var row = CellRow(
      chain: 0, area: name.area, user: UserNumber(rawValue: 0), state: cell, source: cell.storage,
      seen: cell.born)
    row.state.born = number
    row.state.storage = 0
    var next = Waiting(
      name: name, file: file, row: row, copied: 0, expected: StorageCopy.Sums(), isDelta: false)
    if cell.items == 0 {
      changed += known?.state.items ?? 0
    } else if isSame && !mustCopy, let known {
      next.row.state.storage = known.state.storage
    } else if !mustCopy, !isComparing, let base = try base(for: cell, name.area, known: known) {
      try stageChanges(of: cell, since: base, into: &next)
    } else {
      try stageAll(of: cell, from: feed, into: &next)
    }
    waiting.append(next)
    if copy.isFull { try flush() }
  }

  // The cell of the newest set that holds an earlier state of the same live storage, if one does: the user's own,
  // or that of the id the user had.
  private func base(
    for cell: CellState, _ area: Area, known: CellRow?
  ) throws(OfficeError) -> CellRow? {
    if let known, known.source == cell.storage, known.seen <= cell.born { return known }
    let other = try repository.items.read { connection throws(OfficeError) in
      try CellTable.copy(of: cell.storage, before: number, in: connection)
    }
    guard let other, other.area == area, other.seen <= cell.born else { return nil }
    return other
  }

  private func stageChanges(
    of cell: CellState, since base: CellRow, into next: inout Waiting
  ) throws(OfficeError) {
    next.row.state.storage = base.state.storage
    if base.state.digest == cell.digest && base.state.size == cell.size { return }
    let delta = copy.begin(target: base.state.storage)
    next.copied = delta
    next.isDelta = true
    next.expected = StorageCopy.Sums(
      items: cell.items - base.state.items, bytes: cell.size - base.state.size)
    deltas.append(delta)
    try copyPages(of: cell, from: feed, since: base.seen, to: delta)
  }

  func stageAll(
    of cell: CellState, from feed: any ItemFeed, into next: inout Waiting
  ) throws(OfficeError) {
    let storage = copy.begin()
    next.copied = storage
    next.row.state.storage = storage
    next.expected = StorageCopy.Sums(items: cell.items, bytes: cell.size)
    try copyPages(of: cell, from: feed, since: nil, to: storage)
  }

  private func copyPages(
    of cell: CellState, from feed: any ItemFeed, since: Int64?, to storage: Int64
  ) throws(OfficeError) {
    var place: ItemPlace? = .start
    while let from = place {
      let page = try feed.items(of: cell, since: since, from: from)
      try copy.add(page.changes, to: storage)
      changed += Int64(page.changes.count)
      place = page.next
      if copy.isFull { try flush() }
      try assertGoesOn()
    }
  }

  private func assertGoesOn() throws(OfficeError) {
    try repository.assertGoesOn()
    if isCancelled() { throw OfficeError(.interrupted, "the backup was interrupted") }
  }

  // Content that is the same may have come another way; what it is linked to is true at once and needs no set.
  private func relink(_ known: CellRow, to cell: CellState) {
    guard known.source != cell.storage || known.seen != cell.born else { return }
    var row = known
    row.source = cell.storage
    row.seen = cell.born
    relinked.append(row)
  }

  /// Stores what waits, in one commit: items, then the rows of the cells that are complete.
  func flush() throws(OfficeError) {
    guard !waiting.isEmpty || !relinked.isEmpty || copy.isFull else { return }
    let failed = try repository.items.write(urgent: false) { connection throws(OfficeError) in
      try copy.store(in: connection)
      for row in relinked { try CellTable.save(row, in: connection) }
      var failed: [Waiting] = []
      for next in waiting where try !store(next, in: connection) { failed.append(next) }
      return failed
    }
    waiting.removeAll(keepingCapacity: true)
    relinked.removeAll(keepingCapacity: true)
    for next in failed {
      guard next.isDelta else {
        throw OfficeError(
          .inputOutput, "a cell does not hold what its row says", item: next.name.description,
          remedy: "run officefs verify")
      }
      deltas.removeAll { $0 == next.copied }
      defects.append(
        Fault(
          reason: "the changes of a cell did not lead to its state", files: ["\(next.name)"]))
      again.insert(next.name)
    }
  }

  // Returns false if the items that were copied are not those that the cell's row promises.
  private func store(_ next: Waiting, in connection: Connection) throws(OfficeError) -> Bool {
    if next.copied != 0 {
      guard copy.takeSums(of: next.copied) == next.expected else {
        try StorageChanges.dropStaged([next.copied], in: connection)
        return false
      }
      if !next.isDelta { try StorageChanges.adopt(next.copied, in: connection) }
    }
    var row = next.row
    row.user = try NameTable.make(next.name.id, in: connection)
    touched[row.user.rawValue] = next.file
    try CellTable.insert(row, in: connection)
    return true
  }

  static let mostWaiting = 2_000
  private static let usersAPage = 100
}

extension CellState {
  /// Whether both hold the same bytes.
  func isSame(as other: CellState) -> Bool {
    digest == other.digest && size == other.size && items == other.items
  }
}

extension Repository {
  /// What a set shows of each area; nothing without one.
  fileprivate func totals(of set: BackupSet?) throws(OfficeError) -> [SetArea] {
    guard let set else { return Area.allCases.map { SetArea(area: $0) } }
    return try items.read { connection throws(OfficeError) in
      try TotalTable.areas(of: set.number, in: connection)
    }
  }
}
