import ItemStore
import OfficeModel

/// One walk over a whole office.
struct Verification {
  private(set) var faults: [Fault] = []

  private let store: LiveStore
  private let expected: Int64
  private var done: Int64 = 0
  /// Versions that ended at or before this commit may be on their way out.
  private var purged: Int64 = 0

  private static let page: Int64 = 500

  init(_ store: LiveStore, expected: Int64) {
    self.store = store
    self.expected = max(1, expected)
  }

  mutating func run(_ progress: (Int64, Int64) -> Void) throws(OfficeError) {
    // Nothing that a version needs is removed while this walks, whatever is purged meanwhile.
    let oldest = try store.oldestView()
    defer { withExtendedLifetime(oldest) {} }
    purged = oldest.number
    do throws(OfficeError) {
      for reason in try store.items.structureFaults() { add(reason) }
    } catch {
      add("the database's structure: \(error)")
    }
    for name in MetaTable.Name.allCases {
      attempt("the counters") { store throws(OfficeError) in
        _ = try store.items.read { connection throws(OfficeError) in
          try MetaTable.value(name, in: connection)
        }
      }
    }
    try checkCells(progress)
    try checkUsers()
    checkUndo()
    checkReports()
    var read: Int64 = 0
    let before = done
    let expected = expected
    for reason in try store.items.contentFaults(progress: { bytes in
      read += bytes
      progress(min(before + read, expected), expected)
    }) {
      add(reason)
    }
  }

  /// Every version of every cell: its row, and its document against size and digest.
  private mutating func checkCells(
    _ progress: (Int64, Int64) -> Void
  ) throws(OfficeError) {
    var last = (user: Int64.min, area: Int64.min, born: Int64.min)
    var before: (user: Int64, area: Area, died: Int64)?
    while true {
      let place = last
      let rows = try store.items.read { connection throws(OfficeError) in
        try Verification.cells(after: place, in: connection)
      }
      guard let end = rows.last else { return }
      for row in rows {
        let user = UserNumber(rawValue: row.user)
        guard let area = UInt8(exactly: row.area).flatMap({ Area(rawValue: $0) }) else {
          add("a cell of no area", files: [])
          continue
        }
        do throws(OfficeError) {
          let cell = try store.items.read { connection throws(OfficeError) in
            try CellTable.cell(area, of: user, at: row.born, in: connection)
          }
          guard let cell else { continue }
          if let before, before.user == row.user, before.area == area, before.died > row.born {
            throw OfficeError(.inputOutput, "two versions of a cell overlap")
          }
          before = (row.user, area, cell.died)
          guard cell.died > cell.state.born else {
            throw OfficeError(.inputOutput, "a version ends before it begins")
          }
          if cell.died > purged { try checkDocument(cell, progress) }
        } catch  where error.code == .stale {
          // An administrator erased the user just now.
          continue
        } catch {
          add("\(error.reason) (\(area.name))", files: files(of: user, area, at: row.born))
        }
      }
      last = end
    }
  }

  private mutating func checkDocument(
    _ cell: CellRow, _ progress: (Int64, Int64) -> Void
  ) throws(OfficeError) {
    var digest = DigestStream()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var offset: Int64 = 0
    while offset < cell.state.size {
      let count = Int(min(Int64(buffer.count), cell.state.size - offset))
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      try store.items.read(cell.stored, at: offset, into: part)
      digest.update(UnsafeRawBufferPointer(part))
      offset += Int64(count)
      done += Int64(count)
      progress(min(done, expected), expected)
    }
    guard digest.finish() == cell.state.digest else {
      throw OfficeError(.inputOutput, "the document does not match its SHA-256")
    }
  }

  /// Every version of every user against its cells, and the columns against the users who are there.
  private mutating func checkUsers() throws(OfficeError) {
    attempt("the columns") { store throws(OfficeError) in
      // One moment: an import between two looks would seem a fault.
      try store.items.read { connection throws(OfficeError) in
        try Verification.checkColumns(in: connection)
      }
    }
    var last: Int64 = 0
    while true {
      let place = last
      let versions = try store.items.read { connection throws(OfficeError) in
        try Verification.versions(after: place, in: connection)
      }
      guard let end = versions.last else { break }
      for version in versions {
        do throws(OfficeError) {
          try checkUser(version)
        } catch {
          add(error.reason + (error.item.map { " (\($0))" } ?? ""))
        }
      }
      last = end
    }
  }

