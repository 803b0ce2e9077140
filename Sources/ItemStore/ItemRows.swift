import OfficeModel

/// One side of a comparison: a cell's items in the order of their keys, a page of them at a time, each page in one short
/// read transaction.
struct ItemRows {
  /// An item as a comparison sees it.
  struct Row {
    var key: [UInt8]
    /// Bytes of content.
    var length: Int64
    /// Equal only where the bytes are, on sides that were made alike.
    var content: [UInt8]
    /// What another store takes over; nil between cells of one database.
    var record: ItemRecord?
  }

  private typealias Page = (rows: [Row], next: ItemPlace?)

  private let load: (ItemPlace) throws(OfficeError) -> Page
  private var page: Page = ([], nil)
  private var index = 0

  private static let rowsAPage = 2_048
  private static let bytesAPage = 1 << 20

  /// A cell that is compared with one of the same database: the content columns are equal where the bytes are.
  init(of cell: StoredCell, in database: ItemDatabase) throws(OfficeError) {
    load = { (place) throws(OfficeError) in
      guard cell.items > 0 else { return ([], nil) }
      return try database.read { connection throws(OfficeError) in
        try ItemRows.page(of: cell, from: place, in: connection)
      }
    }
    try turn(to: .start)
  }

  /// A cell that is compared with one of another database: content is named by its SHA-256. `pages` are those of
  /// `ItemFeed.items`.
  init(
    pages: @escaping (ItemPlace) throws(OfficeError) -> ItemPage
  ) throws(OfficeError) {
    load = { (place) throws(OfficeError) in
      let page = try pages(place)
      var rows: [Row] = []
      rows.reserveCapacity(page.changes.count)
      for case .put(let record) in page.changes {
        rows.append(
          Row(
            key: record.key, length: record.length, content: ItemRows.name(of: record.content),
            record: record))
      }
      return (rows, page.next)
    }
    try turn(to: .start)
  }

  /// The item it stands at; nil behind the last.
  var row: Row? { index < page.rows.count ? page.rows[index] : nil }

  /// Moves to the next item. Returns whether that began a page: a moment to look whether to go on.
  mutating func next() throws(OfficeError) -> Bool {
    index += 1
    guard index >= page.rows.count, let place = page.next else { return false }
    try turn(to: place)
    return true
  }

  private mutating func turn(to place: ItemPlace) throws(OfficeError) {
    page = try load(place)
    while page.rows.isEmpty, let next = page.next { page = try load(next) }
    index = 0
  }

  private static func page(
    of cell: StoredCell, from place: ItemPlace, in connection: Connection
  ) throws(OfficeError) -> Page {
    var cursor = try ItemCursor(cell.storage, at: cell.number, from: place.key, in: connection)
    defer { cursor.close() }
    var page: Page = ([], nil)
    var bytes = 0
    while cursor.isValid {
      guard page.rows.count < rowsAPage, bytes < bytesAPage else {
        page.next = ItemPlace(key: Array(cursor.key))
        break
      }
      page.rows.append(
        Row(
          key: Array(cursor.key), length: cursor.length,
          content: ItemContent.canonical(cursor.content)))
      bytes += cursor.content.count
      try cursor.next()
    }
    return page
  }

  private static func name(of content: ItemRecord.Content) -> [UInt8] {
    switch content {
    case .bytes(let bytes): [0] + bytes
    case .chunks(let chunks): [1] + chunks.flatMap(\.digest.bytes)
    }
  }
}

/// Two sides walked together, in the order of keys.
struct ItemPairs {
  private(set) var current: ItemRows
  private(set) var staged: ItemRows

  /// What stands at one key.
  enum Pair {
    case current(ItemRows.Row)
    case staged(ItemRows.Row)
    /// On both sides, with equal content or not.
    case both(ItemRows.Row, ItemRows.Row)
  }

  /// The next key's; nil behind the last. `isPause` says that a page ended.
  mutating func next() throws(OfficeError) -> (pair: Pair, isPause: Bool)? {
    guard let old = current.row else {
      guard let new = staged.row else { return nil }
      return (.staged(new), try staged.next())
    }
    guard let new = staged.row else { return (.current(old), try current.next()) }
    if old.key == new.key {
      let pauses = (try current.next(), try staged.next())
      return (.both(old, new), pauses.0 || pauses.1)
    }
    return old.key.lexicographicallyPrecedes(new.key)
      ? (.current(old), try current.next()) : (.staged(new), try staged.next())
  }
}
