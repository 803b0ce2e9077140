import Foundation
import ItemStore
import OfficeModel
import TestSupport
import Testing

@testable import LiveStore

@Suite("Reading what was staged")
struct StoreReadingTests {
  @Test(
    "Any range of any document is that slice of the whole, whatever order its items came in",
    arguments: [31, 32, 35])
  func ranges(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let fixture = try StoreFixture()
    let stage = try fixture.store.stage()
    let cell = try stage.cell(.webmail, mtime: 3)
    var placed: [(key: ItemKey, bytes: [UInt8])] = []
    let count = [3, 70, 700, 1_500].randomElement(using: &random) ?? 9
    let isOrdered = Bool.random(using: &random)
    for index in 0..<count {
      let number = isOrdered ? index : Int.random(in: 0..<(count * 2 / 3 + 1), using: &random)
      let order = Array("\(10_000_000 + number)".utf8)
      let natural = number % 7 == 0 ? [UInt8](repeating: 65, count: 700) : order + [0, 255]
      let large = 2_500_000 / count
      let size =
        [0, 1, 96, 97, 1_000, 8_192, 9_000, large, large * 3].randomElement(using: &random) ?? 1
      let bytes = random.bytes(size)
      var cut = Bool.random(using: &random) ? Int.random(in: 0...size, using: &random) : -1
      var offset = 0
      while offset < size {
        var end = min(size, offset + Int.random(in: 1...70_000, using: &random))
        if cut > offset { end = min(end, cut) }
        try cell.write(Array(bytes[offset..<end]))
        offset = end
        if offset == cut {
          try cell.cut()
          cut = -1
        }
      }
      let key = ItemKey(order: order, natural: natural)
      try cell.end(key)
      placed.append((key, bytes))
    }
    let state = try cell.seal()
    let sorted = placed.enumerated().sorted { left, right in
      let (one, two) = (
        left.element.key.encoded(occurrence: UInt32(left.offset)),
        right.element.key.encoded(occurrence: UInt32(right.offset))
      )
      return one.lexicographicallyPrecedes(two)
    }
    let document = sorted.flatMap(\.element.bytes)
    #expect(state.size == Int64(document.count) && state.items == Int64(count), "seed \(seed)")
    #expect(state.digest == Digest(of: document), "seed \(seed)")
    _ = try fixture.store.publish(stage, as: UserID("alice"), by: "test")
    let view = try fixture.store.view()
    let user = try #require(try view.user(UserID("alice")))
    let stored = try view.cells(of: user.number)[8]
    for _ in 0..<150 {
      let start = Int.random(in: 0...document.count, using: &random)
      let length = min(document.count - start, Int.random(in: 0...400_000, using: &random))
      var slice = [UInt8](repeating: 0, count: length)
      try slice.withUnsafeMutableBytes { try view.read(stored, at: Int64(start), into: $0) }
      let isEqual = slice.elementsEqual(document[start..<(start + length)])
      #expect(isEqual, "seed \(seed): \(start) + \(length)")
    }
    var beyond: [UInt8] = [0]
    #expect(throws: OfficeError.self) {
      try beyond.withUnsafeMutableBytes {
        try view.read(stored, at: Int64(document.count), into: $0)
      }
    }
    #expect(try fixture.store.verify { _, _ in }.map(\.description) == [], "seed \(seed)")
  }

  @Test("A publication changes rows only, however much was staged")
  func rowsOnly() throws {
    let fixture = try StoreFixture()
    let store = fixture.store
    try fixture.publish(fixture.items(3_000), as: "alice")
    // The second stage takes back what the first had done to all items but one.
    for (count, differing) in [(3_000, 3_000), (1, 2_999)] {
      var items = fixture.items(3_000)
      for (index, key) in items.keys.sorted().prefix(count).enumerated() {
        items[key] = [UInt8(index & 255), 7]
      }
      let stage = try store.stage()
      try StoreFixture.stage(items, into: stage)
      try store.prepare(stage, as: UserID("alice"))
      let before = try store.items.write(urgent: true) { $0.changes }
      let publication = try store.publish(stage, as: UserID("alice"), by: "test")
      stage.discard()
      let after = try store.items.write(urgent: true) { $0.changes }
      let index = Area.messages.index
      let change = try store.compare(
        publication.before[index], publication.after[index], area: .messages)
      #expect(change.comparison.changed == differing)
      #expect(after - before < 60 || store.sweeper.isWaiting)
      try fixture.settle()
    }
  }

  @Test("A stage that is cancelled stops at the next write")
  func cancelled() throws {
    let fixture = try StoreFixture()
    let stage = try fixture.store.stage()
    let cell = try stage.cell(.messages, mtime: 0)
    try cell.write([1])
    stage.cancel()
    let error = #expect(throws: OfficeError.self) { try cell.write([2]) }
    #expect(error?.code == .interrupted)
    #expect(throws: OfficeError.self) {
      try fixture.store.publish(stage, as: UserID("alice"), by: "test")
    }
  }

  @Test("A stage with an open cell can't be published")
  func openCell() throws {
    let fixture = try StoreFixture()
    let stage = try fixture.store.stage()
    let cell = try stage.cell(.messages, mtime: 0)
    try cell.write([1])
    try cell.end(ItemKey(natural: [1]))
    #expect(throws: OfficeError.self) {
      try fixture.store.publish(stage, as: UserID("alice"), by: "test")
    }
    #expect(try fixture.store.user(UserID("alice")) == nil)
    _ = try cell.seal()
    #expect(try fixture.store.publish(stage, as: UserID("alice"), by: "test").isNew)
  }

  @Test("Times of versions rise even if the clock stands or goes back, unless one is given")
  func times() throws {
    let time = TestTime()
    let fixture = try StoreFixture(clock: time.clock)
    var last: Int64 = 0
    for round in 0..<5 {
      time.advance(seconds: round == 2 ? -5_000 : 0)
      let user = try fixture.publish(["a": [UInt8(round)]], as: "alice").user
      #expect(user.mtime > last)
      last = user.mtime
    }
    let stage = try fixture.store.stage()
    try StoreFixture.stage(["a": [99]], into: stage)
    let given = try fixture.store.publish(stage, as: UserID("alice"), mtime: 5, by: "test").user
    #expect(given.mtime == 5)
    try fixture.store.setTime(version: given.version, mtime: 6)
    let now = try #require(try fixture.store.user(UserID("alice")))
    #expect(now.mtime == 6 && now.version == given.version)
    #expect(throws: OfficeError.self) { try fixture.store.setTime(version: 1, mtime: 6) }
  }

  @Test("An id in another case is refused and the stage can be published under another")
  func otherCase() throws {
    let fixture = try StoreFixture()
    try fixture.publish(["a": [1]], as: "alice")
    let stage = try fixture.store.stage()
    try StoreFixture.stage(["a": [2]], into: stage)
    let error = #expect(throws: OfficeError.self) {
      try fixture.store.publish(stage, as: UserID("Alice"), by: "test")
    }
    #expect(error?.code == .exists)
    #expect(try fixture.store.publish(stage, as: UserID("bob"), by: "test").isNew)
    let renamed = try fixture.store.rename(UserID("alice"), to: UserID("Alice"), by: "test")
    #expect(renamed.id.text == "Alice")
  }
}
