import ItemStore
import OfficeModel

/// What a set's row is for.
enum SetState: Int64 {
  /// Being made: no view shows it, and a start removes it.
  case making = 0
  case listed = 1
  /// To be removed once nobody has it open.
  case dropped = 2
}

/// The rows of `sets`.
enum SetTable {
  static let noDay = Int64.min

  /// Reserves a number.
  static func reserve(chain: Int64?, in connection: Connection) throws(OfficeError) -> Int64 {
    let insert = try connection.statement(
      """
      INSERT INTO sets(chain, state, stamp, process, areas, day, slot, hold, until, users, changed,
      added, format, backup, mark) VALUES(0, 0, 0, '', 0, 0, -1, '', 0, 0, 0, 0, 0, 0, 0)
      """)
    try insert.run()
    let number = connection.lastRow
    try save(
      BackupSet(
        number: number, chain: chain ?? number, stamp: 0, process: "", areas: []),
      .making, in: connection)
    return number
  }

  static func save(
    _ set: BackupSet, _ state: SetState, in connection: Connection
  ) throws(OfficeError) {
    let update = try connection.statement(
      """
      UPDATE sets SET chain = ?2, state = ?3, stamp = ?4, process = ?5, areas = ?6, day = ?7,
      slot = ?8, hold = ?9, until = ?10, users = ?11, changed = ?12, added = ?13, format = ?14,
      backup = ?15, mark = ?16, file = ?17, area = ?18, fingerprint = ?19, removed = ?20,
      cause = ?21 WHERE number = ?1
      """)
    update.bind(1, set.number)
    update.bind(2, set.chain)
    update.bind(3, state.rawValue)
    update.bind(4, set.stamp)
    update.bind(5, set.process)
    update.bind(6, mask(set.areas))
    update.bind(7, set.day ?? noDay)
    update.bind(8, Int64(set.slot ?? -1))
    update.bind(9, set.hold ?? "")
    update.bind(10, set.until)
    update.bind(11, set.users)
    update.bind(12, set.changed)
    update.bind(13, set.added)
    update.bind(14, set.format)
    update.bind(15, set.backup)
    update.bind(16, mark(set, state))
    update.bind(17, set.upload?.name.text ?? "")
    update.bind(18, Int64(set.upload?.area?.rawValue ?? 0))
    update.bind(19, set.upload?.fingerprint?.bytes ?? [])
    update.bind(20, set.removal?.seconds ?? 0)
    update.bind(21, set.removal?.cause.rawValue ?? "")
    try update.run()
  }

  /// All rows in the order of their numbers, and the numbers of those that are damaged.
  static func all(
    in connection: Connection
  ) throws(OfficeError) -> (rows: [(set: BackupSet, state: SetState)], damaged: [Int64]) {
    let find = try connection.statement(
      """
      SELECT number, chain, state, stamp, process, areas, day, slot, hold, until, users, changed,
      added, format, backup, mark, file, area, fingerprint, removed, cause FROM sets ORDER BY number
      """)
    defer { find.reset() }
    var rows: [(set: BackupSet, state: SetState)] = []
    var damaged: [Int64] = []
    while try find.step() {
      if let row = try? row(find) { rows.append(row) } else { damaged.append(find.integer(0)) }
    }
    return (rows, damaged)
  }

  static func set(
    _ number: Int64, in connection: Connection
  ) throws(OfficeError) -> (set: BackupSet, state: SetState)? {
    let find = try query(number, in: connection)
    defer { find.reset() }
    return try find.step() ? try row(find) : nil
  }

  /// A row that is there; nil if it is damaged.
  static func whole(
    _ number: Int64, in connection: Connection
  ) throws(OfficeError) -> (set: BackupSet, state: SetState)? {
    let find = try query(number, in: connection)
    defer { find.reset() }
    guard try find.step() else { return nil }
    return try? row(find)
  }

  private static func query(
    _ number: Int64, in connection: Connection
  ) throws(OfficeError) -> Statement {
    let find = try connection.statement(
      """
      SELECT number, chain, state, stamp, process, areas, day, slot, hold, until, users, changed,
      added, format, backup, mark, file, area, fingerprint, removed, cause FROM sets
      WHERE number = ?1
      """)
    find.bind(1, number)
    return find
  }

  static func delete(_ number: Int64, in connection: Connection) throws(OfficeError) {
    try TotalTable.delete(number, in: connection)
    let delete = try connection.statement("DELETE FROM sets WHERE number = ?1")
    delete.bind(1, number)
    try delete.run()
  }

  /// The largest number that was ever given.
  static func lastNumber(in connection: Connection) throws(OfficeError) -> Int64 {
    try connection.value("SELECT seq FROM sqlite_sequence WHERE name = 'sets'") ?? 0
  }

  /// The numbers of all rows, ascending, and the check that each has.
  static func marks(
    in connection: Connection
  ) throws(OfficeError) -> [(number: Int64, mark: Int64)] {
    let find = try connection.statement("SELECT number, mark FROM sets ORDER BY number")
    defer { find.reset() }
    var marks: [(number: Int64, mark: Int64)] = []
    while try find.step() { marks.append((find.integer(0), find.integer(1))) }
    return marks
  }

