import BackupRepository
import LiveStore
import OfficeModel

/// What a restore did. It carried out its plan exactly, so its numbers are the plan's.
public struct RestoreResult: Sendable {
  /// The plan.
  public let plan: RestorePlan
  /// When it began and when it took effect, in seconds since 1970.
  public let since: Int64
  public let seconds: Int64
  /// The set of the state before; nil if there was nothing to change.
  public let before: BackupSet?
  /// The commit that shows it; nil if there was nothing to change.
  public let commit: Int64?
  /// The folder of undo with what was replaced; nil if nothing was.
  public let undo: String?
  /// Whether groups or settings were replaced.
  public let hasChangedOffice: Bool

  init(
    _ plan: RestorePlan, since: Int64, seconds: Int64, before: BackupSet? = nil,
    commit: RestoreCommit? = nil
  ) {
    self.plan = plan
    self.since = since
    self.seconds = seconds
    self.before = before
    self.commit = commit?.number
    undo = commit?.undo?.name
    hasChangedOffice = commit?.office != nil
  }

  /// Whose files it changed, sorted, and how.
  public var users: [(id: UserID, what: RestoredUser)] { commit == nil ? [] : plan.touched }

  /// One line for the audit log, without who did it.
  var auditLine: String {
    let users = users
    func count(_ what: RestoredUser) -> Int { users.count { $0.what == what } }
    var parts = [
      "\(count(.added)) users added, \(count(.changed)) changed, \(count(.removed)) removed"
    ]
    for column in plan.areas where column.counts.cells > 0 {
      let counts = column.counts
      parts.append("\(column.area.name) +\(counts.added) ~\(counts.changed) -\(counts.removed)")
    }
    parts +=
      plan.officeChanges.isEmpty ? [] : ["\(plan.officeChanges.count) of groups and settings"]
    return "restored set \(plan.set.name): " + parts.joined(separator: ", ")
      + "; before it: set \(before?.name ?? "none")"
  }
}
