import Foundation
import OfficeModel
import TestSupport
import Testing

@testable import ItemStore
@testable import LiveStore

@Suite("What looking at a user costs the store")
struct StoreCostTests {
  /// A user with something in each of the nine areas.
  private static func publishAll(_ fixture: StoreFixture, as id: String) throws {
    let stage = try fixture.store.stage()
    for area in Area.allCases {
      try StoreFixture.stage(["\(id) \(area.name)": Array("of \(id)".utf8)], in: area, into: stage)
    }
    _ = try fixture.store.publish(stage, as: UserID(id), by: "test")
  }

  @Test("A user's nine cells stand together: they are found in one page, not in one of each area")
  func cellsTogether() throws {
    let fixture = try StoreFixture()
    for number in 0..<150 { try Self.publishAll(fixture, as: "user\(number)") }
    for number in [0, 70, 149] {
      try fixture.reopen()
      let view = try fixture.store.view()
      let user = try #require(try view.user(UserID("user\(number)")))
      let before = fixture.store.items.pages().read
      #expect(try view.cells(of: user.number).allSatisfy { $0.items == 1 })
      let read = fixture.store.items.pages().read - before
      #expect((1...3).contains(read), "\(read) pages")
    }
  }

  @Test("Contents are fetched as they lie in the file, whatever order a document has them in")
  func contentInOrder() throws {
    let fixture = try StoreFixture()
    let contents = fixture.items(4_000, size: 1_900).sorted { $0.key < $1.key }.map(\.value)
    func items(_ order: [Int]) -> [String: [UInt8]] {
      var items: [String: [UInt8]] = [:]
      for (index, place) in order.enumerated() { items["key\(10_000 + index)"] = contents[place] }
      return items
    }
    var random = SeededGenerator(seed: 11)
    let shuffled = items(contents.indices.shuffled(using: &random))
    try fixture.publish(items(Array(contents.indices)), as: "alice")
    try fixture.publish(shuffled, as: "bob")
    var reads: [Int64] = []
    for id in ["alice", "bob"] {
      try fixture.reopen()
      let view = try fixture.store.view()
      let before = fixture.store.items.pages().read
      let document = try view.document(id)
      reads.append(fixture.store.items.pages().read - before)
      if id == "bob" { #expect(document == StoreFixture.document(of: shuffled)) }
    }
    // More pages than a reader keeps: fetched as the items come, each would be read for most of its items. A transaction
    // reads 4 MiB, so here it is twice.
    #expect(reads[0] > 450)
    #expect(Double(reads[1]) < 2.2 * Double(reads[0]), "\(reads) pages")
  }

  @Test("Parts of many cells read at once are the parts that each read alone gives")
  func rangesAtOnce() throws {
    var random = SeededGenerator(seed: 12)
    let fixture = try StoreFixture()
    var documents: [[UInt8]] = []
    for number in 0..<6 {
      let count = [1, 9, 300, 2_000].randomElement(using: &random) ?? 1
      let size = number == 3 ? 90_000 / count : 80
      let items = fixture.items(count, seed: UInt64(number), size: size)
      try fixture.publish(items, as: "user\(number)")
      documents.append(StoreFixture.document(of: items))
    }
    let view = try fixture.store.view()
    let cells = try documents.indices.map { number in
      let user = try #require(try view.user(UserID("user\(number)")))
      return try view.cells(of: user.number)[Area.messages.index]
    }
    for _ in 0..<60 {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
      defer { memory.deallocate() }
      var ranges: [CellRange] = []
      var expected: [UInt8] = []
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        let index = Int.random(in: documents.indices, using: &random)
        let document = documents[index]
        let isFirst = Bool.random(using: &random)
        let isLast = Bool.random(using: &random)
        let start = isFirst ? 0 : Int.random(in: 0...document.count, using: &random)
        let end =
          isLast ? document.count : Int.random(in: start...document.count, using: &random)
        guard expected.count + end - start <= memory.count else { continue }
        let target = memory[expected.count..<expected.count + end - start]
        ranges.append(
          CellRange(
            cell: cells[index], offset: Int64(start),
            buffer: UnsafeMutableRawBufferPointer(rebasing: target)))
        expected += document[start..<end]
      }
      try view.read(ranges)
      #expect(memory.prefix(expected.count).elementsEqual(expected), "seed 12")
    }
  }

