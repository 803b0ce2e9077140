import Foundation
import GRDB
import OfficeModel

/// Finds content by its SHA-256: a log-structured merge tree of one level.
///
/// New content hits an index at random: kept up to date with each, it costs a page of the file for each. So the newest
/// chunks are known in memory only, and their rows in `chunk` are the log from which a start reads them again. They go
/// into the table `chunkname` in the order of names, a stretch at a time, so that neighbours share a page.
/// What this answers is a hint: who asks compares the whole SHA-256, and a chunk that is not found is kept twice.
/// INVARIANT: used within a write transaction only, so the gate is held.
final class ChunkIndex {
  /// The first eight bytes of a SHA-256, and the chunk's id; 0 if that is gone.
  private struct Entry {
    var name: UInt64
    var id: Int64

    var bucket: Int64 { Int64(name >> 52) }
    /// As a bucket of the table keeps it: 24 more bits of the name, 40 of the id.
    var packed: UInt64 { (name >> 28) << 40 | UInt64(id) }
  }

  /// Chunks from `end` on.
  private var recent: [UInt64: Int64] = [:]
  /// Chunks from `below` to before `end` that are not in the table yet, sorted.
  private var waiting: ArraySlice<Entry> = []
  /// All chunks before this one are in the table.
  private var below: Int64 = 0
  private var end: Int64 = 0
  private var isTouched = false

  /// How many chunks are known in memory only.
  private let most: Int
  /// How many go into the table at a time, at least.
  private let stretch: Int

  /// With the usual figures it takes 1.5 MiB.
  init(most: Int = 32_768, stretch: Int = 1_024) {
    self.most = most
    self.stretch = stretch
  }

  private static let tables = """
    CREATE TABLE chunkname(bucket INTEGER PRIMARY KEY, entries BLOB NOT NULL);
    CREATE TABLE chunknamed(below INTEGER NOT NULL, until BLOB NOT NULL, before INTEGER NOT NULL);
    INSERT INTO chunknamed SELECT ifnull(max(id), 0) + 1, x'', ifnull(max(id), 0) + 1 FROM chunk;
    """

  static let bucketSQL: StaticString = "SELECT entries FROM chunkname WHERE bucket = ?1"

  /// Makes the tables and brings all chunks into them.
  static func migrate(_ database: Database) throws {
    try database.execute(sql: tables)
    let chunks = try Row.fetchCursor(database, sql: "SELECT sha, id FROM chunk ORDER BY sha")
    var bucket: (number: Int64, entries: [UInt64]) = (0, [])
    func store() throws {
      guard !bucket.entries.isEmpty else { return }
      try database.execute(
        sql: "INSERT INTO chunkname VALUES(?, ?)",
        arguments: [bucket.number, bucket.entries.withUnsafeBytes { Data($0) }])
    }
    while let chunk = try chunks.next() {
      let sha: Data = chunk[0]
      let entry = Entry(name: name(Array(sha)), id: chunk[1])
      if entry.bucket != bucket.number {
        try store()
        bucket = (entry.bucket, [])
      }
      bucket.entries.append(entry.packed.littleEndian)
    }
    try store()
  }

  /// How many are known in memory only.
  var count: Int { recent.count + waiting.count }

  /// The chunks that may have this SHA-256, and hardly another one.
  func candidates(_ sha: [UInt8], in connection: Connection) throws(OfficeError) -> [Int64] {
    let name = ChunkIndex.name(sha)
    var ids = places(of: name).map { waiting[$0].id }.filter { $0 != 0 }
    if let id = recent[name] { ids.append(id) }
    guard ids.isEmpty else { return ids }
    let wanted = Entry(name: name, id: 0)
    return try entries(of: wanted.bucket, in: connection).compactMap {
      $0 >> 40 == wanted.packed >> 40 ? Int64($0 & 0xFF_FFFF_FFFF) : nil
    }
  }

  /// Adds a chunk that is newer than all.
  func add(_ id: Int64, _ sha: [UInt8]) {
    isTouched = true
    recent[ChunkIndex.name(sha)] = id
  }

  /// Forgets a chunk.
  func remove(_ id: Int64, _ sha: [UInt8], in connection: Connection) throws(OfficeError) {
    isTouched = true
    let entry = Entry(name: ChunkIndex.name(sha), id: id)
    if recent[entry.name] == id { recent[entry.name] = nil }
    guard id < end else { return }
    for place in places(of: entry.name) where waiting[place].id == id {
      waiting[place].id = 0
      return
    }
    let old = try entries(of: entry.bucket, in: connection)
    let new = old.filter { $0 != entry.packed }
    if new.count < old.count { try save(new, of: entry.bucket, in: connection) }
  }

