/// A picture (BMP) or a recording (WAV) of noise as lines of base64: files that programs open, of any size.
struct AttachmentWriter {
  private var left: Int
  private var first: [UInt8]
  private var dice: Dice
  private var noise = [UInt8](repeating: 0, count: 76)

  /// An attachment of `lines` lines of 57 bytes each, at least two.
  init(_ seed: UInt64, _ mail: Mail, lines: Int) {
    left = lines
    dice = Dice(seed ^ mail.identifier, .attachment)
    let size = lines * 57
    first =
      mail.attachment == .voice
      ? AttachmentWriter.wave(size) : AttachmentWriter.picture(size)
    for _ in first.count..<57 { first.append(UInt8(truncatingIfNeeded: dice.next())) }
  }

  /// Writes a line; false if there is none left.
  mutating func line(to out: inout ByteWriter) -> Bool {
    guard left > 0 else { return false }
    left -= 1
    if first.isEmpty {
      // Any 76 digits are 57 bytes of noise.
      var word: UInt64 = 0
      for place in noise.indices {
        if place % 10 == 0 { word = dice.next() }
        noise[place] = Base64.digits[Int(word & 63)]
        word >>= 6
      }
      out.put(noise)
    } else {
      out.put(base64Line: first[...])
      first = []
    }
    out.end()
    return true
  }

  /// The header of a picture of 64 pixels a row in 24 bits; what is left of `size` follows the last row.
  private static func picture(_ size: Int) -> [UInt8] {
    let rows = max(0, size - 54) / 192
    return Array("BM".utf8) + little(size, 4) + little(0, 4) + little(54, 4)
      + little(40, 4) + little(64, 4) + little(rows, 4) + little(1, 2) + little(24, 2)
      + little(0, 4) + little(rows * 192, 4) + little(2_835, 4) + little(2_835, 4) + little(0, 4)
      + little(0, 4)
  }

  /// The header of a recording at 8 kHz, one channel, 8 bits.
  private static func wave(_ size: Int) -> [UInt8] {
    Array("RIFF".utf8) + little(size - 8, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
      + little(1, 2) + little(1, 2) + little(8_000, 4) + little(8_000, 4) + little(1, 2)
      + little(8, 2) + Array("data".utf8) + little(size - 44, 4)
  }

  private static func little(_ number: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
