/// A stretch of content that a store keeps once, as another store learns of it.
public struct ContentChunk: Hashable, Sendable {
  /// SHA-256 of the bytes: who has them already need not ask for them.
  public var digest: Digest
  /// Bytes.
  public var length: UInt32
  /// A quick check of the bytes, which the item's row vouches for.
  public var check: UInt32
  /// What the store that gave it calls it.
  public var place: Int64

  public init(digest: Digest, length: UInt32, check: UInt32, place: Int64) {
    self.digest = digest
    self.length = length
    self.check = check
    self.place = place
  }
}

/// An item as one store hands it to another.
public struct ItemRecord: Sendable {
  /// Content in the record itself while it is short, else by its chunks.
  public enum Content: Sendable {
    case bytes([UInt8])
    case chunks([ContentChunk])
  }

  /// Encoded, see `ItemKey`.
  public var key: [UInt8]
  /// Bytes of content.
  public var length: Int64
  public var content: Content

  public init(key: [UInt8], length: Int64, content: Content) {
    self.key = key
    self.length = length
    self.content = content
  }
}

/// What became of an item between two moments.
public enum ItemChange: Sendable {
  /// It is there, as new or with other content.
  case put(ItemRecord)
  /// The item of this key is there no more.
  case removed([UInt8])
}

/// A bounded part of a cell's items or changes.
public struct ItemPage: Sendable {
  public var changes: [ItemChange]
  /// Where the next page begins; nil after the last.
  public var next: ItemPlace?

  public init(changes: [ItemChange], next: ItemPlace?) {
    self.changes = changes
    self.next = next
  }
}

/// How far a walk over items came. Meaningful to the store that gave it.
public struct ItemPlace: Sendable, Equatable {
  public var phase: Int
  public var number: Int64
  public var key: [UInt8]

  public init(phase: Int = 0, number: Int64 = 0, key: [UInt8] = []) {
    self.phase = phase
    self.number = number
    self.key = key
  }

  public static let start = ItemPlace()
}
