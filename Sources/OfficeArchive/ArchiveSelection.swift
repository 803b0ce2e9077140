import OfficeModel

/// Which cells of a view an archive holds: those of some areas of some users.
public enum ArchiveSelection: Sendable, Equatable {
  /// A row: one user's nine cells, as `.udb`.
  case user(UserID)
  /// A column: one area of every user, as `.odb`.
  case area(Area)
  /// Everything, groups and settings too, as `.sar`.
  case office

  /// The areas whose cells it holds, in order.
  var areas: [Area] {
    switch self {
    case .user, .office: Area.allCases
    case .area(let area): [area]
    }
  }
}
