/// One header block, its checksum verified. Field places are those of ustar (POSIX.1-1988, pax(1)), of which version 7 had the first nine.
struct TarBlock {
  /// The type flag.
  let kind: UInt8
  /// Prefix and name together.
  let name: [UInt8]
  /// Nil in a form we do not take from a size field: base-256 or negative.
  let size: Int64?
  /// Brought into `TarLayout.times`.
  let mtime: Int64

  /// `ustar`, NUL, `00`.
  private static let posix: UInt64 = 0x7573_7461_7200_3030
  /// `ustar`, two blanks, NUL.
  private static let gnu: UInt64 = 0x7573_7461_7220_2000

  /// `raw` has 512 bytes.
  init(_ raw: UnsafeRawBufferPointer) throws(TarFault) {
    guard TarBlock.hasRightSum(raw) else {
      throw .damaged("its header does not have the checksum it states")
    }
    let magic = raw.loadUnaligned(fromByteOffset: 257, as: UInt64.self).bigEndian
    let isPOSIX = magic == TarBlock.posix
    let isOld = magic == 0 && Zeros.fill(UnsafeRawBufferPointer(rebasing: raw[345..<512]))
    guard isPOSIX || isOld || magic == TarBlock.gnu else {
      throw .unsupported("its header is neither ustar, pax, GNU tar nor version 7")
    }
    let short = try TarBlock.text(raw, 0..<100)
    // Before ustar a directory was what has a slash behind its name.
    let isOldDirectory = isOld && raw[156] == TarKind.oldFile && short.last == UInt8(ascii: "/")
    kind = isOldDirectory ? TarKind.directory : raw[156]
    // GNU tar keeps times where ustar has the prefix.
    let prefix = isPOSIX ? try TarBlock.text(raw, 345..<500) : []
    name = prefix.isEmpty ? short : prefix + [UInt8(ascii: "/")] + short
    // libarchive knows an archive by these; mode, owner, group and device mean nothing to us.
    for field in [100..<108, 108..<116, 116..<124, 329..<337, 337..<345] {
      guard try TarBlock.number(raw, field) != nil || raw[field.lowerBound] & 0x80 != 0 else {
        throw .damaged("its header holds a number that is none")
      }
    }
    size = try TarBlock.number(raw, 124..<136)
    mtime = try TarBlock.time(raw, 136..<148)
  }

  /// INVARIANT: each single byte that is changed changes the sum or breaks the field's form, so only the two forms that
  /// tools write are taken (six digits, NUL, blank; seven digits, NUL) and only the unsigned sum.
  private static func hasRightSum(_ raw: UnsafeRawBufferPointer) -> Bool {
    guard raw[155] == (raw[154] == 0 ? UInt8(ascii: " ") : 0) else { return false }
    var stated = 0
    for index in 148..<(raw[154] == 0 ? 154 : 155) {
      guard isDigit(raw[index]) else { return false }
      stated = stated << 3 | Int(raw[index] & 7)
    }
    // The sum is taken with the field itself as blanks.
    var sum = Zeros.sum(of: raw) + 8 * Int(UInt8(ascii: " "))
    for index in 148..<156 { sum -= Int(raw[index]) }
    return sum == stated
  }

  /// Up to the first NUL, behind which only NULs may stand.
  private static func text(
    _ raw: UnsafeRawBufferPointer, _ field: Range<Int>
  ) throws(TarFault) -> [UInt8] {
    var end = field.lowerBound
    while end < field.upperBound, raw[end] != 0 { end += 1 }
    guard Zeros.fill(UnsafeRawBufferPointer(rebasing: raw[end..<field.upperBound])) else {
      throw .unsupported("its name holds a NUL")
    }
    return [UInt8](UnsafeRawBufferPointer(rebasing: raw[field.lowerBound..<end]))
  }

  /// Octal digits between blanks and NULs, at most 12, so nothing overflows; nil for base-256 or a sign.
  private static func number(
    _ raw: UnsafeRawBufferPointer, _ field: Range<Int>
  ) throws(TarFault) -> Int64? {
    var index = field.lowerBound
    if raw[index] == 0x80 || raw[index] == 0xFF { return nil }
    while index < field.upperBound, raw[index] == UInt8(ascii: " ") { index += 1 }
    if index < field.upperBound, raw[index] == UInt8(ascii: "-") { return nil }
    var value: Int64 = 0
    while index < field.upperBound, isDigit(raw[index]) {
      value = value << 3 | Int64(raw[index] & 7)
      index += 1
    }
    while index < field.upperBound, raw[index] == 0 || raw[index] == UInt8(ascii: " ") {
      index += 1
    }
    guard index == field.upperBound else {
      throw .damaged("its header holds a number that is none")
    }
    return value
  }

  private static func time(
    _ raw: UnsafeRawBufferPointer, _ field: Range<Int>
  ) throws(TarFault) -> Int64 {
    let times = TarLayout.times
    if let value = try number(raw, field) { return min(value, times.upperBound) }
    // Base-256, 0xFF for a negative number; what needs more than six bytes lies far beyond the range.
    guard raw[field.lowerBound] == 0x80 else { return times.lowerBound }
    let bytes = raw[field].dropFirst()
    guard bytes.dropLast(6).allSatisfy({ $0 == 0 }) else { return times.upperBound }
    let value = bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
    return min(value, times.upperBound)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "7")
  }
}
