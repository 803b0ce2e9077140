import ItemStore
import OfficeModel

/// A backup set, for as long as this is held: it stays readable even when it is dropped meanwhile.
///
/// An area that was brought up to date by itself shows its own moment: the users of its column are those of that
/// moment, and a user's file is made of what each area shows under that id.
public final class SetView: OfficeView {
  /// The set's number.
  public var number: Int64 { self.set.number }
  private let set: BackupSet
  /// The chain the set belongs to: 0 for the office's own backups, else that of one upload.
  public var chain: Int64 { self.set.chain }
  let repository: Repository

  private static let page = 1_000

  // INVARIANT: the number is pinned already.
  init(_ set: BackupSet, of repository: Repository) {
    self.set = set
    self.repository = repository
  }

  deinit { repository.unpin(number) }

  /// The set as a list has it, also when none does any more: then it is in no slot and not held.
  public func listed() throws(OfficeError) -> ListedSet {
    if let listed = try repository.list().numbered(number) { return listed }
    let areas = try repository.items.read { connection throws(OfficeError) in
      try? TotalTable.areas(of: number, in: connection)
    }
    var set = self.set
    set.slot = nil
    set.hold = nil
    return ListedSet(set: set, areas: areas)
  }

  public func users() throws(OfficeError) -> [UserState] {
    var found: [UserState] = []
    var place = (user: Int64(0), born: Int64(0))
    while true {
      let from = place
      let (users, last) = try repository.items.read { connection throws(OfficeError) in
        let rows = try FileTable.page(
          chain: chain, beyond: from, limit: SetView.page, in: connection)
        var users: [UserState] = []
        for row in rows where row.born <= number && number < row.died {
          let id = try NameTable.id(of: row.user, in: connection)
          if id != .office { users.append(row.state(of: id)) }
        }
        return (users, rows.count == SetView.page ? rows.last : nil)
      }
      found += users
      guard let last else { break }
      place = (last.user.rawValue, last.born)
    }
    return found.sorted { $0.id < $1.id }
  }

  public func user(_ id: UserID) throws(OfficeError) -> UserState? {
    try repository.items.read { connection throws(OfficeError) in
      guard let name = try NameTable.number(of: id, in: connection) else { return nil }
      return try FileTable.file(of: name, chain: chain, at: number, in: connection)?.state(of: id)
    }
  }

  public func cells(of user: UserNumber) throws(OfficeError) -> [CellState] {
    try cellsHeld(of: user).map { $0 ?? .empty }
  }

  public func column(_ area: Area) throws(OfficeError) -> [(id: UserID, cell: CellState)] {
    var column: [(id: UserID, cell: CellState)] = []
    var place = (user: Int64(0), born: Int64(0))
    while true {
      let from = place
      let (part, last) = try repository.items.read { connection throws(OfficeError) in
        let rows = try CellTable.page(
          area, chain: chain, beyond: from, limit: SetView.page, in: connection)
        var part: [(id: UserID, cell: CellState)] = []
        for row in rows where row.state.born <= number && number < row.died {
          let id = try NameTable.id(of: row.user, in: connection)
          if id != .office { part.append((id, row.state)) }
        }
        return (part, rows.count == SetView.page ? rows.last : nil)
      }
      column += part
      guard let last else { break }
      place = (last.user.rawValue, last.state.born)
    }
    return column.sorted { $0.id < $1.id }
  }

  public func read(
    _ cell: CellState, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    try read([CellRange(cell: cell, offset: offset, buffer: buffer)])
  }

  public func read(_ ranges: [CellRange]) throws(OfficeError) {
    var done = 0
    try repository.items.read(ranges, done: &done)
  }
}

extension Repository {
  /// Opens a set. Throws `.stale` if it was dropped.
  public func view(of set: BackupSet) throws(OfficeError) -> SetView {
    // Pinned before it is looked for: a sweep that did not see the pin has dropped the set already.
    state.withLock { $0.pins[set.number, default: 0] += 1 }
    do throws(OfficeError) {
      let found = try items.read { connection throws(OfficeError) in
        try SetTable.set(set.number, in: connection)
      }
      guard let found, found.state == .listed else {
        throw OfficeError(.stale, "this backup set is gone", item: set.name)
      }
      return SetView(found.set, of: self)
    } catch {
      unpin(set.number)
      throw error
    }
  }

  func unpin(_ number: Int64) {
    let isLast = state.withLock { state in
      let count = (state.pins[number] ?? 1) - 1
      state.pins[number] = count > 0 ? count : nil
      return count <= 0 && state.hasDropped
    }
    if isLast { sweep() }
  }
}