  /// Before a commit: what is too much for memory goes into the table. `next` is above all ids.
  func settle(next: Int64, in connection: Connection) throws(OfficeError) {
    var excess = count - most
    guard excess >= stretch else { return }
    isTouched = true
    while excess > 0 {
      if waiting.isEmpty { freeze(at: next) }
      let moved = waiting.prefix(excess)
      try store(moved, in: connection)
      waiting = waiting.dropFirst(moved.count)
      excess -= moved.count
      if waiting.isEmpty { below = end }
      let until = waiting.isEmpty ? nil : moved.last?.name
      let note = try connection.statement(
        "UPDATE chunknamed SET below = ?1, until = ?2, before = ?3")
      note.bind(1, below)
      note.bind(2, until.map { name in withUnsafeBytes(of: name.bigEndian) { Array($0) } } ?? [])
      note.bind(3, end)
      try note.run()
    }
  }

  private func freeze(at next: Int64) {
    waiting = recent.map { Entry(name: $0.key, id: $0.value) }.sorted { $0.name < $1.name }[...]
    recent.removeAll(keepingCapacity: true)
    end = next
  }

  private func store(
    _ moved: ArraySlice<Entry>, in connection: Connection
  ) throws(OfficeError) {
    var rest = moved
    while let bucket = rest.first?.bucket {
      let same = rest.prefix { $0.bucket == bucket }
      let new = same.filter { $0.id != 0 }.map(\.packed)
      try save(try entries(of: bucket, in: connection) + new, of: bucket, in: connection)
      rest = rest.dropFirst(same.count)
    }
  }

  private func entries(
    of bucket: Int64, in connection: Connection
  ) throws(OfficeError) -> [UInt64] {
    let find = try connection.statement(ChunkIndex.bucketSQL)
    find.bind(1, bucket)
    defer { find.reset() }
    guard try find.step() else { return [] }
    let bytes = find.bytes(0)
    return (0..<bytes.count / 8).map {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
    }
  }

  private func save(
    _ entries: [UInt64], of bucket: Int64, in connection: Connection
  ) throws(OfficeError) {
    let put = try connection.statement("INSERT OR REPLACE INTO chunkname VALUES(?1, ?2)")
    put.bind(1, bucket)
    put.bind(2, entries.map(\.littleEndian).withUnsafeBytes { Array($0) })
    try put.run()
  }

  /// After a commit, or a transaction that had no effect.
  func finish(isCommitted: Bool, next: Int64, in connection: Connection) throws(OfficeError) {
    defer { isTouched = false }
    if isTouched && !isCommitted { try load(next: next, in: connection) }
  }

  /// Reads what is known in memory only; what a damaged row says can't make that grow. `next` is above all ids.
  func load(next: Int64, in connection: Connection) throws(OfficeError) {
    recent = [:]
    waiting = []
    let state = try connection.statement("SELECT below, until, before FROM chunknamed")
    defer { state.reset() }
    var until: [UInt8] = []
    if try state.step() {
      end = max(0, min(state.integer(2), next))
      below = max(0, min(state.integer(0), end))
      until = state.array(1)
    }
    let rows = try connection.statement("SELECT id, sha FROM chunk WHERE id >= ?1")
    rows.bind(1, max(below, next - 4 * Int64(most)))
    defer { rows.reset() }
    var frozen: [Entry] = []
    while try rows.step() {
      let (id, sha) = (rows.integer(0), rows.array(1))
      if id >= end {
        recent[ChunkIndex.name(sha)] = id
      } else if until.lexicographicallyPrecedes(sha.prefix(8)) {
        frozen.append(Entry(name: ChunkIndex.name(sha), id: id))
      }
    }
    waiting = frozen.sorted { $0.name < $1.name }[...]
  }

  private func places(of name: UInt64) -> Range<Int> {
    var low = waiting.startIndex
    var high = waiting.endIndex
    while low < high {
      let middle = (low + high) / 2
      if waiting[middle].name < name { low = middle + 1 } else { high = middle }
    }
    while high < waiting.endIndex, waiting[high].name == name { high += 1 }
    return low..<high
  }

  private static func name(_ sha: [UInt8]) -> UInt64 {
    sha.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
