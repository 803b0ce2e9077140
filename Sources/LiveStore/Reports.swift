import ItemStore
import OfficeModel

/// Reports of imports that are not on the disk yet: they go there together, a moment later or before any is read, so that no
/// import waits for its report.
///
/// They have commits of their own: damage among the reports must not keep anyone from changing anything.
struct PendingReports {
  private struct Report {
    var number: Int
    var text: [UInt8]
    var mtime: Int64
  }

  private var reports: [UserID: Report] = [:]
  private var last = 0

  var count: Int { reports.count }

  /// In place of one of the same id.
  mutating func add(_ text: [UInt8], of id: UserID, mtime: Int64) {
    last += 1
    reports[id] = Report(number: last, text: text, mtime: mtime)
  }

  mutating func drop(_ id: UserID) { reports[id] = nil }

  /// Writes all that there are; `remove` has to follow the commit.
  func put(in connection: Connection) throws(OfficeError) {
    for (id, report) in reports {
      try ReportTable.put(report.text, of: id, mtime: report.mtime, in: connection)
    }
  }

  /// Those that were written are there no more.
  mutating func remove(_ written: PendingReports) {
    for (id, report) in written.reports where reports[id]?.number == report.number {
      reports[id] = nil
    }
  }
}

/// Reports of imports, the newest of each id. They are no part of a view, and no commit of the office.
extension LiveStore {
  private static let mostPending = 200

  /// Keeps `text` as the id's report, in place of the one before. It is durable a moment later; a crash before may lose it.
  /// Throws only where many could not be made durable, as on a full disk.
  public func keep(
    report text: [UInt8], of id: UserID, mtime: Int64
  ) throws(OfficeError) {
    let count = state.withLock { state in
      state.reports.add(text, of: id, mtime: mtime)
      return state.reports.count
    }
    if count > LiveStore.mostPending { return try keepReports() }
    sweeper.enqueue { [weak self] in try? self?.keepReports() }
  }

  /// Makes durable what is not yet. What fails is tried again with the next report, or when one is read.
  func keepReports() throws(OfficeError) {
    guard state.withLock({ $0.reports.count }) > 0 else { return }
    _ = try items.write(
      urgent: false,
      { connection throws(OfficeError) -> PendingReports in
        let pending = state.withLock { $0.reports }
        try pending.put(in: connection)
        return pending
      },
      committed: { written in state.withLock { $0.reports.remove(written) } })
  }

  /// Nothing is left of the report on an id that is not on the disk yet.
  func dropReport(of id: UserID) { state.withLock { $0.reports.drop(id) } }

  /// The report of an id; nil if nothing was imported for it.
  public func report(of id: UserID) throws(OfficeError) -> StoredReport? {
    try readReports { connection throws(OfficeError) in
      try ReportTable.report(of: id, in: connection)
    }
  }

  /// The report of that number; nil if there is a newer one, or none any more.
  public func report(_ number: Int64) throws(OfficeError) -> StoredReport? {
    try readReports { connection throws(OfficeError) in
      try ReportTable.report(number, in: connection)
    }
  }

  /// Up to `limit` reports in the order of their ids' bytes, beyond `after`.
  public func reports(after id: UserID?, limit: Int) throws(OfficeError) -> [StoredReport] {
    try readReports { connection throws(OfficeError) in
      try ReportTable.page(after: id?.text ?? "", limit: limit, in: connection)
    }
  }

  /// What a report says; nil if it is gone.
  public func reportText(_ number: Int64) throws(OfficeError) -> [UInt8]? {
    try readReports { connection throws(OfficeError) in
      try ReportTable.text(number, in: connection)
    }
  }

  // Where those that are under way can't be written, what was written before is read.
  private func readReports<T>(
    _ body: (Connection) throws(OfficeError) -> T
  ) throws(OfficeError) -> T {
    try? keepReports()
    return try items.read(body)
  }
}
