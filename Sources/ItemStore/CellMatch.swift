import OfficeModel

/// Compares two cells object by object, in short read transactions, and works out what merging them changes.
///
/// INVARIANT: used by one thread at a time; both cells are pinned or staged by the caller.
public final class CellMatch {
  /// How they compare; complete after `run`.
  public private(set) var comparison = CellComparison()

  let current: StoredCell
  let staged: StoredCell
  private let database: ItemDatabase
  private let winner: CellSide?
  let tables: MergeTables
  private let loose: LooseItems
  private var groups: [CellSide: Group] = [:]

  /// The frames an item of a side stands between.
  private struct Group {
    var name: [UInt8]
    var members = 0
  }

  private static let rowsPerStep = 8_192
  /// Cells with more items than this, together, are matched on the disk.
  private static let mostInMemory: Int64 = 20_000

  /// With a winner, what merging changes is worked out too: everything of both, the winner's where both have an object.
  /// `scratch` is a folder for what does not fit in memory.
  public init(
    of current: StoredCell, and staged: StoredCell, in database: ItemDatabase, winner: CellSide?,
    scratch: String
  ) throws(OfficeError) {
    self.current = current
    self.staged = staged
    self.database = database
    self.winner = winner
    let isSmall = current.items + staged.items <= CellMatch.mostInMemory
    loose = try LooseItems(in: isSmall ? nil : scratch)
    tables = MergeTables(connection: loose.connection)
  }

  /// Whether merging changes anything in the current cell.
  public var changesCurrent: Bool {
    get throws(OfficeError) {
      try tables.connection.value("SELECT EXISTS(SELECT 1 FROM change)") == 1
    }
  }

  /// Takes time in proportion to the items, and holds nobody up. Throws `.interrupted` soon after `isCancelled` turns true.
  public func run(isCancelled: () -> Bool) throws(OfficeError) {
    var from: [UInt8]? = []
    while let start = from {
      if isCancelled() { throw OfficeError(.interrupted, "the import was interrupted") }
      from = try database.read { connection throws(OfficeError) in
        try walk(from: start, in: connection)
      }
    }
    for (side, group) in groups { try tables.setMembers(group.members, of: group.name, on: side) }
    try loose.pair(
      single: { item, side throws(OfficeError) in try take(item, of: side) },
      pair: { one, other throws(OfficeError) in try take(one, other) })
    guard winner != nil else { return }
    try placeArrivals()
    try tables.settleFrames()
  }

  // Both cells side by side; returns where to go on.
  private func walk(from: [UInt8], in connection: Connection) throws(OfficeError) -> [UInt8]? {
    var old = try cursor(current, from: from, lane: 1, in: connection)
    defer { old?.close() }
    var new = try cursor(staged, from: from, lane: 2, in: connection)
    defer { new?.close() }
    var rows = 0
    while true {
      let oldKey = old.flatMap { $0.isValid ? $0.key : nil }
      let newKey = new.flatMap { $0.isValid ? $0.key : nil }
      guard oldKey != nil || newKey != nil else { return nil }
      let isOld = oldKey.map { key in newKey.map { !$0.lexicographicallyPrecedes(key) } ?? true }
      let isNew = newKey.map { key in oldKey.map { !$0.lexicographicallyPrecedes(key) } ?? true }
      if rows == CellMatch.rowsPerStep {
        return (isOld == true ? oldKey : newKey).map { Array($0) }
      }
      rows += 1
      if isOld == true, isNew == true, let row = old, let other = new,
        row.content.elementsEqual(other.content)
      {
        try takeEqual(row.key)
      } else {
        if isOld == true, let row = old { try take(row, of: .current, isShared: isNew == true) }
        if isNew == true, let row = new { try take(row, of: .staged, isShared: isOld == true) }
      }
      if isOld == true { try old?.next() }
      if isNew == true { try new?.next() }
    }
  }

  private func cursor(
    _ cell: StoredCell, from: [UInt8], lane: Int, in connection: Connection
  ) throws(OfficeError) -> ItemCursor? {
    guard cell.items > 0 else { return nil }
    return try ItemCursor(cell.storage, at: cell.number, from: from, in: connection, lane: lane)
  }

  private func takeEqual(_ key: UnsafeRawBufferPointer) throws(OfficeError) {
    let parts = try KeyParts(key)
    if !parts.isFrame { comparison.same += 1 }
    try count(parts, of: key, on: .current)
    try count(parts, of: key, on: .staged)
  }

