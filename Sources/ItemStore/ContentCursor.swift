import OfficeModel

/// Finds stored content by its id. What was imported together has ids in a row, and is then found by stepping on, which
/// costs half of looking it up. Used within one transaction.
struct ContentCursor {
  private let rows: Statement
  /// Where the statement stands; nil if it does not.
  private var place: Int64?

  init(in connection: Connection) throws(OfficeError) {
    rows = try connection.statement("SELECT id, bytes FROM data WHERE id >= ?1 ORDER BY id")
  }

  /// The content that a reference names, compared with what the reference says of it; valid until the next call.
  /// Throws `.inputOutput` if it is gone or damaged.
  mutating func bytes(
    of reference: ChunkReference
  ) throws(OfficeError) -> UnsafeRawBufferPointer {
    if place != reference.id {
      if place != reference.id - 1 {
        rows.reset()
        rows.bind(1, reference.id)
      }
      place = nil
      guard try rows.step(), rows.integer(0) == reference.id else {
        throw Damage.found("content \(reference.id)")
      }
      place = reference.id
    }
    let bytes = rows.bytes(1)
    guard bytes.count == Int(reference.length), RowCheck.vouches(reference.hash, for: bytes)
    else {
      throw Damage.found("content \(reference.id)")
    }
    return bytes
  }

  /// Ends the walk.
  func close() { rows.reset() }
}
