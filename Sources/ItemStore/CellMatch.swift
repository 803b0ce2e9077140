import OfficeModel

/// Compares two cells object by object, in short read transactions, and works out what merging them changes.
///
/// INVARIANT: used by one thread at a time; both cells are pinned or staged by the caller.
public final class CellMatch {
  /// How they compare; complete after `run`.
  public private(set) var comparison = CellComparison()

  /// Bytes of the staged items that do not stand with equal content at the same key of the current cell.
  public private(set) var newBytes: Int64 = 0

  let current: StoredCell
  let staged: StoredCell
  private let database: ItemDatabase
  private let winner: CellSide?
  private var pairs: ItemPairs
  let tables: MergeTables
  private let loose: LooseItems
  private var groups: [CellSide: Group] = [:]

  /// The frames an item of a side stands between.
  private struct Group {
    var name: [UInt8]
    var members = 0
  }

  /// Cells with more items than this, together, are matched on the disk.
  private static let mostInMemory: Int64 = 20_000

  /// With a winner, what merging changes is worked out too: everything of both, the winner's where both have an object.
  /// `scratch` is a folder for what does not fit in memory.
  public convenience init(
    of current: StoredCell, and staged: StoredCell, in database: ItemDatabase, winner: CellSide?,
    scratch: String
  ) throws(OfficeError) {
    let pairs = ItemPairs(
      current: try ItemRows(of: current, in: database),
      staged: try ItemRows(of: staged, in: database))
    try self.init(
      of: current, and: staged, in: database, pairs, winner: winner, scratch: scratch)
  }

  /// A cell of this database and one of another, whose pages those of `ItemFeed.items` are: they are compared only.
  public convenience init(
    of current: StoredCell, in database: ItemDatabase, and other: CellState,
    pages: @escaping (ItemPlace) throws(OfficeError) -> ItemPage, scratch: String
  ) throws(OfficeError) {
    let pairs = try ItemPairs(of: current, in: database, and: pages)
    try self.init(
      of: current, and: other.stored, in: database, pairs, winner: nil, scratch: scratch)
  }

  private init(
    of current: StoredCell, and staged: StoredCell, in database: ItemDatabase, _ pairs: ItemPairs,
    winner: CellSide?, scratch: String
  ) throws(OfficeError) {
    self.current = current
    self.staged = staged
    self.database = database
    self.pairs = pairs
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
    try CellMatch.assertGoesOn(isCancelled)
    while let (pair, isPause) = try pairs.next() {
      switch pair {
      case .both(let old, let new) where old.content == new.content: try takeEqual(old.key)
      case .both(let old, let new):
        try take(old, of: .current, isShared: true)
        try take(new, of: .staged, isShared: true)
      case .current(let row): try take(row, of: .current, isShared: false)
      case .staged(let row): try take(row, of: .staged, isShared: false)
      }
      if isPause { try CellMatch.assertGoesOn(isCancelled) }
    }
    for (side, group) in groups { try tables.setMembers(group.members, of: group.name, on: side) }
    try loose.pair(
      single: { item, side throws(OfficeError) in try take(item, of: side) },
      pair: { one, other throws(OfficeError) in try take(one, other) })
    guard winner != nil else { return }
    try placeArrivals()
    try tables.settleFrames()
  }

  private static func assertGoesOn(_ isCancelled: () -> Bool) throws(OfficeError) {
    if isCancelled() { throw OfficeError(.interrupted, "the comparison was interrupted") }
  }

  private func takeEqual(_ key: [UInt8]) throws(OfficeError) {
    let parts = try KeyParts(key)
    if !parts.isFrame { comparison.same += 1 }
    try count(parts, of: key, on: .current)
    try count(parts, of: key, on: .staged)
  }

  private func take(
    _ row: ItemRows.Row, of side: CellSide, isShared: Bool
  ) throws(OfficeError) {
    let key = row.key
    let parts = try KeyParts(key)
    try count(parts, of: key, on: side)
    if side == .staged { newBytes += row.length }
    if parts.isFrame {
      guard winner != nil else { return }
      guard isShared else {
        return try tables.addFrame(key, named: parts.groupName(of: key), of: side)
      }
      if side == .staged, winner == .staged { try tables.put(key, at: key) }
      return
    }
    let content = Array(Digest(of: row.content).bytes.prefix(16))
    let item = LooseItem(key: key, natural: Array(key[parts.natural]), content: content, part: [])
    // Nothing to pair with: no need to keep it.
    if (side == .current ? staged : current).items == 0 { return try take(item, of: side) }
    try loose.add(item, of: side, for: .placeAndContent)
  }

  private func count(
    _ parts: KeyParts, of key: [UInt8], on side: CellSide
  ) throws(OfficeError) {
    guard winner != nil else { return }
    if !parts.isFrame {
      guard let group = groups[side] else { return }
      if parts.groupName(of: key) == group.name { groups[side]?.members += 1 }
      return
    }
    let name = parts.groupName(of: key)
    if let group = groups[side] {
      if name == group.name { return }
      try tables.setMembers(group.members, of: group.name, on: side)
    }
    groups[side] = Group(name: name)
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
    try tables.countMoved(from: try KeyParts(key).groupName(of: key), on: side)
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
