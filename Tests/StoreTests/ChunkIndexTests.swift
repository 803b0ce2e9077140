import Foundation
import GRDB
import OfficeModel
import TestSupport
import Testing

@testable import ItemStore
@testable import LiveStore

@Suite("How content is found by its SHA-256")
struct ChunkIndexTests {
  /// A file of items and what is in memory of it, with a small memory.
  private final class Fixture {
    static let most = 40
    static let stretch = 7
    let folder: ScratchDirectory
    var connection: Connection
    var chunks: ChunkTable

    init() throws {
      folder = try ScratchDirectory()
      try ItemSchema.prepare(path: folder.path + "/db", create: true, migrator: Self.migrator())
      (connection, chunks) = try Self.open(folder.path + "/db")
    }

    static func migrator() -> DatabaseMigrator {
      var migrator = DatabaseMigrator()
      ItemSchema.register(in: &migrator)
      return migrator
    }

    static func open(_ path: String) throws -> (Connection, ChunkTable) {
      let connection = try Connection(path: path, isWriter: true)
      let index = ChunkIndex(most: most, stretch: stretch)
      return (connection, try ChunkTable(connection, index: index))
    }

    func reopen() throws {
      connection.close()
      (connection, chunks) = try Self.open(folder.path + "/db")
    }

    /// One transaction, as `ItemDatabase` makes it.
    func write(isCommitted: Bool = true, _ body: () throws -> Void) throws {
      try connection.execute("BEGIN")
      try body()
      try chunks.settle(in: connection)
      try connection.execute(isCommitted ? "COMMIT" : "ROLLBACK")
      try chunks.finish(isCommitted: isCommitted, in: connection)
    }

    func put(_ content: [UInt8]) throws -> ChunkReference {
      try content.withUnsafeBytes { bytes in
        try chunks.put(
          bytes, sha: Digest(of: content), hash: RowCheck.content(bytes), in: connection)
      }
    }

    func value(_ sql: String) throws -> Int64 { try connection.value(sql) ?? 0 }
  }

  @Test("Content is kept once through commits, rollbacks, removals and restarts", arguments: 1...6)
  func model(seed: UInt64) throws {
    let fixture = try Fixture()
    var random = SeededGenerator(seed: seed)
    var kept: [Int: (reference: ChunkReference, refs: Int)] = [:]
    func content(_ number: Int) -> [UInt8] { Array("content \(number)".utf8) }
    for step in 0..<150 {
      let before = kept
      let isCommitted = Int.random(in: 0..<8, using: &random) > 0
      try fixture.write(isCommitted: isCommitted) {
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
          let number = Int.random(in: 0..<400, using: &random)
          if let old = kept[number], Bool.random(using: &random) {
            try fixture.chunks.release([old.reference], in: fixture.connection)
            kept[number] = old.refs > 1 ? (old.reference, old.refs - 1) : nil
          } else {
            let reference = try fixture.put(content(number))
            if let old = kept[number] { #expect(old.reference == reference, "seed \(seed)") }
            kept[number] = (reference, (kept[number]?.refs ?? 0) + 1)
          }
        }
      }
      if !isCommitted { kept = before }
      if step % 20 == 19 { try fixture.reopen() }
      #expect(try fixture.value("SELECT count(*) FROM chunk") == kept.count, "seed \(seed)")
      #expect(fixture.chunks.index.count <= Fixture.most + Fixture.stretch, "seed \(seed)")
    }
    for number in 0..<400 {
      let isHeld = try fixture.chunks.holds(Digest(of: content(number)), in: fixture.connection)
      #expect(isHeld == (kept[number] != nil), "seed \(seed)")
    }
    try fixture.reopen()
    let named = try fixture.value("SELECT sum(length(entries)) / 8 FROM chunkname")
    #expect(Int(named) + fixture.chunks.index.count == kept.count, "seed \(seed)")
  }

  @Test("A restart again and again lets no more of it stay in memory only")
  func restarts() throws {
    let fixture = try Fixture()
    for number in 0..<500 {
      try fixture.write { _ = try fixture.put(Array("content \(number)".utf8)) }
      if number % 3 == 0 { try fixture.reopen() }
      #expect(fixture.chunks.index.count < Fixture.most + Fixture.stretch)
    }
    #expect(try fixture.value("SELECT sum(length(entries)) / 8 FROM chunkname") > 400)
  }

  @Test("A file from before finds its content after the migration")
  func migration() throws {
    let folder = try ScratchDirectory()
    let path = folder.path + "/db"
    let queue = try DatabaseQueue(path: path)
    try Fixture.migrator().migrate(queue, upTo: "content 2")
    try queue.write { database in
      for id in 1...100 {
        let sha = Digest(of: Array("content \(id)".utf8)).bytes
        try database.execute(
          sql: "INSERT INTO chunk VALUES(?, ?, ?, 1, ?)",
          arguments: [
            id, Data(sha), 9, ChunkTable.mark(Int64(id), sha, 9, 1).short,
          ])
      }
    }
    try queue.close()
    try ItemSchema.prepare(path: path, create: false, migrator: Fixture.migrator())
    let (connection, chunks) = try Fixture.open(path)
    for id in 1...100 {
      let digest = Digest(of: Array("content \(id)".utf8))
      #expect(try chunks.holds(digest, in: connection))
    }
    #expect(try !chunks.holds(Digest(of: Array("content 101".utf8)), in: connection))
    #expect(chunks.index.count == 0)
  }

  @Test("References read back whatever their width, and old rows say the same as new ones")
  func widths() {
    for (id, length) in [(1, 1), (1 << 24 - 1, 65_535), (1 << 24, 1), (1 << 32, 1 << 18)] {
      let references = (0..<3).map {
        ChunkReference(id: Int64(id + $0), length: UInt32(length), hash: 0xFEDC_BA98 + UInt32($0))
      }
      // As they were written before: 5 bytes of the id, 3 of the length, 4 of the hash.
      var old: [UInt8] = [3]
      for reference in references {
        for shift in 0..<5 { old.append(UInt8(truncatingIfNeeded: reference.id >> (8 * shift))) }
        for shift in 0..<3 {
          old.append(UInt8(truncatingIfNeeded: reference.length >> (8 * shift)))
        }
        for shift in 0..<4 { old.append(UInt8(truncatingIfNeeded: reference.hash >> (8 * shift))) }
      }
      let new = ItemContent.encode(references)
      #expect(new.withUnsafeBytes { ItemContent.references($0) } == references)
      #expect(old.withUnsafeBytes { ItemContent.references($0) } == references)
      let isEqual = old.withUnsafeBytes { old in
        new.withUnsafeBytes { ItemContent.isEqual(old, $0) }
      }
      #expect(isEqual && new.count <= old.count)
    }
    #expect([UInt8]([99, 1, 2]).withUnsafeBytes { ItemContent.isInline($0) } == nil)
  }
}
