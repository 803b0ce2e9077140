import ItemStore
import OfficeModel

/// The rows of `name`: every id that a set ever showed has a number here.
enum NameTable {
  static func number(
    of id: UserID, in connection: Connection
  ) throws(OfficeError) -> UserNumber? {
    let find = try connection.statement("SELECT number, mark FROM name WHERE id = ?1")
    find.bind(1, id.text)
    defer { find.reset() }
    guard try find.step() else { return nil }
    guard find.integer(1) == mark(find.integer(0), id) else { throw Damage.found("name \(id)") }
    return UserNumber(rawValue: find.integer(0))
  }

  static func id(of number: UserNumber, in connection: Connection) throws(OfficeError) -> UserID {
    let find = try connection.statement("SELECT id, mark FROM name WHERE number = ?1")
    find.bind(1, number.rawValue)
    defer { find.reset() }
    guard try find.step(), let id = try? UserID(stored: find.text(0)),
      find.integer(1) == mark(number.rawValue, id)
    else { throw Damage.found("name \(number.rawValue)") }
    return id
  }

  /// The number of an id, given now if it had none.
  static func make(_ id: UserID, in connection: Connection) throws(OfficeError) -> UserNumber {
    if let known = try number(of: id, in: connection) { return known }
    let insert = try connection.statement("INSERT INTO name VALUES(NULL, ?1, 0)")
    insert.bind(1, id.text)
    try insert.run()
    let number = connection.lastRow
    let update = try connection.statement("UPDATE name SET mark = ?2 WHERE number = ?1")
    update.bind(1, number)
    update.bind(2, mark(number, id))
    try update.run()
    return UserNumber(rawValue: number)
  }

  static let fileSQL: StaticString = "SELECT 1 FROM file WHERE user = ?1 LIMIT 1"

  /// Forgets a name that only an upload had, once that is gone.
  static func forgetUnused(_ number: UserNumber, in connection: Connection) throws(OfficeError) {
    let find = try connection.statement(fileSQL)
    find.bind(1, number.rawValue)
    let isUsed = try find.step()
    find.reset()
    if isUsed { return }
    // A backup under way has cells before it has files.
    for area in Area.allCases {
      if try CellTable.last(area, of: number, chain: 0, in: connection) != nil { return }
    }
    try delete(number, in: connection)
  }

  static func delete(_ number: UserNumber, in connection: Connection) throws(OfficeError) {
    let delete = try connection.statement("DELETE FROM name WHERE number = ?1")
    delete.bind(1, number.rawValue)
    try delete.run()
  }

  private static func mark(_ number: Int64, _ id: UserID) -> Int64 {
    var check = RowCheck(22)
    check.add(number)
    check.add(id.text)
    return check.value
  }
}
