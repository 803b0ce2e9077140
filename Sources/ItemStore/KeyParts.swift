import OfficeModel

/// The parts of an encoded key, found without decoding it. Each is kept as it is encoded, which is as good for comparing.
struct KeyParts {
  /// Where the item stands.
  let order: Range<Int>
  let natural: Range<Int>

  /// Throws for bytes that are no encoded key.
  init(_ key: [UInt8]) throws(OfficeError) {
    self = try key.withUnsafeBufferPointer { (buffer) throws(OfficeError) in
      try KeyParts(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Throws for bytes that are no encoded key.
  init(_ key: UnsafeRawBufferPointer) throws(OfficeError) {
    guard let first = KeyParts.end(of: key, from: 0),
      let second = KeyParts.end(of: key, from: first + 2), second + 6 == key.count
    else { throw Damage.found("an item's key") }
    order = 0..<first
    natural = first + 2..<second
  }

  /// Frames have no natural key.
  var isFrame: Bool { natural.isEmpty }

  /// What a frame and the items between its kind have in common: the order without its last byte.
  func groupName(of key: [UInt8]) -> [UInt8] {
    guard !order.isEmpty else { return [] }
    let end = order.upperBound
    let isZero = order.count >= 2 && key[end - 1] == 0xFF && key[end - 2] == 0
    return Array(key[order.lowerBound..<(end - (isZero ? 2 : 1))])
  }

  // A part ends with two zeros; a zero within it is followed by 0xFF.
  private static func end(of key: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var index = start
    while index + 1 < key.count {
      if key[index] != 0 {
        index += 1
      } else if key[index + 1] == 0 {
        return index
      } else {
        index += 2
      }
    }
    return nil
  }
}

extension [UInt8] {
  /// A key's natural part, decoded; empty for bytes that are no key.
  var naturalKey: [UInt8] { ItemKey.decode(self)?.key.natural ?? [] }

  /// A key's last four bytes.
  var occurrence: UInt32 { suffix(4).reduce(0) { $0 << 8 | UInt32($1) } }

  /// The key with another occurrence.
  func withOccurrence(_ occurrence: UInt32) -> [UInt8] {
    var out = Array(dropLast(4))
    for shift in stride(from: 24, through: 0, by: -8) {
      out.append(UInt8(truncatingIfNeeded: occurrence >> UInt32(shift)))
    }
    return out
  }
}
