import Glibc
import OfficeModel

/// Content by its SHA-256, kept once and counted: `refs` is the number of item rows' references to it.
///
/// INVARIANT: used within a write transaction only, so the gate is held.
/// INVARIANT: an id is not given twice while the process lives; what is kept in memory by id stays true.
final class ChunkTable: @unchecked Sendable {
  private var next: Int64
  let index: ChunkIndex

  /// Reads what it needs of the database that the writer has opened.
  init(_ writer: Connection, index: ChunkIndex = ChunkIndex()) throws(OfficeError) {
    self.index = index
    next = (try writer.value("SELECT max(id) FROM chunk") ?? 0) + 1
    try index.load(next: next, in: writer)
  }

  /// Before a commit.
  func settle(in connection: Connection) throws(OfficeError) {
    try index.settle(next: next, in: connection)
  }

  /// After a commit, or a transaction that had no effect.
  func finish(isCommitted: Bool, in connection: Connection) throws(OfficeError) {
    try index.finish(isCommitted: isCommitted, next: next, in: connection)
  }

  /// Adds a reference to this content and keeps it if it is new.
  ///
  /// Content that is known is compared with what is stored; stored bytes that were damaged are written anew from these.
  func put(
    _ bytes: UnsafeRawBufferPointer, sha: Digest, hash: UInt32, in connection: Connection
  ) throws(OfficeError) -> ChunkReference {
    let name = sha.bytes
    guard let known = try find(name, in: connection) else {
      return try insert(bytes, name: name, hash: hash, in: connection)
    }
    guard known.length == Int64(bytes.count), known.isSound else {
      throw Damage.found("content \(known.id)")
    }
    try heal(known.id, bytes, in: connection)
    try setReferences(known.id, name, known.length, known.refs + 1, in: connection)
    return ChunkReference(id: known.id, length: UInt32(bytes.count), hash: hash)
  }

  /// Keeps content that `holds` did not find in this transaction.
  func add(
    _ bytes: UnsafeRawBufferPointer, sha: Digest, hash: UInt32, in connection: Connection
  ) throws(OfficeError) -> ChunkReference {
    try insert(bytes, name: sha.bytes, hash: hash, in: connection)
  }

  /// Adds a reference to content of this digest if it is here; nil if not.
  func share(
    _ sha: Digest, length: UInt32, hash: UInt32, in connection: Connection
  ) throws(OfficeError) -> ChunkReference? {
    let name = sha.bytes
    guard let known = try find(name, in: connection) else { return nil }
    guard known.length == Int64(length), known.isSound else {
      throw Damage.found("content \(known.id)")
    }
    try setReferences(known.id, name, known.length, known.refs + 1, in: connection)
    return ChunkReference(id: known.id, length: length, hash: hash)
  }

  /// Whether content of this digest is here.
  func holds(_ sha: Digest, in connection: Connection) throws(OfficeError) -> Bool {
    try find(sha.bytes, in: connection) != nil
  }

  private struct Found {
    var id: Int64
    var length: Int64
    var refs: Int64
    var isSound: Bool
  }

  private func find(_ sha: [UInt8], in connection: Connection) throws(OfficeError) -> Found? {
    for id in try index.candidates(sha, in: connection) {
      let row = try connection.statement("SELECT sha, length, refs, mark FROM chunk WHERE id = ?1")
      row.bind(1, id)
      defer { row.reset() }
      guard try row.step(), row.array(0) == sha else { continue }
      let (length, refs) = (row.integer(1), row.integer(2))
      let isSound = ChunkTable.mark(id, sha, length, refs).agrees(with: row.integer(3))
      return Found(id: id, length: length, refs: refs, isSound: isSound)
    }
    return nil
  }

  /// Counts one more reference to each. Throws `.inputOutput` if one is gone or damaged.
  func retain(_ references: [ChunkReference], in connection: Connection) throws(OfficeError) {
    for reference in references {
      guard let row = try row(reference.id, in: connection) else {
        throw Damage.found("content \(reference.id)")
      }
      try setReferences(reference.id, row.name, row.length, row.refs + 1, in: connection)
    }
  }

