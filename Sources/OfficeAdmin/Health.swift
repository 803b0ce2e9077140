import LiveStore
import OfficeModel

/// How the office is, in a text whose first word is OK, WARN or FAIL.
public struct Health: Sendable {
  /// The worst of what was found.
  public enum State: String, Sendable {
    case ok = "OK"
    case warn = "WARN"
    case fail = "FAIL"
  }

  public let state: State
  /// One sentence each: what is wrong and what to do.
  public let findings: [String]
  public let users: Int64
  public let items: Int64
  public let bytes: Int64
  /// Free bytes on the store's disk.
  public let free: Int64
  public let commit: Int64
  private let backupLines: [String]

  /// Looks at the store's totals and disk; a handful of reads.
  public init(
    of store: LiveStore, faults: Faults = Faults(), backups: BackupHealth
  ) throws(OfficeError) {
    let totals = try store.totals()
    users = totals.users
    items = totals.items
    bytes = totals.bytes
    free = try store.diskSpace().free
    commit = store.commit
    var findings: [(State, String)] = []
    if free < 256 << 20 {
      findings.append((.fail, "the disk is nearly full: imports are refused - make room"))
    } else if free < 1 << 30 {
      findings.append((.warn, "less than 1 GiB is free - make room soon"))
    }
    if let failure = store.failure {
      findings.append(
        (.fail, "nothing is written any more: \(failure) - copy the users out, look at the disk"))
    }
    if let finding = faults.finding { findings.append((.fail, finding)) }
    findings += try backups.findings(store)
    backupLines = try backups.lines()
    self.findings = findings.map { "\($0.0.rawValue): \($0.1)" }
    state =
      findings.contains { $0.0 == .fail } ? .fail : findings.isEmpty ? .ok : .warn
  }

  /// The text of `status/health.txt`.
  public var text: String {
    var lines = [state.rawValue]
    lines += findings
    lines.append("users \(users)")
    lines.append("items \(items)")
    lines.append("bytes \(bytes)")
    lines.append("free \(free)")
    lines.append("commit \(commit)")
    lines += backupLines
    return lines.joined(separator: "\n") + "\n"
  }
}
