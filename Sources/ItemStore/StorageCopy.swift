import OfficeModel

/// Storages on their way from another store into this one, many cells at once, in commits that the caller bounds.
///
/// A storage is whole or (with a target) a delta: what to put into the target later, see `StorageChanges.merge`.
/// What was not adopted or merged is dropped by `StorageChanges.dropStaged` or the next start.
/// INVARIANT: used by one thread at a time.
public final class StorageCopy {
  /// How many items and bytes a storage holds, or by how much its target grows.
  public struct Sums: Sendable, Equatable {
    public var items: Int64
    public var bytes: Int64

    public init(items: Int64 = 0, bytes: Int64 = 0) {
      self.items = items
      self.bytes = bytes
    }
  }

  private struct Pending {
    var storage: Int64
    var change: ItemChange
  }

  private let database: ItemDatabase
  private let contents: ([ContentChunk]) throws(OfficeError) -> [[UInt8]]
  private let isTrusting: Bool
  private let number: Int64
  private var pending: [Pending] = []
  private var bytes: Int64 = 0
  private var fresh: Set<Int64> = []
  private var targets: [Int64: Int64] = [:]
  private var deltas: [Int64] = []
  private var sums: [Int64: Sums] = [:]
  private var window: [Digest: [UInt8]] = [:]
  /// Content that was not here yet, in bytes.
  public private(set) var added: Int64 = 0

  private static let mostPending = 16_384
  private static let mostBytes: Int64 = 8 << 20
  private static let windowBytes: Int64 = 2 << 20

  /// `contents` gives the bytes of chunks that are not here yet; with `isTrusting` unset, of all, so that what is
  /// damaged here is put right. `number` is that under which the items will first be shown: a row that later gives way
  /// to another one is then of the same size, and full pages need not be split.
  public init(
    into database: ItemDatabase, at number: Int64, isTrusting: Bool = true,
    contents: @escaping ([ContentChunk]) throws(OfficeError) -> [[UInt8]]
  ) {
    self.database = database
    self.number = number
    self.isTrusting = isTrusting
    self.contents = contents
  }

  /// A new storage, whole or with changes for `target`.
  public func begin(target: Int64 = 0) -> Int64 {
    let number = database.newStorage()
    fresh.insert(number)
    sums[number] = Sums()
    if target != 0 {
      targets[number] = target
      deltas.append(number)
    }
    return number
  }

  /// Adds items; a page of them stays in memory. An item of very many bytes is stored at once, in bounded commits.
  public func add(_ changes: [ItemChange], to storage: Int64) throws(OfficeError) {
    for change in changes {
      guard case .put(let record) = change, record.length > StorageCopy.mostBytes,
        case .chunks(let chunks) = record.content
      else {
        if case .put(let record) = change { bytes += record.length }
        pending.append(Pending(storage: storage, change: change))
        continue
      }
      try addLarge(record, chunks, to: storage)
    }
  }

  /// Whether what waits should be stored now.
  public var isFull: Bool {
    pending.count >= StorageCopy.mostPending || bytes >= StorageCopy.mostBytes
  }

  /// The storages that were begun and whose sums were not asked for, and all deltas: what to drop when giving up.
  public var unfinished: [Int64] { Array(sums.keys) + deltas }

  /// The sums of a storage of which everything is stored; they are forgotten then.
  public func takeSums(of storage: Int64) -> Sums {
    targets[storage] = nil
    return sums.removeValue(forKey: storage) ?? Sums()
  }

  /// Stores all that waits, within the caller's transaction. If that or the commit fails, the copy is of no use any more.
  public func store(in connection: Connection) throws(OfficeError) {
    var index = 0
    while index < pending.count {
      let end = try fillWindow(from: index, in: connection)
      for entry in pending[index..<end] { try store(entry, in: connection) }
      index = end
    }
    for storage in fresh.sorted() { try make(storage, in: connection) }
    pending.removeAll(keepingCapacity: true)
    window = [:]
    bytes = 0
  }

  private func make(_ storage: Int64, in connection: Connection) throws(OfficeError) {
    guard fresh.remove(storage) != nil else { return }
    try StorageRow.insert(storage, target: targets[storage] ?? 0, in: connection)
  }

  private func store(_ entry: Pending, in connection: Connection) throws(OfficeError) {
    let storage = entry.storage
    try make(storage, in: connection)
    let target = targets[storage]
    switch entry.change {
    case .put(let record):
      if target != nil, try length(of: record.key, in: storage, connection) != nil { return }
      switch record.content {
      case .bytes(let bytes):
        let content = bytes.withUnsafeBytes { ItemContent.inline($0) }
        try insert(record, content, into: storage, target, in: connection)
      case .chunks(let chunks):
        let content = ItemContent.encode(try put(chunks, in: connection))
        try insert(record, content, into: storage, target, in: connection)
      }
    case .removed(let key):
      guard let target, let old = try length(of: key, in: target, connection),
        try length(of: key, in: storage, connection) == nil
      else { return }
      try ItemRow.insert(
        storage: storage, key: key, born: 0, length: 0, content: ItemContent.removal,
        in: connection)
      sums[storage, default: Sums()].items -= 1
      sums[storage, default: Sums()].bytes -= old
    }
  }

