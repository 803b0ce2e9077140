import OfficeAdmin
import OfficeModel

/// How a restore ended: `result.txt` and `result.json`. The schema of the latter is in README.md.
public struct RestoreReport: Codable, Sendable, Equatable {
  /// `done` or `failed`.
  public var result: String
  /// Why it failed, and what to do about it.
  public var reason: String?
  public var archive: String
  public var ended: String
  /// The archive of the state before, if there was something to change.
  public var before: String?
  /// The folder of `undo/` with what was replaced.
  public var undo: String?
  public var added: [String]
  public var changed: [String]
  public var removed: [String]
  /// What was changed in groups and settings, one line each.
  public var office: [String]
  /// The sessions that it ended.
  public var sessions: [String]

  /// Of one that was carried out.
  public init(_ result: RestoreResult, sessions: [String] = []) {
    self.init(result: "done", archive: result.plan.set.archiveName, at: result.seconds)
    before = result.before?.archiveName
    undo = result.undo
    added = result.users.filter { $0.what == .added }.map(\.id.text)
    changed = result.users.filter { $0.what == .changed }.map(\.id.text)
    removed = result.users.filter { $0.what == .removed }.map(\.id.text)
    office = result.plan.officeChanges
    self.sessions = sessions
  }

  /// Of one that failed: nothing has changed.
  init(failure: OfficeError, archive: String, at seconds: Int64) {
    self.init(result: "failed", archive: archive, at: seconds)
    reason = "\(failure)"
  }

  private init(result: String, archive: String, at seconds: Int64) {
    self.result = result
    self.archive = archive
    ended = Stamp.text(seconds: seconds)
    added = []
    changed = []
    removed = []
    office = []
    sessions = []
  }

  /// The text of `result.txt`.
  public var text: String {
    var lines = ["\(result) at \(ended): restore of \(archive)"]
    if let reason { lines += [reason, "nothing was changed"] }
    if let before { lines.append("the state before it: archives/\(before)") }
    if let undo { lines.append("what was replaced: undo/\(undo)/") }
    for (what, users) in [("added", added), ("changed", changed), ("removed", removed)]
    where !users.isEmpty {
      lines.append("\(what): \(users.joined(separator: " "))")
    }
    lines += office
    if !sessions.isEmpty { lines.append("sessions ended: \(sessions.joined(separator: " "))") }
    return lines.joined(separator: "\n") + "\n"
  }
}
