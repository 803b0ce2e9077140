import ItemStore
import OfficeModel

/// Reports of imports, the newest of each id. They are no part of a view, and no commit of the office.
extension LiveStore {
  /// Keeps `text` as the id's report, in place of the one before. Durable when this returns.
  public func keep(
    report text: [UInt8], of id: UserID, mtime: Int64
  ) throws(OfficeError) {
    try items.write(urgent: true) { connection throws(OfficeError) in
      try ReportTable.put(text, of: id, mtime: mtime, in: connection)
    }
  }

  /// The report of an id; nil if nothing was imported for it.
  public func report(of id: UserID) throws(OfficeError) -> StoredReport? {
    try items.read { connection throws(OfficeError) in
      try ReportTable.report(of: id, in: connection)
    }
  }

  /// The report of that number; nil if there is a newer one, or none any more.
  public func report(_ number: Int64) throws(OfficeError) -> StoredReport? {
    try items.read { connection throws(OfficeError) in
      try ReportTable.report(number, in: connection)
    }
  }

  /// Up to `limit` reports in the order of their ids' bytes, beyond `after`.
  public func reports(after id: UserID?, limit: Int) throws(OfficeError) -> [StoredReport] {
    try items.read { connection throws(OfficeError) in
      try ReportTable.page(after: id?.text ?? "", limit: limit, in: connection)
    }
  }

  /// What a report says; nil if it is gone.
  public func reportText(_ number: Int64) throws(OfficeError) -> [UInt8]? {
    try items.read { connection throws(OfficeError) in
      try ReportTable.text(number, in: connection)
    }
  }
}
