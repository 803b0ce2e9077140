extension RestoreSummary {
  /// The text of `plan.txt`.
  public var text: String {
    guard let code else { return overview + "It can't be carried out:\n" + reasons }
    return overview + "To carry it out: touch confirm-\(code)\n"
  }

  /// Why it can't be carried out, one line each.
  public var reasons: String { refusals.map { $0 + "\n" }.joined() }

  /// What it would do.
  public var overview: String {
    var lines = [
      "archive  \(archive): made by \(process) at \(stamp)",
      "format   \(format), this officefs reads up to \(readsUpTo)",
      "planned  \(planned)",
    ]
    lines += ["", RestoreSummary.row("area", ["added", "changed", "removed", "stay"])]
    lines += areas.map { RestoreSummary.row($0.area, RestoreSummary.columns($0.objects)) }
    lines += ["", RestoreSummary.row("user", ["added", "changed", "removed", "stay"])]
    lines += users.map(RestoreSummary.line)
    if groups || settings {
      lines += [
        "", office.isEmpty ? "groups and settings stay as they are" : "groups and settings",
      ]
      lines += office
    }
    lines += ["", "\(sessions.count) of \(loggedIn) sessions would end"]
    lines += sessions.map { "\($0.session)  \($0.state)" }
    lines += ["", "\(atWork.count) imports and readers at work"]
    lines += atWork
    lines += [
      "",
      "space    \(space.needed) bytes needed, \(space.free) free; for the backup before it "
        + "\(space.repositoryFree) free",
      "",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func columns(_ counts: Counts) -> [String] {
    [counts.added, counts.changed, counts.removed, counts.same].map { "\($0)" }
  }

  private static func line(_ user: UserRow) -> String {
    switch user.fate {
    case "added": row(user.user, columns(user.objects)) + "  a new user"
    case "removed": row(user.user, columns(user.objects)) + "  not in the archive: is removed"
    case "stays": row(user.user, []) + "  not in the archive: stays"
    default:
      row(user.user, columns(user.objects))
        + (user.damaged > 0 ? "  areas that can't be read: \(user.damaged), copied anew" : "")
    }
  }

  private static func row(_ name: String, _ columns: [String]) -> String {
    let first = name + String(repeating: " ", count: max(0, 24 - name.utf8.count))
    return columns.reduce(first) { row, column in
      row + String(repeating: " ", count: max(1, 9 - column.utf8.count)) + column
    }
  }
}
