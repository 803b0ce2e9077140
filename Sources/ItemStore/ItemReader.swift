import OfficeModel

/// A version of a cell as its row names it.
public struct StoredCell: Sendable, Equatable {
  /// The generation of items; 0 for none.
  public var storage: Int64
  /// The number at which it is read.
  public var number: Int64
  /// Bytes of the document.
  public var size: Int64
  /// How many items it has.
  public var items: Int64

  public init(storage: Int64, number: Int64, size: Int64, items: Int64) {
    self.storage = storage
    self.number = number
    self.size = size
    self.items = items
  }
}

extension ItemDatabase {
  /// Rows and bytes walked in one read transaction: a long one would keep the WAL from beginning anew.
  private static let rowsPerStep = 4_096
  private static let bytesPerStep = 4 << 20
  /// A cell of at most this many items is walked whole at its first read, so that a lost row is found at once.
  private static let wholeWalk: Int64 = 512

  /// Fills `buffer` with the cell's document from `offset` on.
  ///
  /// Throws `.invalid` if the range is not within the document, `.inputOutput` on damage, `.stale` if it was erased.
  public func read(
    _ cell: StoredCell, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    guard offset >= 0, Int64(buffer.count) <= cell.size, offset <= cell.size - Int64(buffer.count)
    else { throw OfficeError(.invalid, "a read outside of the document") }
    guard !buffer.isEmpty else { return }
    let index = indexes.index(storage: cell.storage, born: cell.number)
    var walk = ItemWalk(cell: cell, offset: offset, buffer: buffer, index: index)
    while !walk.isDone {
      try read { connection throws(OfficeError) in try step(&walk, in: connection) }
    }
    index.remember(walk.recent)
  }

  /// The same as the caller's transaction sees it, which nothing that is kept in memory knows.
  func read(
    _ cell: StoredCell, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer,
    in connection: Connection
  ) throws(OfficeError) {
    var walk = ItemWalk(cell: cell, offset: offset, buffer: buffer, index: OffsetIndex())
    while !walk.isDone { try step(&walk, in: connection) }
  }

  /// Bytes of the first item; 0 for a cell without items.
  public func firstLength(of cell: StoredCell) throws(OfficeError) -> Int64 {
    guard cell.items > 0 else { return 0 }
    return try read { connection throws(OfficeError) in
      let cursor = try ItemCursor(cell.storage, at: cell.number, from: [], in: connection)
      defer { cursor.close() }
      return cursor.isValid ? cursor.length : 0
    }
  }

  private func step(_ walk: inout ItemWalk, in connection: Connection) throws(OfficeError) {
    var cursor = try ItemCursor(
      walk.cell.storage, at: walk.cell.number, from: walk.position.key, in: connection)
    defer { cursor.close() }
    var content = try ContentCursor(in: connection)
    defer { content.close() }
    var rows = 0
    let begun = walk.filled
    while true {
      guard cursor.isValid else {
        guard walk.position.offset == walk.cell.size, walk.position.ordinal == walk.cell.items
        else {
          throw Damage.found("the items of storage \(walk.cell.storage) are not complete")
        }
        walk.index.complete()
        walk.isDone = true
        return
      }
      let isFull = walk.filled == walk.buffer.count
      if isFull && (walk.index.isComplete || walk.cell.items > ItemDatabase.wholeWalk) {
        walk.isDone = true
        return
      }
      if rows == ItemDatabase.rowsPerStep || walk.filled - begun >= ItemDatabase.bytesPerStep {
        walk.position.key = Array(cursor.key)
        return
      }
      if walk.position.ordinal % OffsetIndex.step == 0 {
        walk.position.key = Array(cursor.key)
        walk.index.add(walk.position)
      }
      let length = cursor.length
      if !isFull {
        let end = walk.offset + Int64(walk.buffer.count)
        if walk.position.offset + length >= end {
          walk.recent = walk.position
          walk.recent.key = Array(cursor.key)
        }
        let skip = walk.offset + Int64(walk.filled) - walk.position.offset
        if skip < length {
          try copy(cursor.content, length: length, from: skip, into: &walk, by: &content)
        }
      }
      walk.position.offset += length
      walk.position.ordinal += 1
      rows += 1
      try cursor.next()
    }
  }

  private func copy(
    _ content: UnsafeRawBufferPointer, length: Int64, from skip: Int64, into walk: inout ItemWalk,
    by cursor: inout ContentCursor
  ) throws(OfficeError) {
    guard let isInline = ItemContent.isInline(content) else {
      throw Damage.found("an item of storage \(walk.cell.storage)")
    }
    if isInline {
      guard Int64(content.count) - 1 == length else {
        throw Damage.found("an item of storage \(walk.cell.storage)")
      }
      walk.append(UnsafeRawBufferPointer(rebasing: content[(1 + Int(skip))...]))
      return
    }
    var start: Int64 = 0
    for index in 0..<ItemContent.count(content) where walk.filled < walk.buffer.count {
      let reference = ItemContent.reference(index, of: content)
      let end = start + Int64(reference.length)
      if end > skip {
        try copy(reference, from: Int(max(0, skip - start)), into: &walk, by: &cursor)
      }
      start = end
    }
    guard walk.filled == walk.buffer.count || start == length else {
      throw Damage.found("an item of storage \(walk.cell.storage)")
    }
  }

  private func copy(
    _ reference: ChunkReference, from skip: Int, into walk: inout ItemWalk,
    by cursor: inout ContentCursor
  ) throws(OfficeError) {
    let isPart = skip > 0 || walk.buffer.count - walk.filled < Int(reference.length)
    let isWorthKeeping = isPart && reference.length >= 32 << 10
    if isWorthKeeping, let known = chunkCache.bytes(of: reference) {
      known.withUnsafeBytes { walk.append(UnsafeRawBufferPointer(rebasing: $0[skip...])) }
      return
    }
    let bytes = try cursor.bytes(of: reference)
    walk.append(UnsafeRawBufferPointer(rebasing: bytes[skip...]))
    if isWorthKeeping { chunkCache.keep(Array(bytes), of: reference) }
  }
}

/// How far a read has come.
private struct ItemWalk {
  let cell: StoredCell
  /// Where the read begins in the document.
  let offset: Int64
  let buffer: UnsafeMutableRawBufferPointer
  let index: OffsetIndex
  /// The item to look at next.
  var position: ItemPosition
  /// The item in which the range ends.
  var recent: ItemPosition
  /// Bytes delivered.
  var filled = 0
  var isDone = false

  init(
    cell: StoredCell, offset: Int64, buffer: UnsafeMutableRawBufferPointer, index: OffsetIndex
  ) {
    self.cell = cell
    self.offset = offset
    self.buffer = buffer
    self.index = index
    position = index.position(before: offset)
    recent = position
  }

  /// Takes as much of `bytes` as the range still wants.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    let count = min(bytes.count, buffer.count - filled)
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<(filled + count)])
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[0..<count]))
    filled += count
  }
}
