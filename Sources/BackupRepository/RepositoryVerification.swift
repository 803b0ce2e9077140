import ItemStore
import OfficeModel

extension Repository {
  /// Checks everything: the file's structure, every row's check and interval, every document against its size and
  /// SHA-256, every chunk against its own and its references, the sums of every set. Changes nothing.
  ///
  /// Memory does not grow with the sets but for 8 bytes a chunk. `progress` is given bytes read and bytes expected.
  public func verify(progress: (Int64, Int64) -> Void) throws(OfficeError) -> [Fault] {
    var verification = RepositoryVerification(self)
    try verification.run(progress)
    return verification.faults
  }
}

/// One walk over all sets.
private struct RepositoryVerification {
  private(set) var faults: [Fault] = []

  private let repository: Repository
  private var sets: [BackupSet] = []
  /// What the cells of each set sum up to, and how many files it shows.
  private var found: [Int64: [SetArea]] = [:]
  private var users: [Int64: Int64] = [:]
  private var expected: Int64 = 1
  private var done: Int64 = 0

  private static let page = 500

  init(_ repository: Repository) { self.repository = repository }

  mutating func run(_ progress: (Int64, Int64) -> Void) throws(OfficeError) {
    attempt("the database's structure") { (walk) throws(OfficeError) in
      for reason in try walk.repository.items.structureFaults() { walk.add(reason) }
    }
    let rows = try repository.items.read { connection throws(OfficeError) in
      try SetTable.all(in: connection)
    }
    for number in rows.damaged { add("the row of backup set \(number) is damaged") }
    // Nothing that a set needs is removed while this walks.
    var views: [SetView] = []
    for set in rows.rows.filter({ $0.state == .listed }).map(\.set) {
      do throws(OfficeError) {
        views.append(try repository.view(of: set))
      } catch {
        // Dropped since.
        if error.code != .stale { add("set \(set.name): \(error.reason)") }
        continue
      }
      sets.append(set)
      found[set.number] = Area.allCases.map { SetArea(area: $0) }
      users[set.number] = 0
    }
    defer { withExtendedLifetime(views) {} }
    for chain in Set(sets.map(\.chain)).sorted() {
      for area in Area.allCases { try checkCells(area, chain, progress) }
      try checkFiles(chain)
    }
    for set in sets {
      attempt("the sums of set \(set.name)") { (walk) throws(OfficeError) in
        try walk.checkSums(of: set)
      }
    }
    let before = done
    var read: Int64 = 0
    let total = expected
    for reason in try repository.items.contentFaults(progress: { bytes in
      read += bytes
      progress(before + read, max(total, before + read))
    }) {
      add(reason)
    }
  }

  private mutating func checkCells(
    _ area: Area, _ chain: Int64, _ progress: (Int64, Int64) -> Void
  ) throws(OfficeError) {
    var place = (user: Int64(0), born: Int64(0))
    var before: CellRow?
    let newest = sets.filter { $0.chain == chain }.map(\.number).max() ?? 0
    while true {
      let from = place
      let keys = try repository.items.read { connection throws(OfficeError) in
        try CellTable.keys(
          area, chain: chain, beyond: from, limit: RepositoryVerification.page, in: connection)
      }
      guard let last = keys.last else { return }
      for key in keys where key.born <= newest {
        do throws(OfficeError) {
          let row = try repository.items.read { connection throws(OfficeError) in
            try CellTable.row(area, chain: chain, at: key, in: connection)
          }
          guard let row else { continue }
          try check(row, after: before, progress)
          before = row
        } catch {
          add("\(error.reason) (\(area.name))", files: files(of: key, area, chain))
        }
      }
      place = last
    }
  }

  private mutating func check(
    _ row: CellRow, after before: CellRow?, _ progress: (Int64, Int64) -> Void
  ) throws(OfficeError) {
    guard row.died > row.state.born else {
      throw OfficeError(.inputOutput, "a version ends before it begins")
    }
    if let before, before.user == row.user, before.died > row.state.born {
      throw OfficeError(.inputOutput, "two versions of a cell overlap")
    }
    let shown = sets.filter {
      $0.chain == row.chain && row.state.born <= $0.number && $0.number < row.died
    }
    // What only dropped sets showed may be half removed.
    if shown.isEmpty { return }
    let id = try repository.items.read { connection throws(OfficeError) in
      try NameTable.id(of: row.user, in: connection)
    }
    for set in shown {
      found[set.number]?[Int(row.area.rawValue) - 1].add(row.state, of: id, count: 1)
    }
    let digest = try repository.items.digest(of: row.state.stored)
    done += row.state.size
    expected = max(expected, 2 * done)
    progress(done, expected)
    guard digest == row.state.digest else {
      throw OfficeError(.inputOutput, "the document does not match its SHA-256")
    }
  }

