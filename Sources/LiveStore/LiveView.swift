import ItemStore
import OfficeModel

/// The live office frozen at one commit, for as long as this is held.
public final class LiveView: OfficeView {
  /// The commit.
  public let number: Int64
  let store: LiveStore

  private static let page = 1_000

  // INVARIANT: the number is pinned already.
  init(_ number: Int64, of store: LiveStore) {
    self.number = number
    self.store = store
  }

  deinit { store.unpin(number) }

  public func users() throws(OfficeError) -> [UserState] {
    let number = number
    var found: [UserState] = []
    // Live rows and ended ones are walked apart, in short transactions. A row may end between the two walks,
    // so the ended ones come second and a version that was already found is not taken twice.
    var after = ""
    while true {
      let rows = try store.items.read { connection throws(OfficeError) in
        try UserTable.live(after: after, limit: LiveView.page, in: connection)
      }
      for user in try rows.whole() where user.born <= number { found.append(user) }
      if rows.end == after { break }
      after = rows.end
    }
    let known = Set(found.map(\.version))
    var version: Int64 = 0
    while true {
      let rows = try store.items.read { connection throws(OfficeError) in
        try UserTable.ended(
          after: number, beyond: version, limit: LiveView.page, in: connection)
      }
      for row in rows where row.state.born <= number && !known.contains(row.state.version) {
        if row.state.id != .office { found.append(row.state) }
      }
      guard let last = rows.last, rows.count == LiveView.page else { break }
      version = last.state.version
    }
    return found.sorted { $0.id < $1.id }
  }

  public func user(_ id: UserID) throws(OfficeError) -> UserState? {
    try store.items.read { connection throws(OfficeError) in
      try UserTable.user(id, at: number, in: connection)?.state
    }
  }

  public func cells(of user: UserNumber) throws(OfficeError) -> [CellState] {
    try store.items.read { connection throws(OfficeError) in
      try CellTable.cells(of: user, at: number, in: connection)
    }
  }

  public func column(_ area: Area) throws(OfficeError) -> [(id: UserID, cell: CellState)] {
    var column = try users().map { (id: $0.id, number: $0.number, cell: CellState.empty) }
    // Looked up as they stand in the table, so that each of its pages is read once.
    let order = column.indices.sorted { column[$0].number < column[$1].number }
    var next = 0
    while next < order.count {
      let end = min(next + LiveView.page, order.count)
      try store.items.read { connection throws(OfficeError) in
        for index in order[next..<end] {
          let row = try CellTable.cell(area, of: column[index].number, at: number, in: connection)
          if let row { column[index].cell = row.state }
        }
      }
      next = end
    }
    return column.map { ($0.id, $0.cell) }
  }

  public func read(
    _ cell: CellState, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    try read([CellRange(cell: cell, offset: offset, buffer: buffer)])
  }

  public func read(_ ranges: [CellRange]) throws(OfficeError) {
    var done = 0
    do throws(OfficeError) {
      try store.items.read(ranges, done: &done)
    } catch {
      store.note(error, reading: ranges[min(done, ranges.count - 1)].cell)
      throw error
    }
  }
}

extension LiveStore {
  /// The office as it is now; it stays so for as long as the view is held.
  public func view() throws(OfficeError) -> LiveView {
    let number = state.withLock { state in
      state.pins[state.commit, default: 0] += 1
      return state.commit
    }
    return LiveView(number, of: self)
  }

  /// The office as it was at a commit. Throws `.stale` if that was purged or is yet to come.
  public func view(at commit: Int64) throws(OfficeError) -> LiveView {
    if commit > self.commit {
      // A look-up can see a commit a moment before its writer has counted it here.
      let newest = try items.read { connection throws(OfficeError) in
        try MetaTable.value(.commit, in: connection)
      }
      state.withLock { $0.commit = max($0.commit, newest) }
    }
    let isThere = state.withLock { state in
      guard (state.purged...state.commit).contains(commit) else { return false }
      state.pins[commit, default: 0] += 1
      return true
    }
    guard isThere else {
      throw OfficeError(.stale, "this version is gone", item: "commit \(commit)")
    }
    return LiveView(commit, of: self)
  }

  /// The oldest view that can still be had.
  func oldestView() throws(OfficeError) -> LiveView {
    let number = state.withLock { state in
      state.pins[state.purged, default: 0] += 1
      return state.purged
    }
    return LiveView(number, of: self)
  }

  func unpin(_ number: Int64) {
    state.withLock { state in
      let count = (state.pins[number] ?? 1) - 1
      state.pins[number] = count > 0 ? count : nil
    }
  }
}
