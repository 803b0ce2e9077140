import Glibc
import OfficeModel

/// Content by its SHA-256, kept once and counted: `refs` is the number of item rows' references to it.
///
/// INVARIANT: used within a write transaction only, so the gate is held.
/// INVARIANT: an id is not given twice while the process lives; what is kept in memory by id stays true.
final class ChunkTable: @unchecked Sendable {
  private var next: Int64

  init(next: Int64) { self.next = next }

  /// Adds a reference to this content and keeps it if it is new.
  ///
  /// Content that is known is compared with what is stored; stored bytes that were damaged are written anew from these.
  func put(
    _ bytes: UnsafeRawBufferPointer, sha: Digest, hash: UInt32, in connection: Connection
  ) throws(OfficeError) -> ChunkReference {
    let name = sha.bytes
    let find = try ChunkTable.find(name, in: connection)
    guard try find.step() else {
      find.reset()
      return try insert(bytes, name: name, hash: hash, in: connection)
    }
    let (id, length, refs, mark) = (
      find.integer(0), find.integer(1), find.integer(2), find.integer(3)
    )
    find.reset()
    guard length == Int64(bytes.count), ChunkTable.mark(id, name, length, refs).agrees(with: mark)
    else {
      throw Damage.found("content \(id)")
    }
    try heal(id, bytes, in: connection)
    try setReferences(id, name, length, refs + 1, in: connection)
    return ChunkReference(id: id, length: UInt32(bytes.count), hash: hash)
  }

  /// Adds a reference to content of this digest if it is here; nil if not.
  func share(
    _ sha: Digest, length: UInt32, hash: UInt32, in connection: Connection
  ) throws(OfficeError) -> ChunkReference? {
    let name = sha.bytes
    let find = try ChunkTable.find(name, in: connection)
    defer { find.reset() }
    guard try find.step() else { return nil }
    let (id, refs) = (find.integer(0), find.integer(2))
    guard find.integer(1) == Int64(length),
      ChunkTable.mark(id, name, Int64(length), refs).agrees(with: find.integer(3))
    else { throw Damage.found("content \(id)") }
    find.reset()
    try setReferences(id, name, Int64(length), refs + 1, in: connection)
    return ChunkReference(id: id, length: length, hash: hash)
  }

  /// Whether content of this digest is here.
  func holds(_ sha: Digest, in connection: Connection) throws(OfficeError) -> Bool {
    let find = try ChunkTable.find(sha.bytes, in: connection)
    defer { find.reset() }
    return try find.step()
  }

  static let findSQL: StaticString = """
    SELECT id, length, refs, mark FROM chunk WHERE substr(sha, 1, 5) = ?1 AND sha = ?2
    """

  // The index holds the first bytes only: 30 bytes less for every chunk, and as good to find one.
  private static func find(
    _ name: [UInt8], in connection: Connection
  ) throws(OfficeError) -> Statement {
    let find = try connection.statement(findSQL)
    find.bind(1, Array(name.prefix(5)))
    find.bind(2, name)
    return find
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
        try delete(reference.id, in: connection)
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

  private func delete(_ id: Int64, in connection: Connection) throws(OfficeError) {
    for sql: StaticString in ["DELETE FROM data WHERE id = ?1", "DELETE FROM chunk WHERE id = ?1"] {
      let delete = try connection.statement(sql)
      delete.bind(1, id)
      try delete.run()
    }
  }
}