  private func insert(
    _ record: ItemRecord, _ content: [UInt8], into storage: Int64, _ target: Int64?,
    in connection: Connection
  ) throws(OfficeError) {
    try ItemRow.insert(
      storage: storage, key: record.key, born: number, length: record.length, content: content,
      in: connection)
    var change = Sums(items: 1, bytes: record.length)
    if let target, let old = try length(of: record.key, in: target, connection) {
      change.items -= 1
      change.bytes -= old
    }
    sums[storage, default: Sums()].items += change.items
    sums[storage, default: Sums()].bytes += change.bytes
  }

  private func length(
    of key: [UInt8], in storage: Int64, _ connection: Connection
  ) throws(OfficeError) -> Int64? {
    let find = try connection.statement("SELECT length FROM item WHERE storage = ?1 AND key = ?2")
    find.bind(1, storage)
    find.bind(2, key)
    defer { find.reset() }
    return try find.step() ? find.integer(0) : nil
  }

  private func put(
    _ chunks: [ContentChunk], in connection: Connection
  ) throws(OfficeError) -> [ChunkReference] {
    var references: [ChunkReference] = []
    references.reserveCapacity(chunks.count)
    for chunk in chunks {
      if isTrusting, let bytes = window.removeValue(forKey: chunk.digest) {
        // If it comes a second time, it is here.
        references.append(
          try bytes.withUnsafeBufferPointer { (buffer) throws(OfficeError) in
            try database.chunks.add(
              UnsafeRawBufferPointer(buffer), sha: chunk.digest, hash: chunk.check, in: connection)
          })
        added += Int64(chunk.length)
      } else if let bytes = window[chunk.digest] {
        let before = connection.lastRow
        references.append(
          try bytes.withUnsafeBufferPointer { (buffer) throws(OfficeError) in
            try database.chunks.put(
              UnsafeRawBufferPointer(buffer), sha: chunk.digest, hash: chunk.check, in: connection)
          })
        if connection.lastRow != before { added += Int64(chunk.length) }
      } else if let known = try database.chunks.share(
        chunk.digest, length: chunk.length, hash: chunk.check, in: connection)
      {
        references.append(known)
      } else {
        throw OfficeError(.inputOutput, "content that was not asked for", item: "\(chunk.digest)")
      }
    }
    return references
  }

  // Asks for the bytes that the next entries need and are not here; returns where those entries end.
  private func fillWindow(from start: Int, in connection: Connection) throws(OfficeError) -> Int {
    var wanted: [ContentChunk] = []
    var end = start
    var total: Int64 = 0
    while end < pending.count, total < StorageCopy.windowBytes {
      if case .put(let record) = pending[end].change, case .chunks(let chunks) = record.content {
        total += record.length
        wanted += chunks
      }
      end += 1
    }
    try fetch(wanted, in: connection)
    return end
  }

  private func fetch(_ wanted: [ContentChunk], in connection: Connection) throws(OfficeError) {
    window.removeAll(keepingCapacity: true)
    var missing: [Digest: ContentChunk] = [:]
    for chunk in wanted where missing[chunk.digest] == nil {
      if isTrusting, try database.chunks.holds(chunk.digest, in: connection) { continue }
      missing[chunk.digest] = chunk
    }
    guard !missing.isEmpty else { return }
    // In the order in which they lie on the other store's disk.
    let order = missing.values.sorted { $0.place < $1.place }
    for (chunk, bytes) in zip(order, try contents(order)) { window[chunk.digest] = bytes }
  }

  // Between its commits the references gathered so far are kept by a row with the empty key, as in a stage.
  private func addLarge(
    _ record: ItemRecord, _ chunks: [ContentChunk], to storage: Int64
  ) throws(OfficeError) {
    var references: [ChunkReference] = []
    var next = 0
    while next < chunks.count {
      var end = next
      var total: Int64 = 0
      while end < chunks.count, total < StorageCopy.mostBytes {
        total += Int64(chunks[end].length)
        end += 1
      }
      references += try database.write(urgent: false) { connection throws(OfficeError) in
        try make(storage, in: connection)
        var part: [ChunkReference] = []
        for chunk in chunks[next..<end] {
          try fetch([chunk], in: connection)
          part += try put([chunk], in: connection)
        }
        if next > 0 { try StagedRows.deleteCarry(of: storage, in: connection) }
        if end < chunks.count {
          try ItemRow.insert(
            storage: storage, key: [], born: 0, length: 0,
            content: ItemContent.encode(references + part), in: connection)
        } else if try length(of: record.key, in: storage, connection) == nil {
          try insert(
            record, ItemContent.encode(references + part), into: storage, targets[storage],
            in: connection)
        } else {
          try database.chunks.release(references + part, in: connection)
        }
        return part
      }
      next = end
    }
    window = [:]
  }
}
