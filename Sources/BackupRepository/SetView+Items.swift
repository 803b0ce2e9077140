import ItemStore
import OfficeModel

extension SetView: ItemFeed {
  public func items(
    of cell: CellState, since number: Int64?, from place: ItemPlace
  ) throws(OfficeError) -> ItemPage {
    try repository.items.items(of: cell.stored, since: number, from: place)
  }

  public func contents(of chunks: [ContentChunk]) throws(OfficeError) -> [[UInt8]] {
    try repository.items.contents(of: chunks)
  }

  /// A user's cells in the order of `Area.allCases`; nil where the area's column has no such user: the set does not
  /// have the area, or it shows a moment at which the user was not there.
  public func cellsHeld(of user: UserNumber) throws(OfficeError) -> [CellState?] {
    try repository.items.read { connection throws(OfficeError) in
      try CellTable.cells(of: user, chain: chain, at: number, in: connection)
    }
  }
}
