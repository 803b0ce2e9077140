import OfficeModel

/// Walks the items of a storage as they were at one number, in ascending order of keys.
///
/// Every row's check is compared before the row decides anything. Used within one transaction.
struct ItemCursor {
  private let storage: Int64
  private let number: Int64
  private let current: Statement
  private let past: Statement?
  private var currentRow: Row?
  private var pastRow: Row?
  private var isAtPast = false

  /// What a statement's columns hold until its next step: each is asked of SQLite once.
  private struct Row {
    var key: UnsafeRawBufferPointer
    var born: Int64
    var length: Int64
    var content: UnsafeRawBufferPointer

    static var none: Row {
      let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
      return Row(key: nothing, born: 0, length: 0, content: nothing)
    }
  }

  /// Begins at the first item whose key is not below `key`. Call `close` when done, before the transaction ends.
  /// Two cursors of one connection at once need different lanes.
  init(
    _ storage: Int64, at number: Int64, from key: [UInt8], in connection: Connection, lane: Int = 0
  ) throws(OfficeError) {
    self.storage = storage
    self.number = number
    let row = try StorageRow.load(storage, in: connection)
    current = try connection.statement(
      """
      SELECT key, born, length, content, mark FROM item WHERE storage = ?1 AND key >= ?2
      ORDER BY key
      """, lane: lane)
    current.bind(1, storage)
    current.bind(2, key)
    if row.changed > number {
      let old = try connection.statement(
        """
        SELECT key, born, length, content, mark, died FROM past
        WHERE storage = ?1 AND key >= ?2 ORDER BY key, born
        """, lane: lane)
      old.bind(1, storage)
      old.bind(2, key)
      past = old
    } else {
      past = nil
    }
    do throws(OfficeError) {
      currentRow = try advance(current, isPast: false)
      if let past { pastRow = try advance(past, isPast: true) }
    } catch {
      close()
      throw error
    }
    choose()
  }

  /// Whether there is an item.
  var isValid: Bool { currentRow != nil || pastRow != nil }

  var key: UnsafeRawBufferPointer { row.key }
  var born: Int64 { row.born }
  /// Bytes of content.
  var length: Int64 { row.length }
  /// The column: inline bytes or references.
  var content: UnsafeRawBufferPointer { row.content }

  /// Moves to the next item.
  mutating func next() throws(OfficeError) {
    // Gone first: where the step fails, SQLite has let go of what the row points to.
    if isAtPast, let past {
      pastRow = nil
      pastRow = try advance(past, isPast: true)
    } else {
      currentRow = nil
      currentRow = try advance(current, isPast: false)
    }
    choose()
  }

  /// Ends the walk.
  func close() {
    current.reset()
    past?.reset()
  }

  private var row: Row { (isAtPast ? pastRow : currentRow) ?? Row.none }

  private mutating func choose() {
    guard let pastRow else {
      isAtPast = false
      return
    }
    isAtPast = currentRow.map { pastRow.key.lexicographicallyPrecedes($0.key) } ?? true
  }

  private func advance(_ statement: Statement, isPast: Bool) throws(OfficeError) -> Row? {
    while try statement.step() {
      let row = Row(
        key: statement.bytes(0), born: statement.integer(1), length: statement.integer(2),
        content: statement.bytes(3))
      let died = isPast ? statement.integer(5) : ItemSchema.never
      let mark = ItemMark.of(
        storage: storage, key: row.key, born: row.born, died: died, length: row.length,
        content: row.content)
      guard mark.agrees(with: statement.integer(4)) else {
        throw Damage.found("an item of storage \(storage)")
      }
      if row.born <= number && number < died && row.key.count > 0 { return row }
    }
    return nil
  }
}
