import OfficeModel

/// How a staged storage differs from the one a cell has: what to do to the one to get the other.
public struct StorageDifference: Sendable {
  /// What happens to an item.
  public enum Kind: Sendable {
    case added, changed, removed
  }

  /// The cell that was compared with.
  public let current: StoredCell
  public var added = 0
  public var changed = 0
  public var removed = 0
  /// Which items, while they are few.
  public var keys: [(kind: Kind, key: [UInt8])] = []

  /// More differences than this are not put in one by one: the cell then points to the staged storage instead.
  public static let mostKeys = 2_000

  /// How many items differ.
  public var count: Int { added + changed + removed }

  /// Whether putting in the differences is the smaller change: few, and less than a quarter.
  public var isSmall: Bool { StorageDifference.isSmall(count, of: current) }

  static func isSmall(_ count: Int, of current: StoredCell) -> Bool {
    count <= mostKeys && Int64(count) * 4 < current.items
  }

  fileprivate mutating func note(_ kind: Kind, _ key: UnsafeRawBufferPointer) {
    switch kind {
    case .added: added += 1
    case .changed: changed += 1
    case .removed: removed += 1
    }
    if count <= StorageDifference.mostKeys {
      keys.append((kind, Array(key)))
    } else {
      keys = []
    }
  }
}

extension ItemDatabase {
  /// Compares a cell with a staged storage in short read transactions. Content is equal where its rows are.
  public func difference(
    of current: StoredCell, and staged: Int64
  ) throws(OfficeError) -> StorageDifference {
    var walk = DifferenceWalk(current: current, staged: staged)
    while !walk.isDone {
      try read { connection throws(OfficeError) in
        try walk.step(rows: 8_192, in: connection)
      }
    }
    return walk.result
  }

  /// The same within the caller's transaction; for small cells.
  public static func difference(
    of current: StoredCell, and staged: Int64, in connection: Connection
  ) throws(OfficeError) -> StorageDifference {
    var walk = DifferenceWalk(current: current, staged: staged)
    while !walk.isDone { try walk.step(rows: .max, in: connection) }
    return walk.result
  }

  /// SHA-256 of a cell's document, read in order.
  public func digest(of cell: StoredCell) throws(OfficeError) -> Digest {
    try digest(of: cell) { (offset, part) throws(OfficeError) in
      try read(cell, at: offset, into: part)
    }
  }

  /// The same as the caller's transaction sees it.
  func digest(of cell: StoredCell, in connection: Connection) throws(OfficeError) -> Digest {
    try digest(of: cell) { (offset, part) throws(OfficeError) in
      try read(cell, at: offset, into: part, in: connection)
    }
  }

  private func digest(
    of cell: StoredCell,
    _ read: (Int64, UnsafeMutableRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) -> Digest {
    var stream = DigestStream()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var offset: Int64 = 0
    while offset < cell.size {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<Int(min(cell.size - offset, 1 << 20))])
      try read(offset, part)
      stream.update(UnsafeRawBufferPointer(part))
      offset += Int64(part.count)
    }
    return stream.finish()
  }
}

/// Two walks side by side.
private struct DifferenceWalk {
  let staged: Int64
  var result: StorageDifference
  var from: [UInt8] = []
  var isDone = false

  init(current: StoredCell, staged: Int64) {
    self.staged = staged
    result = StorageDifference(current: current)
  }

  mutating func step(rows: Int, in connection: Connection) throws(OfficeError) {
    var old = try ItemCursor(
      result.current.storage, at: result.current.number, from: from, in: connection, lane: 1)
    defer { old.close() }
    var new = try ItemCursor(staged, at: 0, from: from, in: connection, lane: 2)
    defer { new.close() }
    var count = 0
    while old.isValid || new.isValid {
      let isOldFirst =
        old.isValid && (!new.isValid || old.key.lexicographicallyPrecedes(new.key))
      let isNewFirst = !isOldFirst && (!old.isValid || new.key.lexicographicallyPrecedes(old.key))
      if count == rows {
        from = Array(isOldFirst ? old.key : new.key)
        return
      }
      count += 1
      if isOldFirst {
        result.note(.removed, old.key)
        try old.next()
      } else if isNewFirst {
        result.note(.added, new.key)
        try new.next()
      } else {
        if !ItemContent.isEqual(old.content, new.content) { result.note(.changed, new.key) }
        try old.next()
        try new.next()
      }
    }
    isDone = true
  }
}
