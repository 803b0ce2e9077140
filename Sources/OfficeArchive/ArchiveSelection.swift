import OfficeModel

/// Which cells of a view an archive holds.
public enum ArchiveSelection: Sendable, Equatable {
  /// A row: one user's nine cells, as `.udb`.
  case user(UserID)
  /// A column: one area of every user, as `.odb`.
  case area(Area)
}