  private static func row(
    _ found: Statement
  ) throws(OfficeError) -> (set: BackupSet, state: SetState) {
    let number = found.integer(0)
    guard let state = SetState(rawValue: found.integer(2)) else {
      throw Damage.found("backup set \(number)")
    }
    let slot = found.integer(7)
    let day = found.integer(6)
    let hold = found.text(8)
    var set = BackupSet(
      number: number, chain: found.integer(1), stamp: found.integer(3), process: found.text(4),
      areas: areas(found.integer(5)), day: day == noDay ? nil : day,
      slot: slot < 0 ? nil : Int(slot), hold: hold.isEmpty ? nil : hold, until: found.integer(9),
      users: found.integer(10), changed: found.integer(11), added: found.integer(12),
      format: found.integer(13), backup: found.integer(14))
    let file = found.text(16)
    if !file.isEmpty {
      guard let name = try? ArchiveName(file) else { throw Damage.found("backup set \(number)") }
      set.upload = UploadOrigin(
        name: name, area: Area(rawValue: UInt8(truncatingIfNeeded: found.integer(17))),
        fingerprint: Digest(bytes: found.bytes(18)))
    }
    if let cause = SetRemoval.Cause(rawValue: found.text(20)) {
      set.removal = SetRemoval(seconds: found.integer(19), cause: cause)
    }
    guard mark(set, state) == found.integer(15) else { throw Damage.found("backup set \(number)") }
    return (set, state)
  }

  private static func mark(_ set: BackupSet, _ state: SetState) -> Int64 {
    var check = RowCheck(20)
    for value in [
      set.number, set.chain, state.rawValue, set.stamp, mask(set.areas), set.day ?? noDay,
      Int64(set.slot ?? -1), set.until, set.users, set.changed, set.added, set.format, set.backup,
    ] {
      check.add(value)
    }
    check.add(set.process)
    check.add(set.hold ?? "")
    // Rows of before there were uploads keep the check they had.
    if let upload = set.upload {
      check.add(upload.name.text)
      check.add(Int64(upload.area?.rawValue ?? 0))
      check.add(upload.fingerprint?.bytes ?? [])
    }
    if let removal = set.removal {
      check.add(removal.seconds)
      check.add(removal.cause.rawValue)
    }
    return check.value
  }

  private static func mask(_ areas: Set<Area>) -> Int64 {
    areas.reduce(0) { $0 | 1 << Int64($1.rawValue) }
  }

  private static func areas(_ mask: Int64) -> Set<Area> {
    Set(Area.allCases.filter { mask & 1 << Int64($0.rawValue) != 0 })
  }
}

/// The rows of `total`.
enum TotalTable {
  /// What a set shows of the nine areas, in their order.
  static func areas(of number: Int64, in connection: Connection) throws(OfficeError) -> [SetArea] {
    let find = try connection.statement(
      """
      SELECT area, updated, stamp, seen, cells, padded, large, idbytes, items, bytes, mark
      FROM total WHERE number = ?1 ORDER BY area
      """)
    find.bind(1, number)
    defer { find.reset() }
    var areas: [SetArea] = []
    while try find.step() {
      guard let area = Area(rawValue: UInt8(truncatingIfNeeded: find.integer(0))) else {
        throw Damage.found("an area of backup set \(number)")
      }
      let row = SetArea(
        area: area, updated: find.integer(1), stamp: find.integer(2), seen: find.integer(3),
        sums: CellSums(
          cells: find.integer(4), padded: find.integer(5), large: find.integer(6),
          idBytes: find.integer(7)),
        items: find.integer(8), bytes: find.integer(9))
      guard mark(row, of: number) == find.integer(10) else {
        throw Damage.found("area \(area.name) of backup set \(number)")
      }
      areas.append(row)
    }
    guard areas.map(\.area) == Area.allCases else {
      throw Damage.found("the areas of backup set \(number)")
    }
    return areas
  }

  static func delete(_ number: Int64, in connection: Connection) throws(OfficeError) {
    let delete = try connection.statement("DELETE FROM total WHERE number = ?1")
    delete.bind(1, number)
    try delete.run()
  }

  static func replace(
    _ areas: [SetArea], of number: Int64, in connection: Connection
  ) throws(OfficeError) {
    try delete(number, in: connection)
    for area in areas { try insert(area, of: number, in: connection) }
  }

  static func insert(
    _ row: SetArea, of number: Int64, in connection: Connection
  ) throws(OfficeError) {
    let insert = try connection.statement(
      "INSERT INTO total VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")
    insert.bind(1, number)
    for (index, value) in values(row).enumerated() { insert.bind(Int32(index + 2), value) }
    insert.bind(12, mark(row, of: number))
    try insert.run()
  }

  private static func values(_ row: SetArea) -> [Int64] {
    [
      Int64(row.area.rawValue), row.updated, row.stamp, row.seen, row.sums.cells, row.sums.padded,
      row.sums.large, row.sums.idBytes, row.items, row.bytes,
    ]
  }

  private static func mark(_ row: SetArea, of number: Int64) -> Int64 {
    var check = RowCheck(21)
    check.add(number)
    for value in values(row) { check.add(value) }
    return check.value
  }
}