  private func take(
    _ row: ItemCursor, of side: CellSide, isShared: Bool
  ) throws(OfficeError) {
    let parts = try KeyParts(row.key)
    try count(parts, of: row.key, on: side)
    let key = Array(row.key)
    if parts.isFrame {
      guard winner != nil else { return }
      guard isShared else {
        return try tables.addFrame(key, named: Array(row.key[parts.group(of: row.key)]), of: side)
      }
      if side == .staged, winner == .staged { try tables.put(key, at: key) }
      return
    }
    let content = Array(Digest(of: row.content).bytes.prefix(16))
    let item = LooseItem(
      key: key, natural: Array(row.key[parts.natural]), content: content, part: [])
    // Nothing to pair with: no need to keep it.
    if (side == .current ? staged : current).items == 0 { return try take(item, of: side) }
    try loose.add(item, of: side, for: .placeAndContent)
  }

  private func count(
    _ parts: KeyParts, of key: UnsafeRawBufferPointer, on side: CellSide
  ) throws(OfficeError) {
    guard winner != nil else { return }
    if !parts.isFrame {
      guard let group = groups[side] else { return }
      if key[parts.group(of: key)].elementsEqual(group.name) { groups[side]?.members += 1 }
      return
    }
    let name = key[parts.group(of: key)]
    if let group = groups[side] {
      if name.elementsEqual(group.name) { return }
      try tables.setMembers(group.members, of: group.name, on: side)
    }
    groups[side] = Group(name: Array(name))
  }

  private func take(_ item: LooseItem, of side: CellSide) throws(OfficeError) {
    switch side {
    case .staged:
      comparison.note(.added, item.key.naturalKey)
      if winner != nil { try arrive(item.key) }
    case .current:
      // A merge keeps it.
      comparison.note(.removed, winner == nil ? item.key.naturalKey : nil)
    }
  }

  private func take(_ one: LooseItem, _ other: LooseItem) throws(OfficeError) {
    let isInPlace = one.place == other.place
    if isInPlace, one.content == other.content {
      comparison.same += 1
      return
    }
    comparison.note(.changed, other.key.naturalKey)
    guard winner == .staged else { return }
    if isInPlace {
      try tables.put(other.key, at: one.key)
    } else {
      try tables.drop(one.key)
      try countMoved(one.key, on: .current)
      try arrive(other.key)
    }
  }

  private func arrive(_ key: [UInt8]) throws(OfficeError) {
    try tables.arrive(key)
    try countMoved(key, on: .staged)
  }

  private func countMoved(_ key: [UInt8], on side: CellSide) throws(OfficeError) {
    guard groups[side] != nil else { return }
    let parts = try KeyParts(key)
    let name = key.withUnsafeBytes { Array($0[parts.group(of: $0)]) }
    try tables.countMoved(from: name, on: side)
  }

  // An arrival stands behind the current cell's twins; gaps that others leave mean nothing.
  private func placeArrivals() throws(OfficeError) {
    let arrivals = try tables.arrivals()
    var last: [UInt8] = []
    while try arrivals.step() {
      let key = arrivals.array(0)
      let isTwin = !last.isEmpty && last.dropLast(4) == key.dropLast(4)
      let occurrence = isTwin ? last.occurrence + 1 : try nextOccurrence(of: key)
      last = key.withOccurrence(occurrence)
      try tables.put(key, at: last)
    }
  }

  private func nextOccurrence(of key: [UInt8]) throws(OfficeError) -> UInt32 {
    guard current.items > 0 else { return 0 }
    return try database.read { connection throws(OfficeError) in
      let find = try connection.statement(
        """
        SELECT max(key) FROM (
          SELECT max(key) AS key FROM item WHERE storage = ?1 AND key BETWEEN ?2 AND ?3
          UNION ALL SELECT max(key) FROM past WHERE storage = ?1 AND key BETWEEN ?2 AND ?3)
        """)
      find.bind(1, current.storage)
      find.bind(2, key.withOccurrence(0))
      find.bind(3, key.withOccurrence(.max))
      defer { find.reset() }
      guard try find.step(), find.bytes(0).count > 0 else { return 0 }
      return find.array(0).occurrence + 1
    }
  }
}
