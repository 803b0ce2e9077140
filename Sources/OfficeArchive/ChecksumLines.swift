import OfficeModel

/// Reads `SHA256SUMS` as it comes, a line at a time: written by us or by `sha256sum` (text or binary mark, `./` before paths).
struct ChecksumLines {
  private var rest: [UInt8] = []
  private var number = 0

  /// The longest line, in bytes: a path of an archive has at most 81.
  private static let longest = 4_096

  /// Hands each line that is complete to `body`. Throws `.badArchive` with the line for what no such list holds.
  mutating func feed(
    _ bytes: ArraySlice<UInt8>,
    _ body: (_ path: ArraySlice<UInt8>, Digest) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    var bytes = bytes
    if !rest.isEmpty {
      let end = bytes.firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.endIndex
      rest += bytes[..<end]
      bytes = bytes[end...]
      guard rest.last == 0x0A else {
        try assertShort(rest.count)
        return
      }
      try read(rest.dropLast(), body)
      rest.removeAll(keepingCapacity: true)
    }
    while let end = bytes.firstIndex(of: 0x0A) {
      try read(bytes[..<end], body)
      bytes = bytes[(end + 1)...]
    }
    try assertShort(bytes.count)
    rest += bytes
  }

  /// Throws `.badArchive` if the last line has no end.
  func finish() throws(OfficeError) {
    if !rest.isEmpty { throw ChecksumLines.bad("a line without an end", number + 1) }
  }

  private mutating func read(
    _ line: ArraySlice<UInt8>,
    _ body: (_ path: ArraySlice<UInt8>, Digest) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    number += 1
    let mark = line.dropFirst(64).prefix(2)
    guard line.count > 66, line.count <= ChecksumLines.longest,
      let digest = Digest(hexadecimal: line.prefix(64)),
      mark.elementsEqual([0x20, 0x20]) || mark.elementsEqual([0x20, 0x2A])
    else { throw ChecksumLines.bad("a line that sha256sum would not write", number) }
    var path = line.dropFirst(66)
    if path.starts(with: [0x2E, 0x2F]) { path = path.dropFirst(2) }
    try body(path, digest)
  }

  private func assertShort(_ count: Int) throws(OfficeError) {
    guard count <= ChecksumLines.longest else {
      throw ChecksumLines.bad("a line that sha256sum would not write", number + 1)
    }
  }

  private static func bad(_ reason: String, _ line: Int) -> OfficeError {
    OfficeError(
      .badArchive, "SHA256SUMS has \(reason)", item: "SHA256SUMS line \(line)",
      remedy: "make the list anew with sha256sum and pack the archive again")
  }
}
