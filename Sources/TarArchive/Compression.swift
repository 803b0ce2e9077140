import CArchive

/// How a file is compressed, by its first bytes.
struct Compression {
  /// libarchive's ARCHIVE_FILTER_….
  let filter: Int32
  /// What the first block of an .xz asks for, in bytes; nil for the others, whose libraries have small limits of their own.
  let dictionary: Int64?

  /// Nil if the file is not compressed. `size` is the file's, in bytes.
  init?(of file: Int32, size: Int64) throws(TarError) {
    let window = try FileWindow(file: file, largest: Compression.looked)
    let count = Int(min(Int64(Compression.looked), size))
    let first = Array(try window.bytes(at: 0, count: count))
    if first.starts(with: [0x1F, 0x8B]) {
      filter = ARCHIVE_FILTER_GZIP
      dictionary = nil
    } else if first.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      filter = ARCHIVE_FILTER_ZSTD
      dictionary = nil
    } else if first.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
      filter = ARCHIVE_FILTER_XZ
      dictionary = Compression.dictionary(ofXZ: first)
    } else {
      return nil
    }
  }

  /// A stream header of 12 bytes and the longest block header.
  private static let looked = 12 + 1024

  /// By "The .xz File Format" 1.2.0, 3.1 and 5.3.1; nil where the block is not the plain LZMA2 that `xz` writes.
  ///
  /// Of the first block only: with `xz` all blocks of a file are made alike, and memory is used as output comes, which is
  /// limited.
  private static func dictionary(ofXZ file: [UInt8]) -> Int64? {
    guard file.count > 14, file[12] != 0 else { return nil }
    let header = file[12...].prefix((Int(file[12]) + 1) * 4)
    let flags = file[13]
    var rest = header.dropFirst(2)
    // The compressed and the uncompressed size are optional numbers of 7 bits to a byte.
    for flag in [0x40 as UInt8, 0x80] where flags & flag != 0 {
      rest = rest.drop { $0 & 0x80 != 0 }.dropFirst()
    }
    for _ in 0...(flags & 3) {
      guard let id = rest.first, let length = rest.dropFirst().first, id < 0x80, length < 0x80
      else { return nil }
      let properties = rest.dropFirst(2).prefix(Int(length))
      if id == 0x21, let bits = properties.first, bits <= 40 {
        return bits == 40
          ? Int64(UInt32.max) : Int64(2 | bits & 1) << Int64(bits / 2 + 11)
      }
      rest = rest.dropFirst(2 + Int(length))
    }
    return nil
  }
}
