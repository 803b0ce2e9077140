import OfficeModel

extension ItemPairs {
  /// A cell of this database, and one of another by the pages of `ItemFeed.items`.
  init(
    of current: StoredCell, in database: ItemDatabase,
    and pages: @escaping (ItemPlace) throws(OfficeError) -> ItemPage
  ) throws(OfficeError) {
    self.init(
      current: try ItemRows { (place) throws(OfficeError) in
        try database.items(of: current, since: nil, from: place)
      },
      staged: try ItemRows(pages: pages))
  }
}

extension ItemDatabase {
  /// What to put into a cell to make it one of another database; nil where pointing to a copy of that is the smaller
  /// change. `pages` are those of `ItemFeed.items`. Memory does not grow with the cells.
  public func fewChanges(
    of current: StoredCell, to pages: @escaping (ItemPlace) throws(OfficeError) -> ItemPage
  ) throws(OfficeError) -> [ItemChange]? {
    var pairs = try ItemPairs(of: current, in: self, and: pages)
    var changes: [ItemChange] = []
    while let (pair, _) = try pairs.next() {
      switch pair {
      case .both(let old, let new) where old.content == new.content: continue
      case .both(_, let row), .staged(let row):
        if let record = row.record { changes.append(.put(record)) }
      case .current(let row): changes.append(.removed(row.key))
      }
      guard StorageDifference.isSmall(changes.count, of: current) else { return nil }
    }
    return changes
  }
}
