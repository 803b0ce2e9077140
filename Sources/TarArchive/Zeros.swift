/// Looks at many bytes at once: an archive is mostly headers where cells are small, and zeros where it ends.
enum Zeros {
  /// Whether all bytes are zero.
  static func fill(_ raw: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index + 8 <= raw.count {
      if raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) != 0 { return false }
      index += 8
    }
    while index < raw.count {
      if raw[index] != 0 { return false }
      index += 1
    }
    return true
  }

  /// The sum of the 512 bytes of a header.
  static func sum(of raw: UnsafeRawBufferPointer) -> Int {
    // Four sums of 16 bits each; none overflows, since 128 × 255 < 65,536.
    let low: UInt64 = 0x00FF_00FF_00FF_00FF
    var sums: UInt64 = 0
    for index in stride(from: 0, to: 512, by: 8) {
      let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      sums &+= (word & low) &+ (word >> 8 & low)
    }
    return Int(sums & 0xFFFF) + Int(sums >> 16 & 0xFFFF) + Int(sums >> 32 & 0xFFFF)
      + Int(sums >> 48)
  }
}
