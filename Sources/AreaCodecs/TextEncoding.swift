/// UTF-8 as RFC 3629 has it, and what is done with bytes that are not.
enum TextEncoding {
  /// Whether all bytes are below 0x80.
  static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    firstNonASCII(bytes, from: 0) == bytes.count
  }

  /// Whether the bytes are UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
  static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while true {
      index = firstNonASCII(bytes, from: index)
      if index == bytes.count { return true }
      let length = sequenceLength(bytes, at: index)
      if length == 0 { return false }
      index += length
    }
  }

  /// Appends windows-1252 text as UTF-8. The five bytes without a character become C1 controls, so that none is lost.
  static func appendWindows1252(_ bytes: UnsafeRawBufferPointer, to out: ByteBuffer) {
    for byte in bytes {
      if byte < 0x80 {
        out.append(byte)
      } else if byte < 0xA0 {
        append(windows1252[Int(byte) - 0x80], to: out)
      } else {
        append(UInt32(byte), to: out)
      }
    }
  }

  /// Appends one scalar value as UTF-8.
  static func append(_ scalar: UInt32, to out: ByteBuffer) {
    func tail(_ shift: UInt32) -> UInt8 {
      0x80 | UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F
    }
    switch scalar {
    case 0..<0x80:
      out.append(UInt8(scalar))
    case 0x80..<0x800:
      out.append(0xC0 | UInt8(scalar >> 6))
      out.append(tail(0))
    case 0x800..<0x1_0000:
      out.append(0xE0 | UInt8(scalar >> 12))
      out.append(tail(6))
      out.append(tail(0))
    default:
      out.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18) & 0x07)
      out.append(tail(12))
      out.append(tail(6))
      out.append(tail(0))
    }
  }

  private static func firstNonASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var index = start
    while index + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if word & 0x8080_8080_8080_8080 != 0 { break }
      index += 8
    }
    while index < bytes.count, bytes[index] < 0x80 { index += 1 }
    return index
  }

  /// The length of the sequence that begins there; 0 if it is none.
  private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
    let lead = bytes[index]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
      length = 3
      if lead == 0xE0 { second = 0xA0...0xBF }
      if lead == 0xED { second = 0x80...0x9F }
    case 0xF0...0xF4:
      length = 4
      if lead == 0xF0 { second = 0x90...0xBF }
      if lead == 0xF4 { second = 0x80...0x8F }
    default: return 0
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
    for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
    return length
  }

  /// 0x80 to 0x9F (WHATWG Encoding, windows-1252).
  private static let windows1252: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
  ]
}
