import OfficeModel

/// The part of a stage that waits in memory: one stretch of bytes, cut into pieces, and the items made of them.
final class PendingItems {
  /// A chunk to be: bytes in the stretch.
  struct Piece {
    var start: Int
    var count: Int
    var sha: Digest
    var hash: UInt32
  }

  struct Item {
    var slot: Int
    /// The encoded key without the occurrence.
    var base: [UInt8]
    var length: Int64
    /// Where inline content begins, or -1.
    var inlineStart: Int
    var pieces: Range<Int>
    /// What was stored before the item ended.
    var carried: [ChunkReference]
  }

  struct Slot {
    var storage: Int64 = 0
    var size: Int64 = 0
    var items: Int64 = 0
    /// SHA-256 of the document as long as items come in order.
    var digest: DigestStream? = DigestStream()
    var lastBase: [UInt8] = []
    /// The largest key that was stored, for giving out occurrences.
    var storedBase: [UInt8] = []
    var storedOccurrence: UInt32 = 0
    var hasStored = false
    var isSealed = false
  }

  /// Bytes of the stretch that may be filled before it is stored. Each commit writes some ten pages anew that are not
  /// full: of 1 MiB that was 15 %.
  static let capacity = 4 << 20
  private static let room = capacity + 2 * (ItemContent.chunkLimit + ItemContent.bodyMinimum)

  private var memory: UnsafeMutableRawPointer?
  private(set) var used = 0
  var pieces: [Piece] = []
  var items: [Item] = []
  var slots: [Slot] = []

  // The item under way.
  private var pieceStart = 0
  private var length: Int64 = 0
  private var firstPiece = 0
  private var cutAt: Int?
  private var isOpen = false
  /// References of the item under way that are stored.
  var carried: [ChunkReference] = []
  /// Whether a row holds them.
  var hasCarryRow = false

  deinit { release() }

  func release() {
    memory?.deallocate()
    memory = nil
    used = 0
    pieces = []
    items = []
  }

  func begin() throws(OfficeError) {
    guard slots.last?.isSealed ?? true else {
      throw OfficeError(.invalid, "the cell before was not sealed")
    }
    slots.append(Slot())
  }

  /// Takes some of the bytes, at least one; returns how many.
  func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    let stretch = memory ?? UnsafeMutableRawPointer.allocate(byteCount: Self.room, alignment: 16)
    memory = stretch
    isOpen = true
    let wanted =
      cutAt.map { $0 + ItemContent.bodyMinimum } ?? pieceStart + ItemContent.chunkLimit
    let count = min(bytes.count, wanted - used)
    if let source = bytes.baseAddress {
      (stretch + used).copyMemory(from: source, byteCount: count)
    }
    used += count
    length += Int64(count)
    if used == wanted {
      emit(upTo: cutAt ?? used)
      cutAt = nil
    }
    return count
  }

  func cut() {
    guard used > pieceStart else { return }
    cutAt = used
  }

  func end(_ key: ItemKey) {
    let slot = slots.count - 1
    guard slot >= 0 else { return }
    var base = key.encoded(occurrence: 0)
    base.removeLast(4)
    let isInline =
      length <= Int64(ItemContent.inlineLimit) && pieces.count == firstPiece && carried.isEmpty
    let inlineStart = pieceStart
    if isInline {
      slots[slot].digest?.update(bytes(pieceStart, used - pieceStart))
    } else if used > pieceStart {
      emit(upTo: used)
    }
    if base.lexicographicallyPrecedes(slots[slot].lastBase) {
      slots[slot].digest = nil
    } else {
      slots[slot].lastBase = base
    }
    items.append(
      Item(
        slot: slot, base: base, length: length, inlineStart: isInline ? inlineStart : -1,
        pieces: firstPiece..<pieces.count, carried: carried))
    slots[slot].size += length
    slots[slot].items += 1
    pieceStart = used
    firstPiece = pieces.count
    length = 0
    cutAt = nil
    isOpen = false
    carried = []
  }

  /// Forgets the item under way; gives back what of it is stored.
  func abandon() -> [ChunkReference] {
    let stored = carried
    if firstPiece < pieces.count || !stored.isEmpty {
      // The digest has taken its first pieces.
      if let slot = slots.indices.last { slots[slot].digest = nil }
    }
    used = firstPiece < pieces.count ? pieces[firstPiece].start : pieceStart
    pieces.removeSubrange(firstPiece...)
    pieceStart = used
    length = 0
    cutAt = nil
    isOpen = false
    carried = []
    return stored
  }

  func seal() throws(OfficeError) -> SealedCell {
    guard let slot = slots.indices.last, !slots[slot].isSealed, !isOpen else {
      throw OfficeError(.invalid, "a cell can't be sealed within an item")
    }
    slots[slot].isSealed = true
    return SealedCell(
      slot: slot, size: slots[slot].size, items: slots[slot].items,
      digest: slots[slot].digest?.finish())
  }

  /// The digest of a cell of which everything still waits here; nil if some is stored.
  func sortedDigest(of slot: Int) -> Digest? {
    guard slots[slot].storage == 0 else { return nil }
    // Sorting is not stable in general, so the order of arrival is part of what is compared.
    let order = items.indices.filter { items[$0].slot == slot }.sorted { left, right in
      if items[left].base == items[right].base { return left < right }
      return items[left].base.lexicographicallyPrecedes(items[right].base)
    }
    var digest = DigestStream()
    for index in order {
      let item = items[index]
      if item.inlineStart >= 0 { digest.update(bytes(item.inlineStart, Int(item.length))) }
      for piece in pieces[item.pieces] { digest.update(bytes(piece.start, piece.count)) }
    }
    return digest.finish()
  }

  /// Whether there is anything that a commit would store.
  var isWorthStoring: Bool { !items.isEmpty || !pieces.isEmpty }

  /// Bytes of the stretch.
  func bytes(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory.map { UnsafeRawPointer($0) + start }, count: count)
  }

  /// The pieces of the item under way.
  var openPieces: Range<Int> { firstPiece..<pieces.count }

  /// Forgets what is stored; the unfinished piece moves to the front.
  func clear() {
    let rest = used - pieceStart
    if let memory, rest > 0 { memory.copyMemory(from: memory + pieceStart, byteCount: rest) }
    if let cut = cutAt { cutAt = cut - pieceStart }
    used = rest
    pieceStart = 0
    firstPiece = 0
    pieces.removeAll(keepingCapacity: true)
    items.removeAll(keepingCapacity: true)
  }

  private func emit(upTo end: Int) {
    let content = bytes(pieceStart, end - pieceStart)
    var sha = DigestStream()
    sha.update(content)
    pieces.append(
      Piece(
        start: pieceStart, count: content.count, sha: sha.finish(),
        hash: RowCheck.content(content)))
    if let slot = slots.indices.last { slots[slot].digest?.update(content) }
    pieceStart = end
  }
}