  @Test("Of many cells read at once only the one that can't be read is remembered as damaged")
  func damageAmongMany() throws {
    let fixture = try StoreFixture()
    for (number, id) in ["alice", "bob", "carol"].enumerated() {
      try fixture.publish(fixture.items(5, seed: UInt64(number)), as: id)
    }
    // The contents of bob's items: two of each.
    try fixture.execute("UPDATE data SET bytes = zeroblob(length(bytes)) WHERE id = 8")
    let view = try fixture.store.view()
    let cells = try ["alice", "bob", "carol"].map { id in
      let user = try #require(try view.user(UserID(id)))
      return try view.cells(of: user.number)[Area.messages.index]
    }
    let sizes = cells.map { Int($0.size) }
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: sizes.reduce(0, +), alignment: 16)
    defer { memory.deallocate() }
    var ranges: [CellRange] = []
    for (index, cell) in cells.enumerated() {
      let start = sizes[..<index].reduce(0, +)
      let target = memory[start..<start + sizes[index]]
      ranges.append(
        CellRange(cell: cell, offset: 0, buffer: UnsafeMutableRawBufferPointer(rebasing: target)))
    }
    #expect(throws: OfficeError.self) { try view.read(ranges) }
    #expect(cells.map { fixture.store.isDamaged($0) } == [false, true, false])
    for (range, isReadable) in zip(ranges, [true, false, true]) {
      let wasRead = (try? view.read([range])) != nil
      #expect(wasRead == isReadable)
    }
  }

  @Test("An office whose cells stand by area, as they used to, is put in order when it is opened")
  func cellsByArea() throws {
    let fixture = try StoreFixture()
    for number in 0..<20 { try Self.publishAll(fixture, as: "user\(number)") }
    try fixture.publish(["a": [1]], as: "user3")
    let before = try Self.contents(of: fixture)
    try fixture.execute(Self.oldOrder)
    try fixture.reopen()
    #expect(try Self.contents(of: fixture) == before)
    #expect(try fixture.store.verify { _, _ in }.map(\.description) == [])
    let key = try fixture.value(
      "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%PRIMARY KEY(user, area, born)%'")
    #expect(key == 1)
    #expect(
      try fixture.value("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'cell_%'") == 2)
  }

  @Test(
    "With a damaged page among its cells an office opens all the same, and says what is wrong"
  )
  func damagedCells() throws {
    let fixture = try StoreFixture()
    for number in 0..<5 { try Self.publishAll(fixture, as: "user\(number)") }
    try fixture.execute(Self.oldOrder)
    let leaf = try fixture.value(
      "SELECT max(pageno) FROM dbstat WHERE name = 'cell' AND pagetype = 'leaf'")
    fixture.store.close()
    let file = try FileHandle(forUpdating: URL(filePath: fixture.folder + "/office.db"))
    try file.seek(toOffset: UInt64(leaf - 1) * 16_384)
    try file.write(contentsOf: [UInt8](repeating: 0xFF, count: 4_096))
    try file.close()
    try fixture.reopen()
    let view = try fixture.store.view()
    let users = try view.users()
    #expect(users.count == 5)
    #expect(throws: OfficeError.self) { try view.cells(of: users[0].number) }
    #expect(try !fixture.store.verify { _, _ in }.isEmpty)
  }

  /// The cells as versions before stored them.
  private static let oldOrder = """
    ALTER TABLE cell RENAME TO now;
    CREATE TABLE cell(
      area INTEGER NOT NULL, user INTEGER NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL,
      storage INTEGER NOT NULL, size INTEGER NOT NULL, items INTEGER NOT NULL,
      mtime INTEGER NOT NULL, digest BLOB NOT NULL, mark INTEGER NOT NULL,
      PRIMARY KEY(area, user, born)) WITHOUT ROWID;
    INSERT INTO cell SELECT * FROM now;
    DROP TABLE now;
    CREATE INDEX cell_storage ON cell(storage);
    CREATE INDEX cell_died ON cell(died) WHERE died < 9223372036854775807;
    DELETE FROM grdb_migrations WHERE identifier = 'cells 2';
    """

  private static func contents(of fixture: StoreFixture) throws -> [String: [CellState]] {
    let view = try fixture.store.view()
    var found: [String: [CellState]] = [:]
    for user in try view.users() { found[user.id.text] = try view.cells(of: user.number) }
    for area in Area.allCases {
      let column = try view.column(area).map { (id: $0.id.text, cell: $0.cell) }
      #expect(column.map(\.id) == found.keys.sorted())
      #expect(column.allSatisfy { found[$0.id]?[area.index] == $0.cell })
    }
    return found
  }
}
