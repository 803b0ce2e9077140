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
  /// A cell of at most this many items is walked whole at its first read, so that a lost row is found at once.
  private static let wholeWalk: Int64 = 512

  /// Fills `buffer` with the cell's document from `offset` on.
  ///
  /// Throws `.invalid` if the range is not within the document, `.inputOutput` on damage, `.stale` if it was erased.
  public func read(
    _ cell: StoredCell, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    var done = 0
    try read(1, done: &done) { (_) throws(OfficeError) in
      try walk(cell, at: offset, into: buffer)
    }
  }

  /// The same of several cells in one transaction, or a few if much has to be walked. `done` counts the ranges that are read;
  /// where this throws, it is the index of the one that could not be.
  public func read(_ ranges: [CellRange], done: inout Int) throws(OfficeError) {
    try read(ranges.count, done: &done) { (index) throws(OfficeError) in
      try walk(ranges[index].cell.stored, at: ranges[index].offset, into: ranges[index].buffer)
    }
  }

  private func read(
    _ count: Int, done: inout Int, _ begin: (Int) throws(OfficeError) -> ItemWalk
  ) throws(OfficeError) {
    var unfinished: ItemWalk?
    while done < count {
      try read { connection throws(OfficeError) in
        var turn = ReadTurn()
        while done < count, !turn.isOver {
          var walk: ItemWalk
          if let known = unfinished { walk = known } else { walk = try begin(done) }
          unfinished = nil
          try step(&walk, of: done, in: connection, &turn)
          if walk.isDone { done += 1 } else { unfinished = walk }
        }
        try turn.wanted.fetch(in: connection, cache: chunkCache, failed: &done)
      }
    }
  }

  private func walk(
    _ cell: StoredCell, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> ItemWalk {
    guard offset >= 0, Int64(buffer.count) <= cell.size, offset <= cell.size - Int64(buffer.count)
    else { throw OfficeError(.invalid, "a read outside of the document") }
    // Who reads all of it at once does not come back for the rest.
    let isWhole = Int64(buffer.count) == cell.size
    return ItemWalk(
      cell: cell, offset: offset, buffer: buffer,
      index: isWhole ? nil : indexes.index(storage: cell.storage, born: cell.number))
  }

  /// The same as the caller's transaction sees it, which nothing that is kept in memory knows.
  func read(
    _ cell: StoredCell, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer,
    in connection: Connection
  ) throws(OfficeError) {
    var walk = ItemWalk(cell: cell, offset: offset, buffer: buffer, index: nil)
    var range = 0
    while !walk.isDone {
      var turn = ReadTurn()
      try step(&walk, of: range, in: connection, &turn)
      try turn.wanted.fetch(in: connection, cache: chunkCache, failed: &range)
    }
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

  private func step(
    _ walk: inout ItemWalk, of range: Int, in connection: Connection, _ turn: inout ReadTurn
  ) throws(OfficeError) {
    if walk.isDone { return }
    var cursor = try ItemCursor(
      walk.cell.storage, at: walk.cell.number, from: walk.position.key, in: connection)
    defer { cursor.close() }
    while true {
      guard cursor.isValid else {
        guard walk.position.offset == walk.cell.size, walk.position.ordinal == walk.cell.items
        else {
          throw Damage.found("the items of storage \(walk.cell.storage) are not complete")
        }
        walk.index?.complete()
        walk.finish()
        return
      }
      let isFull = walk.filled == walk.buffer.count
      if isFull
        && (walk.cell.items > ItemDatabase.wholeWalk || walk.index?.isComplete ?? false)
      {
        walk.finish()
        return
      }
      if turn.isOver {
        walk.position.key = Array(cursor.key)
        return
      }
      if let index = walk.index, walk.position.ordinal % OffsetIndex.step == 0 {
        walk.position.key = Array(cursor.key)
        index.add(walk.position)
      }
      let length = cursor.length
      if !isFull {
        let end = walk.offset + Int64(walk.buffer.count)
        if walk.index != nil, walk.position.offset + length >= end {
          walk.recent = walk.position
          walk.recent.key = Array(cursor.key)
        }
        let filled = walk.filled
        let skip = walk.offset + Int64(filled) - walk.position.offset
        if skip < length {
          try copy(
            cursor.content, length: length, from: skip, into: &walk, of: range,
            wanting: &turn.wanted)
        }
        turn.bytes += walk.filled - filled
      }
      walk.position.offset += length
      walk.position.ordinal += 1
      turn.rows += 1
      try cursor.next()
    }
  }

  private func copy(
    _ content: UnsafeRawBufferPointer, length: Int64, from skip: Int64, into walk: inout ItemWalk,
    of range: Int, wanting wanted: inout WantedContent
  ) throws(OfficeError) {
    guard let isInline = ItemContent.isInline(content) else {
      throw Damage.found("an item of storage \(walk.cell.storage)")
    }
    if isInline {
      guard Int64(content.count) - 1 == length else {
        throw Damage.found("an item of storage \(walk.cell.storage)")
      }
      let rest = content[(1 + Int(skip))...]
      let target = walk.take(rest.count)
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(target.count)))
      return
    }
    var start: Int64 = 0
    for index in 0..<ItemContent.count(content) where walk.filled < walk.buffer.count {
      let reference = ItemContent.reference(index, of: content)
      let end = start + Int64(reference.length)
      if end > skip {
        let from = Int(max(0, skip - start))
        wanted.add(
          reference, from: from, into: walk.take(Int(reference.length) - from), range: range,
          cache: chunkCache)
      }
      start = end
    }
    guard walk.filled == walk.buffer.count || start == length else {
      throw Damage.found("an item of storage \(walk.cell.storage)")
    }
  }
}

/// What was walked in one read transaction: a long one would keep the WAL from beginning anew.
private struct ReadTurn {
  var rows = 0
  /// Of content.
  var bytes = 0
  var wanted = WantedContent()

  var isOver: Bool { rows >= 4_096 || bytes >= 4 << 20 }
}

/// How far a read has come.
private struct ItemWalk {
  let cell: StoredCell
  /// Where the read begins in the document.
  let offset: Int64
  let buffer: UnsafeMutableRawBufferPointer
  /// Where the walk's places are kept; nil where nobody will ask for them.
  let index: OffsetIndex?
  /// The item to look at next.
  var position: ItemPosition
  /// The item in which the range ends.
  var recent: ItemPosition
  /// Bytes delivered.
  var filled = 0
  var isDone = false

  init(
    cell: StoredCell, offset: Int64, buffer: UnsafeMutableRawBufferPointer, index: OffsetIndex?
  ) {
    self.cell = cell
    self.offset = offset
    self.buffer = buffer
    self.index = index
    position = index?.position(before: offset) ?? ItemPosition()
    recent = position
    isDone = buffer.isEmpty
  }

  /// Nothing more is wanted; the next read begins where this one ended.
  mutating func finish() {
    isDone = true
    index?.remember(recent)
  }

  /// The next `count` bytes of the range, or as many as are left of it, for the caller to fill.
  mutating func take(_ count: Int) -> UnsafeMutableRawBufferPointer {
    let end = min(filled + count, buffer.count)
    defer { filled = end }
    return UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<end])
  }
}
