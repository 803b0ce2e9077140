import OfficeModel

/// `SHA256SUMS`, the last entry of an archive: what `sha256sum -c` reads, and the end mark.
public enum ChecksumList {
  /// The entry's name.
  public static let path: [UInt8] = Array("SHA256SUMS".utf8)

  /// The bytes of a line whose path has `path`: 64 digits, two spaces, the path, a line feed.
  static func lineSize(_ path: Int) -> Int64 { 67 + Int64(path) }

  /// The bytes of the lines for these areas' cells of some users; `idBytes` is of the ids in all those lines.
  static func size(areas: [Area], users: Int64, idBytes: Int64) -> Int64 {
    users * areas.reduce(0) { $0 + lineSizes[Int($1.rawValue) - 1] } + idBytes
  }

  // Without the ids.
  private static let lineSizes = Area.allCases.map { lineSize($0.fileName.utf8.count + 1) }

  /// One line.
  public static func line(path: [UInt8], digest: Digest) -> [UInt8] {
    digest.hexadecimal + [0x20, 0x20] + path + [0x0A]
  }
}
