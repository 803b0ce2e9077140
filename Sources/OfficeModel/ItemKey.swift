/// What an item is called within its cell, and where it stands in the cell's document.
///
/// INVARIANT: a cell's document is the concatenation of its items' content in ascending order of `encoded(occurrence:)`.
/// Frames (a calendar's wrapper, a table's header) are items too, so nothing is composed when reading.
public struct ItemKey: Hashable, Sendable {
  /// Where items of this kind stand: calendar group, message time, header before rows. May be empty.
  public var order: [UInt8]
  /// The natural key: UID, Message-ID, date; the content's digest where the format gives none.
  public var natural: [UInt8]

  /// The longest part that is kept as it is, in bytes; a longer one is cut and given its digest.
  public static let maximumPart = 512

  public init(order: [UInt8] = [], natural: [UInt8]) {
    self.order = ItemKey.bounded(order)
    self.natural = ItemKey.bounded(natural)
  }

  /// Bytes that sort as (order, natural, occurrence). `occurrence` counts items of one key in the order of arrival, from 0.
  public func encoded(occurrence: UInt32) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(order.count + natural.count + 8)
    ItemKey.append(order, to: &out)
    ItemKey.append(natural, to: &out)
    for shift in stride(from: 24, through: 0, by: -8) {
      out.append(UInt8(truncatingIfNeeded: occurrence >> UInt32(shift)))
    }
    return out
  }

  /// The key and occurrence of encoded bytes; nil if they are no encoded key.
  public static func decode(_ bytes: some Sequence<UInt8>) -> (key: ItemKey, occurrence: UInt32)? {
    var parts: [[UInt8]] = [[], []]
    var part = 0
    var rest: [UInt8] = []
    var zero = false
    for byte in bytes {
      if part == 2 {
        rest.append(byte)
      } else if zero {
        zero = false
        switch byte {
        case 0: part += 1
        case 0xFF: parts[part].append(0)
        default: return nil
        }
      } else if byte == 0 {
        zero = true
      } else {
        parts[part].append(byte)
      }
    }
    guard part == 2, rest.count == 4 else { return nil }
    let occurrence = rest.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return (ItemKey(order: parts[0], natural: parts[1]), occurrence)
  }

  private static func bounded(_ part: [UInt8]) -> [UInt8] {
    guard part.count > maximumPart else { return part }
    return Array(part.prefix(maximumPart - 64)) + Digest(of: part).hexadecimal
  }

  private static func append(_ part: [UInt8], to out: inout [UInt8]) {
    for byte in part {
      out.append(byte)
      if byte == 0 { out.append(0xFF) }
    }
    out.append(0)
    out.append(0)
  }
}
