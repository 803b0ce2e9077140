import OfficeModel

/// A stretch of content kept once, as an item's row names it.
struct ChunkReference: Equatable {
  var id: Int64
  /// Bytes.
  var length: UInt32
  /// See `RowCheck.content`: the item's row vouches for the bytes.
  var hash: UInt32

}

/// What stands in the `content` column of an item: a tag, then the bytes (0) or references to chunks (the tag says how
/// wide, see `Widths`); in a staged delta a lone tag (2) says that the item is removed.
enum ItemContent {
  /// Content up to this many bytes stands in the row itself.
  static let inlineLimit = 96
  /// The most bytes of a chunk; a range within one costs a check of all of it.
  static let chunkLimit = 256 << 10
  /// From this size on a message's body is kept apart from its head.
  static let bodyMinimum = 8 << 10

  static func inline(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var out: [UInt8] = [0]
    out.reserveCapacity(bytes.count + 1)
    out.append(contentsOf: bytes)
    return out
  }

  /// Bytes of a reference's id and length, and of its hash.
  private struct Widths {
    var id: Int
    var length: Int
    var hash = 4

    var size: Int { id + length + hash }

    /// As narrow as these references allow; few widths, so that a row mostly gives way to one of the same size.
    init(of references: [ChunkReference]) {
      let id = references.lazy.map(\.id).max() ?? 0
      let length = references.lazy.map(\.length).max() ?? 0
      self.id = id >> 24 == 0 ? 3 : id >> 32 == 0 ? 4 : 5
      self.length = length >> 16 == 0 ? 2 : 3
    }

    /// nil for a tag that is of no references.
    init?(tag: UInt8?) {
      switch tag {
      case 1: (id, length, hash) = (8, 4, 8)
      case 3: (id, length) = (5, 3)
      case .some(let tag) where (3...5).contains(tag >> 2) && (2...3).contains(tag & 3):
        (id, length) = (Int(tag >> 2), Int(tag & 3))
      default: return nil
      }
    }

    /// From 14 on; 1 and 3 are of old rows.
    var tag: UInt8 { UInt8(id << 2 | length) }
  }

  static func encode(_ references: [ChunkReference]) -> [UInt8] {
    let widths = Widths(of: references)
    var out: [UInt8] = [widths.tag]
    out.reserveCapacity(1 + references.count * widths.size)
    for reference in references {
      append(UInt64(bitPattern: reference.id), bytes: widths.id, to: &out)
      append(UInt64(reference.length), bytes: widths.length, to: &out)
      append(UInt64(reference.hash), bytes: widths.hash, to: &out)
    }
    return out
  }

  /// The column as it is written now: by it items are compared.
  static func canonical(_ content: UnsafeRawBufferPointer) -> [UInt8] {
    guard content.first == 1 || content.first == 3 else { return Array(content) }
    return encode(references(content))
  }

  /// Whether two columns say the same; rows of old say it at more length.
  static func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    if left.elementsEqual(right) { return true }
    return left.first != right.first && canonical(left) == canonical(right)
  }

  static let removal: [UInt8] = [2]

  static func isRemoval(_ content: UnsafeRawBufferPointer) -> Bool {
    content.count == 1 && content.first == 2
  }

  /// Whether the bytes are in the row; nil if the column is neither form.
  static func isInline(_ content: UnsafeRawBufferPointer) -> Bool? {
    guard let tag = content.first else { return nil }
    if tag == 0 { return true }
    guard let widths = Widths(tag: tag) else { return nil }
    return (content.count - 1) % widths.size == 0 ? false : nil
  }

  static func count(_ content: UnsafeRawBufferPointer) -> Int {
    Widths(tag: content.first).map { (content.count - 1) / $0.size } ?? 0
  }

  static func reference(_ index: Int, of content: UnsafeRawBufferPointer) -> ChunkReference {
    guard let widths = Widths(tag: content.first) else {
      return ChunkReference(id: 0, length: 0, hash: 0)
    }
    let id = 1 + index * widths.size
    let length = id + widths.id
    let hash = length + widths.length
    return ChunkReference(
      id: Int64(truncatingIfNeeded: load(content, id, widths.id)),
      length: UInt32(truncatingIfNeeded: load(content, length, widths.length)),
      hash: UInt32(truncatingIfNeeded: load(content, hash, 4)))
  }

  /// All references of a column; none if it is inline or damaged.
  static func references(_ content: UnsafeRawBufferPointer) -> [ChunkReference] {
    guard isInline(content) == false else { return [] }
    return (0..<count(content)).map { reference($0, of: content) }
  }

  private static func append(_ value: UInt64, bytes: Int, to out: inout [UInt8]) {
    for index in 0..<bytes { out.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }

  private static func load(
    _ content: UnsafeRawBufferPointer, _ offset: Int, _ count: Int
  ) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(content[offset + $1]) << UInt64(8 * $1) }
  }
}

/// The check of a row of `item` or `past`.
enum ItemMark {
  static func of(
    storage: Int64, key: UnsafeRawBufferPointer, born: Int64, died: Int64, length: Int64,
    content: UnsafeRawBufferPointer
  ) -> RowCheck {
    var check = RowCheck(1)
    check.add(storage)
    check.add(born)
    check.add(died)
    check.add(length)
    check.add(key)
    check.add(content)
    return check
  }

  static func of(
    storage: Int64, key: [UInt8], born: Int64, died: Int64, length: Int64, content: [UInt8]
  ) -> RowCheck {
    key.withUnsafeBytes { key in
      content.withUnsafeBytes { content in
        of(
          storage: storage, key: key, born: born, died: died, length: length, content: content)
      }
    }
  }
}