  /// Takes references away; content that nothing refers to any more is erased.
  ///
  /// A damaged row is left alone: its content may still be needed, and `verify` names it.
  func release(_ references: [ChunkReference], in connection: Connection) throws(OfficeError) {
    for reference in references {
      guard let row = try row(reference.id, in: connection) else { continue }
      if row.refs > 1 {
        try setReferences(reference.id, row.name, row.length, row.refs - 1, in: connection)
      } else {
        try delete(reference.id, row.name, in: connection)
      }
    }
  }

  // nil where it is gone or damaged.
  private func row(
    _ id: Int64, in connection: Connection
  ) throws(OfficeError) -> (name: [UInt8], length: Int64, refs: Int64)? {
    let find = try connection.statement("SELECT sha, length, refs, mark FROM chunk WHERE id = ?1")
    find.bind(1, id)
    defer { find.reset() }
    guard try find.step() else { return nil }
    let name = find.array(0)
    let (length, refs, mark) = (find.integer(1), find.integer(2), find.integer(3))
    guard ChunkTable.mark(id, name, length, refs).agrees(with: mark), refs > 0 else { return nil }
    return (name, length, refs)
  }

  static func mark(_ id: Int64, _ sha: [UInt8], _ length: Int64, _ refs: Int64) -> RowCheck {
    var check = RowCheck(2)
    check.add(id)
    check.add(length)
    check.add(refs)
    check.add(sha)
    return check
  }

  private func insert(
    _ bytes: UnsafeRawBufferPointer, name: [UInt8], hash: UInt32, in connection: Connection
  ) throws(OfficeError) -> ChunkReference {
    let id = next
    next += 1
    let row = try connection.statement("INSERT INTO chunk VALUES(?1, ?2, ?3, 1, ?4)")
    row.bind(1, id)
    row.bind(2, name)
    row.bind(3, Int64(bytes.count))
    row.bind(4, ChunkTable.mark(id, name, Int64(bytes.count), 1).short)
    try row.run()
    let data = try connection.statement("INSERT INTO data VALUES(?1, ?2)")
    data.bind(1, id)
    data.bindInPlace(2, bytes)
    try data.run()
    index.add(id, name)
    return ChunkReference(id: id, length: UInt32(bytes.count), hash: hash)
  }

  private func heal(
    _ id: Int64, _ bytes: UnsafeRawBufferPointer, in connection: Connection
  ) throws(OfficeError) {
    let stored = try connection.statement("SELECT bytes FROM data WHERE id = ?1")
    stored.bind(1, id)
    let isSound = try stored.step() && ChunkTable.isEqual(stored.bytes(0), bytes)
    stored.reset()
    if isSound { return }
    let put = try connection.statement("INSERT OR REPLACE INTO data VALUES(?1, ?2)")
    put.bind(1, id)
    put.bindInPlace(2, bytes)
    try put.run()
  }

  private static func isEqual(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
  ) -> Bool {
    guard left.count == right.count else { return false }
    guard let start = left.baseAddress, let other = right.baseAddress else { return true }
    return memcmp(start, other, left.count) == 0
  }

  private func setReferences(
    _ id: Int64, _ sha: [UInt8], _ length: Int64, _ refs: Int64, in connection: Connection
  ) throws(OfficeError) {
    let update = try connection.statement("UPDATE chunk SET refs = ?2, mark = ?3 WHERE id = ?1")
    update.bind(1, id)
    update.bind(2, refs)
    update.bind(3, ChunkTable.mark(id, sha, length, refs).short)
    try update.run()
  }

  private func delete(
    _ id: Int64, _ name: [UInt8], in connection: Connection
  ) throws(OfficeError) {
    try index.remove(id, name, in: connection)
    for sql: StaticString in ["DELETE FROM data WHERE id = ?1", "DELETE FROM chunk WHERE id = ?1"] {
      let delete = try connection.statement(sql)
      delete.bind(1, id)
      try delete.run()
    }
  }
}
