import OfficeModel

/// Bytes of a document under way, handed on in pieces so that memory stays flat.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []
  /// How many bytes were handed on.
  private var drained = 0
  /// What `end` writes.
  var usesCRLF = true

  /// Pieces are about this many bytes.
  static let pieceBytes = 128 << 10

  init() { bytes.reserveCapacity(ByteWriter.pieceBytes * 5 / 4) }

  /// How many bytes were written in all.
  var count: Int { drained + bytes.count }

  mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func put(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  mutating func put(_ byte: UInt8) { bytes.append(byte) }

  /// Ends a line.
  mutating func end() {
    if usesCRLF { bytes.append(13) }
    bytes.append(10)
  }

  /// Writes a whole line.
  mutating func line(_ text: String) {
    put(text)
    end()
  }

  /// Writes a number of at least `width` digits.
  mutating func put(_ number: Int, width: Int = 1) {
    if width == 2, number < 100 {
      // Days, months and clocks: most numbers there are.
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
      return
    }
    var divisor = 1
    var digits = 1
    while digits < width || number / divisor > 9 {
      divisor *= 10
      digits += 1
    }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }

  /// Writes the lowest `digits` hexadecimal digits of a number.
  mutating func put(hexadecimal number: UInt64, digits: Int = 16) {
    for place in stride(from: digits - 1, through: 0, by: -1) {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(place * 4)) & 15
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
    }
  }

  /// Hands on what was written if it is more than a piece, or all of it.
  mutating func drain(
    all: Bool = false, to sink: (UnsafeRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    guard bytes.count >= ByteWriter.pieceBytes || (all && !bytes.isEmpty) else { return }
    let result = bytes.withUnsafeBytes { buffer -> Result<Void, OfficeError> in
      do throws(OfficeError) {
        try sink(buffer)
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
    drained += bytes.count
    bytes.removeAll(keepingCapacity: true)
  }

  /// Folds the line that began at `start` (an index of `bytes`) to 75 bytes a physical line and ends it with CRLF.
  ///
  /// RFC 5545 §3.1 and RFC 6350 §3.2; a UTF-8 sequence is never split.
  mutating func endFolded(from start: Int) {
    if bytes.count - start > 75 {
      let line = Array(bytes[start...])
      bytes.removeLast(line.count)
      var position = 0
      var room = 75
      while line.count - position > room {
        var stop = position + room
        while line[stop] & 0xC0 == 0x80 { stop -= 1 }
        bytes.append(contentsOf: line[position..<stop])
        bytes.append(contentsOf: [13, 10, 32])
        position = stop
        room = 74
      }
      bytes.append(contentsOf: line[position...])
    }
    bytes.append(13)
    bytes.append(10)
  }
}
