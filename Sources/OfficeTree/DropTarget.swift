import OfficeModel

/// What a file that is copied into the mount becomes, as its name says.
enum DropTarget: Hashable, Sendable {
  case user(UserID)
  case archive(ArchiveName)
  /// An archive that its tool calls as the link to the newest is called: where there is no link, it is named by its time.
  case unnamedArchive

  /// The name under which the mount shows it.
  var fileName: [UInt8] {
    switch self {
    case .user(let id): id.fileName
    case .archive(let name): Array(name.text.utf8)
    case .unnamedArchive: Array(ArchiveName.latest.utf8)
    }
  }

  /// Whether both can't be at once: ids are unique regardless of case.
  func excludes(_ other: DropTarget) -> Bool {
    if case .user(let id) = self, case .user(let taken) = other { return id.folded == taken.folded }
    return self == other
  }
}
