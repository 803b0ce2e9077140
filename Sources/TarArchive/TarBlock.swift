/// One header block, its checksum verified. Field places are those of ustar (POSIX.1-1988, pax(1)).
struct TarBlock {
  /// The type flag.
  let kind: UInt8
  /// Prefix and name together.
  let name: [UInt8]
  /// Nil in a form we do not take from a size field: base-256 or negative.
  let size: Int64?
  /// Brought into `TarLayout.times`.
  let mtime: Int64

  /// `raw` has 512 bytes.
  init(_ raw: UnsafeRawBufferPointer) throws(TarFault) {
    guard TarBlock.hasRightSum(raw) else {
      throw .damaged("its header does not have the checksum it states")
    }
    let magic = raw[257..<265]
    let isPOSIX = magic.elementsEqual("ustar\u{0}00".utf8)
    guard isPOSIX || magic.elementsEqual("ustar  \u{0}".utf8) else {
      throw .unsupported("its header is neither ustar, pax nor GNU tar")
    }
    kind = raw[156]
    let short = try TarBlock.text(raw[0..<100])
    // GNU tar keeps times where ustar has the prefix.
    let prefix = isPOSIX ? try TarBlock.text(raw[345..<500]) : []
    name = prefix.isEmpty ? short : prefix + [UInt8(ascii: "/")] + short
    // libarchive knows an archive by these; mode, owner, group and device mean nothing to us.
    for field in [100..<108, 108..<116, 116..<124, 329..<337, 337..<345] {
      guard try TarBlock.number(raw[field]) != nil || raw[field.lowerBound] & 0x80 != 0 else {
        throw .damaged("its header holds a number that is none")
      }
    }
    size = try TarBlock.number(raw[124..<136])
    mtime = try TarBlock.time(raw[136..<148])
  }

  /// INVARIANT: each single byte that is changed changes the sum or breaks the field's form, so only the two forms that
  /// tools write are taken (six digits, NUL, blank; seven digits, NUL) and only the unsigned sum.
  private static func hasRightSum(_ raw: UnsafeRawBufferPointer) -> Bool {
    let field = raw[148..<156]
    let end = Array(field.suffix(2))
    guard end == [0, UInt8(ascii: " ")] || (digit(end[0]) != nil && end[1] == 0) else {
      return false
    }
    var stated = 0
    var sum = 8 * Int(UInt8(ascii: " "))
    for byte in field.prefix(end[0] == 0 ? 6 : 7) {
      guard let value = digit(byte) else { return false }
      stated = stated << 3 | value
    }
    for byte in field { sum -= Int(byte) }
    return sum + Zeros.sum(of: raw) == stated
  }

  /// Up to the first NUL, behind which only NULs may stand.
  private static func text(_ field: Slice<UnsafeRawBufferPointer>) throws(TarFault) -> [UInt8] {
    let text = Array(field.prefix { $0 != 0 })
    guard field.dropFirst(text.count).allSatisfy({ $0 == 0 }) else {
      throw .unsupported("its name holds a NUL")
    }
    return text
  }

  /// Octal digits between blanks and NULs, at most 12, so nothing overflows; nil for base-256 or a sign.
  private static func number(_ field: Slice<UnsafeRawBufferPointer>) throws(TarFault) -> Int64? {
    if let first = field.first, first == 0x80 || first == 0xFF { return nil }
    let rest = field.drop { $0 == UInt8(ascii: " ") }
    if rest.first == UInt8(ascii: "-") { return nil }
    let digits = rest.prefix { digit($0) != nil }
    let tail = rest.dropFirst(digits.count)
    guard tail.allSatisfy({ $0 == 0 || $0 == UInt8(ascii: " ") }) else {
      throw .damaged("its header holds a number that is none")
    }
    return digits.reduce(Int64(0)) { $0 << 3 | Int64($1 & 7) }
  }

  private static func time(_ field: Slice<UnsafeRawBufferPointer>) throws(TarFault) -> Int64 {
    let times = TarLayout.times
    if let value = try number(field) { return min(value, times.upperBound) }
    // Base-256, 0xFF for a negative number; what needs more than six bytes lies far beyond the range.
    guard field.first == 0x80 else { return times.lowerBound }
    let bytes = field.dropFirst()
    guard bytes.dropLast(6).allSatisfy({ $0 == 0 }) else { return times.upperBound }
    let value = bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
    return min(value, times.upperBound)
  }

  private static func digit(_ byte: UInt8) -> Int? {
    (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) ? Int(byte & 7) : nil
  }
}
