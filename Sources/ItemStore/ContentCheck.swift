import OfficeModel

// What `verify` asks of the items' file. Everything is read in short transactions but the counting of references,
// which has to see one moment; nothing is changed.

extension ItemDatabase {
  /// Chunks whose references are counted in one walk over the items: 8 MiB of counters.
  private static let countedAtOnce: Int64 = 1 << 20
  private static let chunksAPage = 64

  /// What SQLite finds wrong with the file's structure, one sentence each.
  public func structureFaults() throws(OfficeError) -> [String] {
    try read { connection throws(OfficeError) in
      let check = try connection.prepare("PRAGMA quick_check(50)")
      var faults: [String] = []
      while try check.step() {
        let text = check.text(0)
        if text != "ok" { faults.append("the database's structure: \(text)") }
      }
      return faults
    }
  }

  /// Compares each chunk with its SHA-256, its length and the number of references to it.
  /// `progress` is given the bytes read.
  public func contentFaults(progress: (Int64) -> Void) throws(OfficeError) -> [String] {
    var faults: [String] = []
    var last: Int64 = 0
    while true {
      let (page, bytes, end) = try read { connection throws(OfficeError) in
        try chunkFaults(after: last, in: connection)
      }
      faults += page
      progress(bytes)
      guard let end else { break }
      last = end
    }
    var first: Int64 = 0
    while first <= last {
      let range = first..<(first + ItemDatabase.countedAtOnce)
      faults += try read { connection throws(OfficeError) in
        try referenceFaults(of: range, in: connection)
      }
      first = range.upperBound
    }
    return faults
  }

  private func chunkFaults(
    after last: Int64, in connection: Connection
  ) throws(OfficeError) -> (faults: [String], bytes: Int64, end: Int64?) {
    let find = try connection.statement(
      """
      SELECT chunk.id, sha, length, refs, mark, bytes FROM chunk LEFT JOIN data ON data.id = chunk.id
      WHERE chunk.id > ?1 ORDER BY chunk.id LIMIT ?2
      """)
    find.bind(1, last)
    find.bind(2, Int64(ItemDatabase.chunksAPage))
    defer { find.reset() }
    var faults: [String] = []
    var read: Int64 = 0
    var end: Int64?
    while try find.step() {
      let id = find.integer(0)
      end = id
      let name = find.array(1)
      let mark = ChunkTable.mark(id, name, find.integer(2), find.integer(3))
      if !mark.agrees(with: find.integer(4)) {
        faults.append("the row of content \(id) is damaged")
      }
      let bytes = find.bytes(5)
      var digest = DigestStream()
      digest.update(bytes)
      if digest.finish().bytes != name { faults.append("content \(id) does not match its SHA-256") }
      read += Int64(bytes.count)
    }
    return (faults, read, end)
  }

  private func referenceFaults(
    of range: Range<Int64>, in connection: Connection
  ) throws(OfficeError) -> [String] {
    var counts = [Int64](repeating: 0, count: range.count)
    for sql: StaticString in [
      "SELECT storage, key, born, content FROM item",
      "SELECT storage, key, born, content FROM past",
    ] {
      let rows = try connection.statement(sql)
      defer { rows.reset() }
      while try rows.step() {
        for reference in ItemContent.references(rows.bytes(3)) where range.contains(reference.id) {
          counts[Int(reference.id - range.lowerBound)] += 1
        }
      }
    }
    let chunks = try connection.statement(
      "SELECT id, refs FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id")
    chunks.bind(1, range.lowerBound)
    chunks.bind(2, range.upperBound)
    defer { chunks.reset() }
    var faults: [String] = []
    while try chunks.step() {
      let index = Int(chunks.integer(0) - range.lowerBound)
      if counts[index] != chunks.integer(1) {
        faults.append(
          "content \(chunks.integer(0)) counts \(chunks.integer(1)) references and has \(counts[index])"
        )
      }
      counts[index] = 0
    }
    for (index, count) in counts.enumerated() where count != 0 {
      faults.append("content \(range.lowerBound + Int64(index)) is missing, \(count) items need it")
    }
    return faults
  }
}
