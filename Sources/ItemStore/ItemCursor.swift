import OfficeModel

/// Walks the items of a storage as they were at one number, in ascending order of keys.
///
/// Every row's check is compared before the row decides anything. Used within one transaction.
struct ItemCursor {
  private let storage: Int64
  private let number: Int64
  private let current: Statement
  private let past: Statement?
  private var hasCurrent = false
  private var hasPast = false
  private var isAtPast = false

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
      hasCurrent = try advance(current, isPast: false)
      if let past { hasPast = try advance(past, isPast: true) }
    } catch {
      close()
      throw error
    }
    choose()
  }

  /// Whether there is an item.
  var isValid: Bool { hasCurrent || hasPast }

  var key: UnsafeRawBufferPointer { row.bytes(0) }
  var born: Int64 { row.integer(1) }
  /// Bytes of content.
  var length: Int64 { row.integer(2) }
  /// The column: inline bytes or references.
  var content: UnsafeRawBufferPointer { row.bytes(3) }

  /// Moves to the next item.
  mutating func next() throws(OfficeError) {
    if isAtPast, let past {
      hasPast = try advance(past, isPast: true)
    } else {
      hasCurrent = try advance(current, isPast: false)
    }
    choose()
  }

  /// Ends the walk.
  func close() {
    current.reset()
    past?.reset()
  }

  private var row: Statement { isAtPast ? past ?? current : current }

  private mutating func choose() {
    guard let past, hasPast else {
      isAtPast = false
      return
    }
    isAtPast = !hasCurrent || past.bytes(0).lexicographicallyPrecedes(current.bytes(0))
  }

  private func advance(_ statement: Statement, isPast: Bool) throws(OfficeError) -> Bool {
    while try statement.step() {
      let died = isPast ? statement.integer(5) : ItemSchema.never
      let born = statement.integer(1)
      let mark = ItemMark.of(
        storage: storage, key: statement.bytes(0), born: born, died: died,
        length: statement.integer(2), content: statement.bytes(3))
      guard mark.agrees(with: statement.integer(4)) else {
        throw Damage.found("an item of storage \(storage)")
      }
      if born <= number && number < died && statement.bytes(0).count > 0 { return true }
    }
    return false
  }
}
