import OfficeModel

// A cell's state in the columns of a row: storage, size, items, mtime, digest, one after the other.

extension Statement {
  /// Binds five parameters, the first at `index`.
  public func bind(_ index: Int32, _ cell: CellState) {
    bind(index, cell.storage)
    bind(index + 1, cell.size)
    bind(index + 2, cell.items)
    bind(index + 3, cell.mtime)
    bind(index + 4, cell.digest.bytes)
  }

  /// The cell in five columns, the first at `column`; nil if the digest is none.
  public func cell(_ column: Int32, born: Int64) -> CellState? {
    guard let digest = Digest(bytes: bytes(column + 4)) else { return nil }
    return CellState(
      storage: integer(column), born: born, size: integer(column + 1), items: integer(column + 2),
      mtime: integer(column + 3), digest: digest)
  }
}

extension RowCheck {
  /// Adds a cell.
  public mutating func add(_ cell: CellState) {
    for value in [cell.born, cell.storage, cell.size, cell.items, cell.mtime] { add(value) }
    add(cell.digest.bytes)
  }
}

extension CellState {
  /// How its items are read in the database that holds them.
  public var stored: StoredCell {
    StoredCell(storage: storage, number: born, size: size, items: items)
  }
}
