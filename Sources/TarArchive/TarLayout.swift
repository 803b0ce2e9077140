/// The exact bytes of the archives we write: ustar (POSIX.1-1988), with a pax header (POSIX.1-2001) only where a size needs it.
///
/// An archive is, for each entry, `header`, the data and `padding` zeros, then `endSize` zeros.
public enum TarLayout {
  /// The unit of everything, in bytes.
  public static let block: Int64 = 512

  /// The two zero blocks at the end, in bytes.
  public static let endSize: Int64 = 1024

  /// The longest path that `header` takes, in bytes.
  public static let maximumPath = 100

  /// The times that a header can hold, in seconds since 1970; others become the nearest.
  public static let times: ClosedRange<Int64> = 0...0o77_777_777_777

  /// The first size that a ustar header can't hold, in bytes.
  public static let largeSize: Int64 = 1 << 33

  /// Bytes before the data of an entry of `size` bytes.
  public static func headerSize(size: Int64) -> Int64 { size < largeSize ? block : 3 * block }

  /// How many zeros follow the data of an entry of `size` bytes.
  public static func padding(size: Int64) -> Int64 { (block - size % block) % block }

  /// What stands before an entry's data: mode 0600, no owner.
  ///
  /// `path` has 1 to `maximumPath` bytes, `size` is not negative: both are ours, a violation is a programming error.
  public static func header(path: [UInt8], size: Int64, mtime: Int64) -> [UInt8] {
    precondition((1...maximumPath).contains(path.count) && size >= 0)
    let time = min(max(mtime, times.lowerBound), times.upperBound)
    guard size >= largeSize else { return ustar(path, kind: TarKind.file, size: size, mtime: time) }
    let record = sizeRecord(size)
    var out = ustar(
      Array("././@PaxHeader".utf8), kind: TarKind.pax, size: Int64(record.count), mtime: 0)
    out += record
    out += [UInt8](repeating: 0, count: Int(padding(size: Int64(record.count))))
    out += ustar(path, kind: TarKind.file, size: 0, mtime: time)
    return out
  }

  /// `LENGTH size=SIZE\n`, where LENGTH counts itself; two digits, since SIZE has 10 to 19.
  private static func sizeRecord(_ size: Int64) -> [UInt8] {
    let rest = " size=\(size)\n"
    return Array("\(rest.utf8.count + 2)\(rest)".utf8)
  }

  private static func ustar(_ path: [UInt8], kind: UInt8, size: Int64, mtime: Int64) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: Int(block))
    out.replaceSubrange(0..<path.count, with: path)
    octal(0o600, digits: 7, at: 100, in: &out)
    octal(0, digits: 7, at: 108, in: &out)
    octal(0, digits: 7, at: 116, in: &out)
    octal(size, digits: 11, at: 124, in: &out)
    octal(mtime, digits: 11, at: 136, in: &out)
    out[156] = kind
    out.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8))
    octal(0, digits: 7, at: 329, in: &out)
    octal(0, digits: 7, at: 337, in: &out)
    // The sum is taken with the field itself as blanks; of it only the last stays one.
    for index in 148..<156 { out[index] = UInt8(ascii: " ") }
    let sum = out.reduce(Int64(0)) { $0 + Int64($1) }
    octal(sum, digits: 6, at: 148, in: &out)
    out[154] = 0
    return out
  }

  private static func octal(_ value: Int64, digits: Int, at start: Int, in out: inout [UInt8]) {
    var rest = value
    for index in stride(from: start + digits - 1, through: start, by: -1) {
      out[index] = UInt8(ascii: "0") + UInt8(rest & 7)
      rest >>= 3
    }
  }
}