  private static func checkColumns(in connection: Connection) throws(OfficeError) {
    var columns = [ColumnRow](repeating: ColumnRow(), count: Area.allCases.count)
    var after = ""
    while true {
      let users = try UserTable.live(after: after, limit: Int(page), in: connection)
      for user in try users.whole() {
        let cells = try CellTable.cells(of: user.number, at: .max - 1, in: connection)
        for (index, cell) in cells.enumerated() { columns[index].add(cell, of: user.id) }
      }
      if users.end == after { break }
      after = users.end
    }
    for (sums, area) in zip(columns, Area.allCases) {
      let kept = try ColumnTable.load(area, in: connection)
      guard kept.sums == sums.sums, kept.items == sums.items, kept.bytes == sums.bytes else {
        throw OfficeError(
          .inputOutput, "the sums of a column are not those of its cells", item: area.name)
      }
    }
  }

  private func checkUser(_ version: Int64) throws(OfficeError) {
    let found = try store.items.read {
      connection throws(OfficeError) -> (UserRow, [CellState])? in
      guard let row = try UserTable.version(version, in: connection) else { return nil }
      let cells = try CellTable.cells(of: row.state.number, at: row.state.born, in: connection)
      return (row, cells)
    }
    guard let (row, cells) = found else { return }
    guard CellSums(cells, of: row.state.id) == row.state.sums, row.died > row.state.born else {
      throw OfficeError(.inputOutput, "the sums of users/\(row.state.id).udb are wrong")
    }
  }

  private mutating func checkUndo() {
    attempt("undo") { store throws(OfficeError) in
      for group in try store.undoGroups() { _ = try store.undoFiles(of: group.number) }
    }
  }

  private mutating func checkReports() {
    attempt("reports of imports") { store throws(OfficeError) in
      var last: UserID?
      while true {
        let reports = try store.reports(after: last, limit: Int(Verification.page))
        for report in reports { _ = try store.reportText(report.number) }
        guard let end = reports.last else { return }
        last = end.id
      }
    }
  }

  private mutating func attempt(
    _ what: String, _ check: (LiveStore) throws(OfficeError) -> Void
  ) {
    do throws(OfficeError) {
      try check(store)
    } catch {
      add("\(what): \(error.reason)" + (error.item.map { " (\($0))" } ?? ""))
    }
  }

  private mutating func add(_ reason: String, files: [String] = []) {
    faults.append(Fault(reason: reason, files: files))
  }

  /// The files that show a cell's version: the user's own, live or in undo, and the column if it is the newest.
  private func files(of user: UserNumber, _ area: Area, at born: Int64) -> [String] {
    let rows = try? store.items.read { connection throws(OfficeError) in
      try UserTable.versions(of: user, in: connection)
    }
    var files: [String] = []
    for row in rows ?? [] where row.died > born {
      if row.state.id == .office { return ["groups", "settings"] }
      let name = row.isLive ? "users/\(row.state.id).udb" : "undo of users/\(row.state.id).udb"
      if !files.contains(name) { files.append(name) }
      if row.isLive { files.append("areas/\(area.name).odb") }
    }
    return files
  }

  private static func cells(
    after place: (user: Int64, area: Int64, born: Int64), in connection: Connection
  ) throws(OfficeError) -> [(user: Int64, area: Int64, born: Int64)] {
    let find = try connection.statement(
      """
      SELECT user, area, born FROM cell WHERE (user, area, born) > (?1, ?2, ?3)
      ORDER BY user, area, born LIMIT ?4
      """)
    find.bind(1, place.user)
    find.bind(2, place.area)
    find.bind(3, place.born)
    find.bind(4, page)
    defer { find.reset() }
    var rows: [(user: Int64, area: Int64, born: Int64)] = []
    while try find.step() { rows.append((find.integer(0), find.integer(1), find.integer(2))) }
    return rows
  }

  private static func versions(
    after version: Int64, in connection: Connection
  ) throws(OfficeError) -> [Int64] {
    let find = try connection.statement(
      "SELECT version FROM userversion WHERE version > ?1 ORDER BY version LIMIT ?2")
    find.bind(1, version)
    find.bind(2, page)
    defer { find.reset() }
    var versions: [Int64] = []
    while try find.step() { versions.append(find.integer(0)) }
    return versions
  }
}
