import ItemStore
import OfficeModel

extension LiveView: ChangeFeed {
  private static let idsAPage = 2_000

  public func changedUsers(since commit: Int64) throws(OfficeError) -> [UserID]? {
    guard store.holds(commit), commit <= number else { return nil }
    var found: Set<String> = []
    for sql in [UserTable.openedSQL, UserTable.closedSQL] {
      var place: (commit: Int64, version: Int64)? = (commit, .max)
      while let from = place {
        place = try store.items.read { connection throws(OfficeError) in
          let page = try UserTable.ids(
            sql, beyond: from, upTo: number, limit: LiveView.idsAPage, in: connection)
          found.formUnion(page.ids)
          return page.last
        }
      }
    }
    var ids: [UserID] = []
    ids.reserveCapacity(found.count)
    for text in found { ids.append(try UserID(stored: text)) }
    return ids.sorted()
  }

  public func users(
    _ ids: [UserID]
  ) throws(OfficeError) -> [(user: UserState, cells: [CellState])?] {
    try store.items.read { connection throws(OfficeError) in
      var found: [(user: UserState, cells: [CellState])?] = []
      for id in ids {
        guard let user = try UserTable.user(id, at: number, in: connection)?.state else {
          found.append(nil)
          continue
        }
        found.append((user, try CellTable.cells(of: user.number, at: number, in: connection)))
      }
      return found
    }
  }

  public func items(
    of cell: CellState, since commit: Int64?, from place: ItemPlace
  ) throws(OfficeError) -> ItemPage {
    try store.reading(cell) { () throws(OfficeError) in
      try store.items.items(of: cell.stored, since: commit, from: place)
    }
  }

  public func contents(of chunks: [ContentChunk]) throws(OfficeError) -> [[UInt8]] {
    try store.items.contents(of: chunks)
  }
}
