import OfficeModel

/// The rows of a merged cell in ascending order: the current cell's with what a match found to change.
struct MergedRows {
  struct Row {
    var key: [UInt8]
    var length: Int64
    var content: [UInt8]
  }

  private let database: ItemDatabase
  private let current: StoredCell
  private let staged: StoredCell
  private let changes: Statement
  private var change: (key: [UInt8], source: [UInt8])?
  private var from: [UInt8] = []
  private var isCurrentDone: Bool

  private static let rowsPerStep = 4_000
  private static let bytesPerStep = 1 << 20

  /// Begins at the first row.
  init(_ match: CellMatch, in database: ItemDatabase) throws(OfficeError) {
    self.database = database
    current = match.current
    staged = match.staged
    changes = try match.tables.changes()
    isCurrentDone = match.current.items == 0
    try nextChange()
  }

  /// The next rows, read in one short transaction; none at the end.
  mutating func next() throws(OfficeError) -> [Row] {
    var walk = self
    var rows: [Row] = []
    while rows.isEmpty, !walk.isCurrentDone || walk.change != nil {
      rows = try database.read { connection throws(OfficeError) in try walk.step(in: connection) }
    }
    self = walk
    return rows
  }

  private mutating func step(in connection: Connection) throws(OfficeError) -> [Row] {
    var cursor =
      isCurrentDone
      ? nil : try ItemCursor(current.storage, at: current.number, from: from, in: connection)
    defer { cursor?.close() }
    var rows: [Row] = []
    var bytes = 0
    for _ in 0..<MergedRows.rowsPerStep where bytes < MergedRows.bytesPerStep {
      let row = cursor.flatMap { $0.isValid ? $0 : nil }
      guard row != nil || change != nil else { break }
      let isCurrent = row.map { row in
        change.map { !$0.key.withUnsafeBytes { $0.lexicographicallyPrecedes(row.key) } } ?? true
      }
      if let change, row.map({ !$0.key.lexicographicallyPrecedes(change.key) }) ?? true {
        if !change.source.isEmpty {
          let found = try ItemRow.find(change.source, of: staged.storage, in: connection)
          rows.append(Row(key: change.key, length: found.length, content: found.content))
          bytes += found.content.count
        }
        try nextChange()
      } else if let row {
        rows.append(Row(key: Array(row.key), length: row.length, content: Array(row.content)))
        bytes += row.content.count
      }
      if isCurrent == true { try cursor?.next() }
    }
    isCurrentDone = !(cursor?.isValid ?? false)
    if let cursor, !isCurrentDone { from = Array(cursor.key) }
    return rows
  }

  private mutating func nextChange() throws(OfficeError) {
    change = try changes.step() ? (changes.array(0), changes.array(1)) : nil
  }
}

extension ItemStage {
  /// Seals the cell that a match makes of the two. Its rows are copied, not its content. Throws `.interrupted` soon
  /// after `isCancelled` turns true.
  public func merge(
    _ match: CellMatch, isCancelled: () -> Bool
  ) throws(OfficeError) -> SealedCell {
    let storage = try beginCopy()
    var rows = try MergedRows(match, in: database)
    var size: Int64 = 0
    var items: Int64 = 0
    while true {
      if isCancelled() { throw OfficeError(.interrupted, "the import was interrupted") }
      let batch = try rows.next()
      if batch.isEmpty { break }
      let isFirst = items == 0
      try commit { connection throws(OfficeError) in
        if isFirst { try StorageRow.insert(storage, in: connection) }
        for row in batch {
          let references = row.content.withUnsafeBytes { ItemContent.references($0) }
          try database.chunks.retain(references, in: connection)
          try ItemRow.insert(
            storage: storage, key: row.key, born: 0, length: row.length, content: row.content,
            in: connection)
        }
      }
      for row in batch { size += row.length }
      items += Int64(batch.count)
    }
    return try sealCopy(size: size, items: items)
  }
}
