import ItemStore
import LiveStore
import OfficeModel

/// What an import did to the objects of one area.
public struct AreaOutcome: Sendable, Equatable {
  public let area: Area
  public let added: Int
  public let changed: Int
  public let removed: Int
  /// On both sides and equal.
  public let same: Int
  /// The user's own, which the archive does not hold, or which won.
  public let kept: Int
  /// Objects that are not the same on both sides, one line each; none where the user had nothing before.
  let names: [String]
  /// How many those are, named or not.
  let different: Int

  /// More bytes of a name than this are not shown.
  private static let mostBytes = 200

  init(_ change: CellChange, policy: ImportPolicy) {
    let found = change.comparison
    area = change.area
    added = found.added
    same = found.same
    changed = policy == .skip ? 0 : found.changed
    switch policy {
    case .replace, .preview: (removed, kept) = (found.removed, 0)
    case .merge: (removed, kept) = (0, found.removed)
    case .skip: (removed, kept) = (0, found.removed + found.changed)
    }
    guard change.before.items > 0 else {
      (names, different) = ([], 0)
      return
    }
    different = found.added + found.changed + removed
    names = found.names.sorted { left, right in
      left.kind == right.kind
        ? left.natural.lexicographicallyPrecedes(right.natural)
        : left.kind.rawValue < right.kind.rawValue
    }.map { name in
      let what =
        switch name.kind {
        case .added: "added"
        case .changed: policy == .skip ? "differs, own kept" : "changed"
        case .removed: "removed"
        }
      return "\(change.area.name) \(what): "
        + Escaped.line(name.natural.prefix(AreaOutcome.mostBytes))
    }
  }

  /// Rows of numbers under a line of headings.
  static func table(_ areas: [AreaOutcome]) -> String {
    var rows = [["area", "added", "changed", "removed", "same", "kept"]]
    for area in areas {
      let numbers = [area.added, area.changed, area.removed, area.same, area.kept]
      rows.append([area.area.name] + numbers.map { "\($0)" })
    }
    return rows.map { row in
      padded(row[0], 12, isNumber: false)
        + row.dropFirst().map { padded($0, 9, isNumber: true) }.joined() + "\n"
    }.joined()
  }

  private static func padded(_ text: String, _ width: Int, isNumber: Bool) -> String {
    let fill = String(repeating: " ", count: max(0, width - text.utf8.count))
    return isNumber ? fill + text : text + fill
  }
}
