import OfficeModel
import Synchronization

/// Where an archive's cells come from: known from the beginning, or looked up user by user as they are read.
final class ArchiveCells: Sendable {
  private enum Source: Sendable {
    /// All cells, user by user.
    case known([CellState])
    /// Nine cells of each user.
    case looked
  }

  private let view: any OfficeView
  private let source: Source
  private let width: Int
  private let recent = Mutex<[(user: Int, cells: [CellState])]>([])

  /// A read ends in one user and the next begins there; several readers share a handle.
  private static let mostRecent = 8

  /// `width` cells of each user.
  init(_ known: [CellState], width: Int, of view: any OfficeView) {
    self.view = view
    self.width = width
    source = .known(known)
  }

  /// All cells of each user, looked up when they are needed.
  init(of view: any OfficeView) {
    self.view = view
    width = Area.allCases.count
    source = .looked
  }

  /// The cells of the user at an index of `users`. Throws `.inputOutput` if they are not as large as they were announced.
  func cells(of user: Int, in users: ArchiveUsers) throws(OfficeError) -> [CellState] {
    if case .known(let cells) = source {
      return Array(cells[user * width..<(user + 1) * width])
    }
    if let found = recent.withLock({ $0.first { $0.user == user } }) { return found.cells }
    let cells = try view.cells(of: users.number(of: user))
    let size = cells.reduce(Int64(0)) { $0 + ArchiveSize.entry($1.size) }
    guard cells.count == width, size == users.size(of: user) else {
      if try view.user(UserID(users.id(of: user))) == nil {
        throw OfficeError(.stale, "the user was erased")
      }
      throw OfficeError(
        .inputOutput, "a user's cells are not those that the archive announced",
        item: String(decoding: users.id(of: user), as: UTF8.self), remedy: "run officefs verify")
    }
    recent.withLock { recent in
      if recent.count >= ArchiveCells.mostRecent { recent.removeFirst() }
      recent.append((user, cells))
    }
    return cells
  }

  /// Reads parts of cells' documents.
  func read(_ ranges: [CellRange]) throws(OfficeError) {
    if !ranges.isEmpty { try view.read(ranges) }
  }
}
