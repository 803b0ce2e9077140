import ItemStore
import OfficeModel

/// What the latest import of a user came to, as it is kept.
public struct StoredReport: Sendable, Equatable {
  /// Never reused: a newer report has another.
  public var number: Int64
  /// Whom the import was for.
  public var id: UserID
  /// When it was, in nanoseconds since 1970.
  public var mtime: Int64
  /// Bytes of text.
  public var size: Int64
}

/// The rows of `report`: one text for each id.
enum ReportTable {
  static let schema = """
    CREATE TABLE report(
      number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, mtime INTEGER NOT NULL,
      size INTEGER NOT NULL, hash INTEGER NOT NULL, text BLOB NOT NULL, mark INTEGER NOT NULL);
    CREATE INDEX report_mtime ON report(mtime);
    """

  private struct Row {
    var report: StoredReport
    var hash: Int64

    var mark: Int64 {
      var check = RowCheck(17)
      for value in [report.number, report.mtime, report.size, hash] { check.add(value) }
      check.add(report.id.text)
      return check.value
    }
  }

  private static func row(_ found: Statement) throws(OfficeError) -> Row {
    let number = found.integer(0)
    guard let id = try? UserID(found.text(1)) else { throw Damage.found("report \(number)") }
    let row = Row(
      report: StoredReport(
        number: number, id: id, mtime: found.integer(2), size: found.integer(3)),
      hash: found.integer(4))
    guard row.mark == found.integer(5) else { throw Damage.found("report \(number)") }
    return row
  }

  static func report(
    of id: UserID, in connection: Connection
  ) throws(OfficeError) -> StoredReport? {
    let find = try connection.statement(
      "SELECT number, id, mtime, size, hash, mark FROM report WHERE id = ?1")
    find.bind(1, id.text)
    defer { find.reset() }
    return try find.step() ? try row(find).report : nil
  }

  static func report(
    _ number: Int64, in connection: Connection
  ) throws(OfficeError) -> StoredReport? {
    let find = try connection.statement(
      "SELECT number, id, mtime, size, hash, mark FROM report WHERE number = ?1")
    find.bind(1, number)
    defer { find.reset() }
    return try find.step() ? try row(find).report : nil
  }

  /// In the order of their ids.
  static func page(
    after id: String, limit: Int, in connection: Connection
  ) throws(OfficeError) -> [StoredReport] {
    let find = try connection.statement(
      """
      SELECT number, id, mtime, size, hash, mark FROM report WHERE id > ?1 ORDER BY id LIMIT ?2
      """)
    find.bind(1, id)
    find.bind(2, Int64(limit))
    defer { find.reset() }
    var reports: [StoredReport] = []
    while try find.step() { reports.append(try row(find).report) }
    return reports
  }

  static func text(_ number: Int64, in connection: Connection) throws(OfficeError) -> [UInt8]? {
    let find = try connection.statement(
      "SELECT number, id, mtime, size, hash, mark, text FROM report WHERE number = ?1")
    find.bind(1, number)
    defer { find.reset() }
    guard try find.step() else { return nil }
    let row = try row(find)
    let text = find.array(6)
    guard hash(text) == row.hash else { throw Damage.found("report \(number)") }
    return text
  }

  /// The id's report from now on.
  static func put(
    _ text: [UInt8], of id: UserID, mtime: Int64, in connection: Connection
  ) throws(OfficeError) {
    try delete(id, in: connection)
    let insert = try connection.statement(
      "INSERT INTO report(id, mtime, size, hash, text, mark) VALUES(?1, ?2, ?3, ?4, ?5, 0)")
    insert.bind(1, id.text)
    insert.bind(2, mtime)
    insert.bind(3, Int64(text.count))
    insert.bind(4, hash(text))
    insert.bind(5, text)
    try insert.run()
    let report = StoredReport(
      number: connection.lastRow, id: id, mtime: mtime, size: Int64(text.count))
    try name(Row(report: report, hash: hash(text)), in: connection)
  }

  /// The report follows its user. A damaged one stays behind: it is no reason to refuse a rename.
  static func rename(
    _ id: UserID, to other: UserID, in connection: Connection
  ) throws(OfficeError) {
    guard id != other, let report = try? report(of: id, in: connection),
      let text = try? text(report.number, in: connection)
    else { return }
    try delete(other, in: connection)
    var renamed = report
    renamed.id = other
    try name(Row(report: renamed, hash: hash(text)), in: connection)
  }

  static func delete(_ id: UserID, in connection: Connection) throws(OfficeError) {
    let delete = try connection.statement("DELETE FROM report WHERE id = ?1")
    delete.bind(1, id.text)
    try delete.run()
  }

  /// Removes those of ids that nobody has, older than `mtime`.
  static func deleteOrphans(before mtime: Int64, in connection: Connection) throws(OfficeError) {
    let delete = try connection.statement(
      """
      DELETE FROM report WHERE mtime < ?1 AND NOT EXISTS (
        SELECT 1 FROM userversion u WHERE u.id = report.id AND u.died = 9223372036854775807)
      """)
    delete.bind(1, mtime)
    try delete.run()
  }

  private static func name(_ row: Row, in connection: Connection) throws(OfficeError) {
    let update = try connection.statement("UPDATE report SET id = ?2, mark = ?3 WHERE number = ?1")
    update.bind(1, row.report.number)
    update.bind(2, row.report.id.text)
    update.bind(3, row.mark)
    try update.run()
  }

  private static func hash(_ text: [UInt8]) -> Int64 {
    text.withUnsafeBytes { Int64(bitPattern: RowCheck.hash($0)) }
  }
}
