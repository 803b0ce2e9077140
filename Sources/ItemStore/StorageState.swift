import OfficeModel

/// What a storage (one generation of a cell's items) is for.
enum StorageState: Int64 {
  /// Being filled; dropped at start-up.
  case staged = 0
  /// A cell refers to it.
  case live = 1
  /// To be removed in the background.
  case dropped = 2
  /// Changes that are being staged for the storage that `changed` names; dropped at start-up.
  case delta = 3
}

/// The row of a storage.
struct StorageRow {
  var state: StorageState
  /// The number at which the latest delta went in; 0 if none did. From then on the storage alone shows that version.
  /// Of a delta, the storage it is for.
  var changed: Int64

  /// Throws `.stale` if the storage is gone: an administrator erased it.
  static func load(
    _ number: Int64, in connection: Connection
  ) throws(OfficeError) -> StorageRow {
    let find = try connection.statement(
      "SELECT state, changed, mark FROM storage WHERE number = ?1")
    find.bind(1, number)
    defer { find.reset() }
    guard try find.step() else {
      throw OfficeError(.stale, "this version was erased", item: "storage \(number)")
    }
    guard let state = StorageState(rawValue: find.integer(0)),
      find.integer(2) == mark(number, find.integer(0), find.integer(1))
    else { throw Damage.found("storage \(number)") }
    return StorageRow(state: state, changed: find.integer(1))
  }

  /// Makes a staged storage under a number that `ItemDatabase.newStorage` gave.
  /// With `target` it takes changes for that one.
  static func insert(
    _ number: Int64, target: Int64 = 0, in connection: Connection
  ) throws(OfficeError) {
    let state = target == 0 ? StorageState.staged : .delta
    let row = try connection.statement("INSERT INTO storage VALUES(?1, ?2, ?3, ?4)")
    row.bind(1, number)
    row.bind(2, state.rawValue)
    row.bind(3, target)
    row.bind(4, mark(number, state.rawValue, target))
    try row.run()
  }

  func save(_ number: Int64, in connection: Connection) throws(OfficeError) {
    let row = try connection.statement(
      "UPDATE storage SET state = ?2, changed = ?3, mark = ?4 WHERE number = ?1")
    row.bind(1, number)
    row.bind(2, state.rawValue)
    row.bind(3, changed)
    row.bind(4, StorageRow.mark(number, state.rawValue, changed))
    try row.run()
  }

  static func mark(_ number: Int64, _ state: Int64, _ changed: Int64) -> Int64 {
    var check = RowCheck(3)
    check.add(number)
    check.add(state)
    check.add(changed)
    return check.value
  }
}