  private mutating func checkFiles(_ chain: Int64) throws(OfficeError) {
    var place = (user: Int64(0), born: Int64(0))
    var before: FileRow?
    while true {
      let from = place
      let found = try repository.items.read { connection throws(OfficeError) in
        try FileTable.versions(
          chain: chain, beyond: from, limit: RepositoryVerification.page, in: connection)
      }
      guard let last = found.last else { return }
      for key in found {
        attempt("file version \(key.version)") { (walk) throws(OfficeError) in
          let row = try walk.repository.items.read { connection throws(OfficeError) in
            try FileTable.version(key.version, in: connection)
          }
          guard let row else { return }
          try walk.check(row, after: before)
          before = row
        }
      }
      place = (last.user, last.born)
    }
  }

  private mutating func check(_ row: FileRow, after before: FileRow?) throws(OfficeError) {
    let shown = sets.filter {
      $0.chain == row.chain && row.born <= $0.number && $0.number < row.died
    }
    let id = try repository.items.read { connection throws(OfficeError) in
      try NameTable.id(of: row.user, in: connection)
    }
    if id != .office { for set in shown { users[set.number, default: 0] += 1 } }
    guard row.died > row.born else {
      throw OfficeError(.inputOutput, "a version ends before it begins")
    }
    if let before, before.user == row.user, before.died > row.born {
      throw OfficeError(.inputOutput, "two versions of a file overlap")
    }
    guard let first = shown.first else { return }
    let sums = try repository.items.read { connection throws(OfficeError) in
      let cells = try CellTable.cells(
        of: row.user, chain: row.chain, at: first.number, in: connection)
      return CellSums(cells.map { $0 ?? .empty }, of: id)
    }
    guard sums.padded == row.padded, sums.large == row.large else {
      throw OfficeError(.inputOutput, "the sums of a user's file are wrong")
    }
  }

  private func checkSums(of set: BackupSet) throws(OfficeError) {
    let kept = try repository.items.read { connection throws(OfficeError) in
      try TotalTable.areas(of: set.number, in: connection)
    }
    for (kept, found) in zip(kept, found[set.number] ?? []) {
      guard kept.sums == found.sums, kept.items == found.items, kept.bytes == found.bytes else {
        throw OfficeError(
          .inputOutput, "the sums of a column are not those of its cells", item: kept.area.name)
      }
    }
    guard set.users == users[set.number] else {
      throw OfficeError(.inputOutput, "the number of users is not that of the files")
    }
  }

  private mutating func attempt(
    _ what: String, _ check: (inout RepositoryVerification) throws(OfficeError) -> Void
  ) {
    do throws(OfficeError) {
      try check(&self)
    } catch {
      add("\(what): \(error.reason)" + (error.item.map { " (\($0))" } ?? ""))
    }
  }

  private mutating func add(_ reason: String, files: [String] = []) {
    faults.append(Fault(reason: reason, files: files))
  }

  /// The files that show a cell's version: the user's, in every set that has it. If the row does not tell where the
  /// version ends, those up to the next one.
  private func files(
    of key: (user: Int64, born: Int64), _ area: Area, _ chain: Int64
  ) -> [String] {
    let found = try? repository.items.read {
      connection throws(OfficeError) -> (UserID, Int64) in
      let next = try CellTable.keys(
        area, chain: chain, beyond: key, limit: 1, in: connection
      ).first { $0.user == key.user }
      return (
        try NameTable.id(of: UserNumber(rawValue: key.user), in: connection),
        next?.born ?? ItemSchema.never
      )
    }
    guard let (id, end) = found else { return [] }
    return sets.filter { $0.chain == chain && key.born <= $0.number && $0.number < end }
      .map { $0.upload == nil && $0.removal == nil ? "\($0.path)/users/\(id).udb" : $0.path }
  }
}
