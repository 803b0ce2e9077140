import OfficeModel

/// `SHA256SUMS`, the last entry of an archive: what `sha256sum -c` reads, and the end mark.
public enum ChecksumList {
  /// The entry's name.
  public static let path: [UInt8] = Array("SHA256SUMS".utf8)

  /// The bytes of a line whose path has `path`: 64 digits, two spaces, the path, a line feed.
  static func lineSize(_ path: Int) -> Int64 { 67 + Int64(path) }

  /// The bytes of the lines for these areas' cells of some users; `idBytes` is of the ids in all those lines.
  static func size(areas: [Area], users: Int64, idBytes: Int64) -> Int64 {
    users * areas.reduce(0) { $0 + lineSize($1.fileName.utf8.count + 1) } + idBytes
  }

  /// One line.
  public static func line(path: [UInt8], digest: Digest) -> [UInt8] {
    digest.hexadecimal + [0x20, 0x20] + path + [0x0A]
  }

  /// Reads a list written by us or by `sha256sum` (text or binary mark, `./` before paths).
  /// Throws `.badArchive` with the line for anything else, and for a path that stands twice.
  public static func parse(_ bytes: [UInt8]) throws(OfficeError) -> [[UInt8]: Digest] {
    var digests: [[UInt8]: Digest] = [:]
    var number = 0
    var rest = bytes[...]
    while !rest.isEmpty {
      number += 1
      guard let end = rest.firstIndex(of: 0x0A) else {
        throw bad("a line without an end", number)
      }
      let line = rest[rest.startIndex..<end]
      rest = rest[(end + 1)...]
      guard line.count > 66, let digest = Digest(hexadecimal: line.prefix(64)) else {
        throw bad("a line that sha256sum would not write", number)
      }
      let mark = line.dropFirst(64).prefix(2)
      guard mark.elementsEqual([0x20, 0x20]) || mark.elementsEqual([0x20, 0x2A]) else {
        throw bad("a line that sha256sum would not write", number)
      }
      var path = line.dropFirst(66)
      if path.starts(with: [0x2E, 0x2F]) { path = path.dropFirst(2) }
      guard digests.updateValue(digest, forKey: Array(path)) == nil else {
        throw bad("a path that stands twice", number)
      }
    }
    return digests
  }

  private static func bad(_ reason: String, _ line: Int) -> OfficeError {
    OfficeError(
      .badArchive, "SHA256SUMS has \(reason)", item: "SHA256SUMS line \(line)",
      remedy: "make the list anew with sha256sum and pack the archive again")
  }
}
