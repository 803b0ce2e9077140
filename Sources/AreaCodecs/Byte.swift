import Glibc
import OfficeModel

/// ASCII that formats are made of.
enum Byte {
  static let tab: UInt8 = 0x09
  static let lf: UInt8 = 0x0A
  static let cr: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let dash: UInt8 = 0x2D
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B
  static let equals: UInt8 = 0x3D
  static let greater: UInt8 = 0x3E

  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func upper(_ byte: UInt8) -> UInt8 { byte >= 0x61 && byte <= 0x7A ? byte - 32 : byte }

  static func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte }
}

extension UnsafeRawBufferPointer {
  /// Where `byte` is first found from `start` on.
  func first(_ byte: UInt8, from start: Int) -> Int? {
    guard let base = baseAddress, start < count,
      let found = memchr(base + start, Int32(byte), count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// Where `byte` is last found.
  func last(_ byte: UInt8) -> Int? {
    var index = count
    while index > 0 {
      index -= 1
      if self[index] == byte { return index }
    }
    return nil
  }

  /// Where `needle` is first found from `start` on.
  func first(_ needle: StaticString, from start: Int) -> Int? {
    var index = start
    while let found = first(needle.utf8Start.pointee, from: index) {
      if has(needle, at: found) { return found }
      index = found + 1
    }
    return nil
  }

  /// Whether `prefix` stands at `start`, byte for byte.
  func has(_ prefix: StaticString, at start: Int = 0) -> Bool {
    let length = prefix.utf8CodeUnitCount
    guard let base = baseAddress, start + length <= count else { return false }
    return memcmp(base + start, prefix.utf8Start, length) == 0
  }

  /// Below 0, 0 or above 0, as these bytes sort before, with or behind the others.
  func compared(to other: UnsafeRawBufferPointer) -> Int {
    let common = Swift.min(count, other.count)
    if let base = baseAddress, let otherBase = other.baseAddress, common > 0 {
      let difference = memcmp(base, otherBase, common)
      if difference != 0 { return Int(difference) }
    }
    return count - other.count
  }

  func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[range])
  }

  func slice(from start: Int) -> UnsafeRawBufferPointer { slice(start..<count) }

  /// How many line feeds there are.
  var lineFeeds: Int {
    var sum = 0
    var index = 0
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    while index + 8 <= count {
      // Each byte that is a line feed becomes 1, every other 0; 255 such words still fit their bytes.
      var lanes: UInt64 = 0
      let stop = Swift.min(count - 7, index + 255 * 8)
      while index < stop {
        let word = loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ 0x0A0A_0A0A_0A0A_0A0A
        lanes &+= ~(((word & low) &+ low) | word | low) >> 7
        index += 8
      }
      let pairs = (lanes & 0x00FF_00FF_00FF_00FF) &+ (lanes >> 8 & 0x00FF_00FF_00FF_00FF)
      sum += Int((pairs &* 0x0001_0001_0001_0001) >> 48)
    }
    while index < count {
      sum += self[index] == Byte.lf ? 1 : 0
      index += 1
    }
    return sum
  }

  /// The bytes without blanks and line ends around them.
  var trimmed: UnsafeRawBufferPointer {
    var start = 0
    var end = count
    while start < end, Bytes.isSpace(self[start]) { start += 1 }
    while end > start, Bytes.isSpace(self[end - 1]) { end -= 1 }
    return slice(start..<end)
  }
}

enum Bytes {
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == Byte.space || byte == Byte.tab || byte == Byte.cr || byte == Byte.lf
  }

  static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { Array($0.trimmed) }
  }

  static func uppercased(_ bytes: [UInt8]) -> [UInt8] { bytes.map(Byte.upper) }

  /// The natural key of what has none of its own.
  static func contentKey(_ digest: Digest) -> [UInt8] { digest.hexadecimal }

  /// The start of foreign text, short enough for an error.
  static func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
    Escaped.line(Array(bytes.trimmed.prefix(40)))
  }
}

extension ItemSink {
  func write(_ buffer: ByteBuffer) throws(OfficeError) {
    if buffer.count > 0 { try write(buffer.bytes) }
  }
}
