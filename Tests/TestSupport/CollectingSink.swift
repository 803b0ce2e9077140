import OfficeModel

/// Keeps items in memory and puts them in the order of a cell's document, as a store would.
public final class CollectingSink: ItemSink {
  /// One complete item.
  public struct Item: Sendable, Equatable {
    public var key: ItemKey
    /// Which of the items with this key it is, in the order of arrival.
    public var occurrence: UInt32
    public var content: [UInt8]
    /// Where its head ends, if that was said.
    public var cut: Int?
  }

  /// In the order of arrival.
  public private(set) var items: [Item] = []
  /// Calls of `write`, which should be few.
  public private(set) var writes = 0
  private var content: [UInt8] = []
  private var cutAt: Int?
  private var occurrences: [ItemKey: UInt32] = [:]

  public init() {}

  public func write(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    writes += 1
    content.append(contentsOf: bytes)
  }

  public func cut() throws(OfficeError) { cutAt = content.count }

  public func end(_ key: ItemKey) throws(OfficeError) {
    let occurrence = occurrences[key, default: 0]
    occurrences[key] = occurrence + 1
    items.append(Item(key: key, occurrence: occurrence, content: content, cut: cutAt))
    content = []
    cutAt = nil
  }

  public func abandon() throws(OfficeError) {
    content = []
    cutAt = nil
  }

  /// The items in ascending order of their encoded keys.
  public var sorted: [Item] {
    items.map { ($0, $0.key.encoded(occurrence: $0.occurrence)) }
      .sorted { $0.1.lexicographicallyPrecedes($1.1) }.map(\.0)
  }

  /// The cell's document.
  public var document: [UInt8] { sorted.flatMap(\.content) }
}
