import OfficeModel

/// A stretch of content kept once, as an item's row names it.
struct ChunkReference: Equatable {
  var id: Int64
  /// Bytes.
  var length: UInt32
  /// See `RowCheck.content`: the item's row vouches for the bytes.
  var hash: UInt32

  /// Bytes: 5 of the id, 3 of the length, 4 of the hash.
  static let encodedSize = 12
  /// As it was at first: 8, 4 and 8.
  static let wideSize = 20
}

/// What stands in the `content` column of an item: a tag, then the bytes (0) or references to chunks (3, and 1 in rows
/// of old); in a staged delta a lone tag (2) says that the item is removed.
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

  static func encode(_ references: [ChunkReference]) -> [UInt8] {
    var out: [UInt8] = [3]
    out.reserveCapacity(1 + references.count * ChunkReference.encodedSize)
    for reference in references {
      append(UInt64(bitPattern: reference.id), bytes: 5, to: &out)
      append(UInt64(reference.length), bytes: 3, to: &out)
      append(UInt64(reference.hash), bytes: 4, to: &out)
    }
    return out
  }

  static let removal: [UInt8] = [2]

  static func isRemoval(_ content: UnsafeRawBufferPointer) -> Bool {
    content.count == 1 && content.first == 2
  }

  /// Whether the bytes are in the row; nil if the column is neither form.
  static func isInline(_ content: UnsafeRawBufferPointer) -> Bool? {
    guard let tag = content.first else { return nil }
    if tag == 0 { return true }
    return (tag == 1 || tag == 3) && (content.count - 1) % size(content) == 0 ? false : nil
  }

  static func count(_ content: UnsafeRawBufferPointer) -> Int {
    (content.count - 1) / size(content)
  }

  static func reference(_ index: Int, of content: UnsafeRawBufferPointer) -> ChunkReference {
    let start = 1 + index * size(content)
    guard content.first == 3 else {
      return ChunkReference(
        id: Int64(bitPattern: load(content, start, UInt64.self)),
        length: load(content, start + 8, UInt32.self),
        hash: load(content, start + 12, UInt32.self))
    }
    let both = load(content, start, UInt64.self)
    return ChunkReference(
      id: Int64(both & 0xFF_FFFF_FFFF), length: UInt32(both >> 40),
      hash: load(content, start + 8, UInt32.self))
  }

  private static func size(_ content: UnsafeRawBufferPointer) -> Int {
    content.first == 3 ? ChunkReference.encodedSize : ChunkReference.wideSize
  }

  /// All references of a column; none if it is inline or damaged.
  static func references(_ content: UnsafeRawBufferPointer) -> [ChunkReference] {
    guard isInline(content) == false else { return [] }
    return (0..<count(content)).map { reference($0, of: content) }
  }

  private static func append(_ value: UInt64, bytes: Int, to out: inout [UInt8]) {
    for index in 0..<bytes { out.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }

  private static func load<T: FixedWidthInteger>(
    _ content: UnsafeRawBufferPointer, _ offset: Int, _: T.Type
  ) -> T {
    T(littleEndian: content.loadUnaligned(fromByteOffset: offset, as: T.self))
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
