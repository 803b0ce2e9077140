import OfficeModel
import TarArchive

/// Holds the entries of an archive against its SHA256SUMS, whatever the order of either: 16 bytes of memory for each entry,
/// twice that if the orders differ.
///
/// Of an entry and of a line 16 bytes are kept: the first of the SHA-256 over digest and path. They are equal only where
/// both are; the archive is no stranger's oath, so a collision would gain nobody anything.
struct ChecksumProof {
  private struct Mark: Hashable, Comparable {
    var high: UInt64
    var low: UInt64

    init(_ path: ArraySlice<UInt8>, _ digest: Digest) {
      var stream = DigestStream()
      stream.update(digest.bytes + path)
      let bytes = stream.finish().bytes
      high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
      low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func < (left: Mark, right: Mark) -> Bool {
      (left.high, left.low) < (right.high, right.low)
    }
  }

  private var entries: [Mark] = []
  /// How many lines, from the first on, stand in the order of the entries.
  private var agreeing = 0
  /// The lines behind those.
  private var listed: [Mark] = []
  private var lines = ChecksumLines()
  private(set) var hasList = false
  /// Over all entries as they came, their times included.
  private var stream = DigestStream()

  /// Takes an entry that was read to its end.
  mutating func add(_ entry: TarEntry, _ digest: Digest) {
    entries.append(Mark(entry.path[...], digest))
    stream.update(entry.path + [0] + digest.bytes + Array("\(entry.mtime)\n".utf8))
  }

  /// Equal for two archives only if they hold the same entries with the same times in the same order.
  var fingerprint: Digest { stream.finish() }

  /// Takes some of the list; it must be whole when `verify` is called.
  mutating func feed(list bytes: ArraySlice<UInt8>) throws(OfficeError) {
    var reader = lines
    try reader.feed(bytes) { (path, digest) throws(OfficeError) in
      let mark = Mark(path, digest)
      if listed.isEmpty, agreeing < entries.count, entries[agreeing] == mark {
        agreeing += 1
      } else if agreeing + listed.count <= entries.count {
        // One line too many shows that there are too many.
        listed.append(mark)
      }
    }
    lines = reader
  }

  /// The list was read to its end.
  mutating func endList() throws(OfficeError) {
    hasList = true
    try lines.finish()
  }

  /// Throws `.badArchive` with the path unless the list names each entry once, with its digest, and nothing else.
  /// `reread` gives the archive from its beginning: only what is wrong is looked up there.
  mutating func verify(
    reread: () throws(OfficeError) -> TarReader
  ) throws(OfficeError) {
    guard agreeing < entries.count || !listed.isEmpty else { return }
    let wanted = entries
    listed += entries[..<agreeing]
    entries.sort()
    listed.sort()
    guard entries != listed else { return }
    let unlisted = wanted.firstIndex { !listed.contains(sorted: $0) }
    throw try fault(unlisted: unlisted, in: reread())
  }

  /// What is wrong: with the entry at `unlisted`, of which the list has no such line, else with a line.
  private func fault(
    unlisted: Int?, in reader: TarReader
  ) throws(OfficeError) -> OfficeError {
    var path: [UInt8]?
    var index = 0
    while let entry = try reader.nextEntry(), entry.path != ChecksumList.path {
      if index == unlisted { path = entry.path }
      index += 1
    }
    var isNamed = false
    var odd: [UInt8]?
    var lines = ChecksumLines()
    var seen: Mark?
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try reader.readData(into: &buffer)
      if count == 0 { break }
      try lines.feed(buffer[..<count]) { (name, digest) throws(OfficeError) in
        if let path, path.elementsEqual(name) { isNamed = true }
        let mark = Mark(name, digest)
        if odd == nil, mark == seen || !entries.contains(sorted: mark) { odd = Array(name) }
        seen = mark
      }
    }
    guard let path else {
      return OfficeError(
        .badArchive, "SHA256SUMS lists an entry that is missing, or one twice",
        item: odd.map { Escaped.line($0) } ?? "SHA256SUMS", remedy: "copy or pack the archive again"
      )
    }
    return isNamed
      ? OfficeError(
        .badArchive, "the content does not match its SHA-256 in SHA256SUMS",
        item: Escaped.line(path),
        remedy: "the file was damaged or edited; export or copy it again")
      : OfficeError(
        .badArchive, "an entry that SHA256SUMS does not list", item: Escaped.line(path),
        remedy: "make SHA256SUMS anew over all entries")
  }
}

extension RandomAccessCollection where Element: Comparable, Index == Int {
  /// Whether an ascending collection holds an element.
  fileprivate func contains(sorted element: Element) -> Bool {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low < endIndex && self[low] == element
  }
}
