import Foundation
import ItemStore
import OfficeModel
import Synchronization
import TestSupport
import Testing

@testable import LiveStore

@Suite("What a purge takes and what it leaves")
struct StorePurgeTests {
  @Test(
    "Purges between random changes never take what a view or undo still shows", arguments: [21, 22])
  func randomPurges(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let time = TestTime()
    let fixture = try StoreFixture(clock: time.clock)
    let store = fixture.store
    var model: [String: [String: [UInt8]]] = [:]
    var views: [(view: LiveView, model: [String: [String: [UInt8]]])] = []
    for step in 0..<200 {
      let comment: Comment = "seed \(seed) step \(step)"
      time.advance(seconds: Int64.random(in: 1...50, using: &random))
      let id = ["alice", "bob", "carol"].randomElement(using: &random) ?? "bob"
      switch Int.random(in: 0..<10, using: &random) {
      case 0...4:
        var items = model[id] ?? fixture.items(30, seed: UInt64(step))
        for key in items.keys.sorted().prefix(Int.random(in: 0...3, using: &random)) {
          items[key] = random.bytes(Int.random(in: 0...12_000, using: &random))
        }
        try fixture.publish(items, as: id)
        model[id] = items
      case 5:
        guard model[id] != nil else { continue }
        try store.delete(UserID(id), by: "test", group: 1)
        model[id] = nil
      case 6: views.append((try store.view(), model))
      case 7: if !views.isEmpty { views.removeFirst() }
      case 8:
        _ = try store.purge(undoBefore: time.seconds - Int64.random(in: 0...2_000, using: &random))
      default:
        guard step % 5 == 0 else { continue }
        _ = try? store.purge(user: UserID(id))
        model[id] = nil
        views = []
      }
      for (id, items) in model {
        let isEqual = try store.view().document(id) == StoreFixture.document(of: items)
        #expect(isEqual, comment)
      }
      for old in views {
        for (id, items) in old.model {
          let isEqual = try old.view.document(id) == StoreFixture.document(of: items)
          #expect(isEqual, comment)
        }
      }
      for group in try store.undoGroups() {
        for file in try store.undoFiles(of: group.number) {
          #expect(try store.view(at: file.commit).document(file.id.text) != nil, comment)
        }
      }
    }
    views = []
    try fixture.settle()
    #expect(try store.verify { _, _ in }.map(\.description) == [], "seed \(seed)")
    for id in model.keys { try store.delete(UserID(id), by: "test") }
    time.advance(seconds: 10)
    _ = try store.purge(undoBefore: time.seconds)
    try fixture.settle()
    for table in ["item", "past", "chunk", "data", "storage", "cell", "userversion", "undofile"] {
      let rows = try fixture.value("SELECT count(*) FROM \(table)")
      #expect(rows == 0, "\(table), seed \(seed)")
    }
  }

  @Test("A purge while others delete leaves every entry of undo readable")
  func purgeWhileDeleting() throws {
    let fixture = try StoreFixture()
    let store = fixture.store
    let isDone = Atomic<Bool>(false)
    let rounds = (0..<60).map { fixture.items(3, seed: UInt64($0)) }
    DispatchQueue.concurrentPerform(iterations: 3) { thread in
      if thread == 0 {
        while !isDone.load(ordering: .acquiring) { _ = try? store.purge(undoBefore: 0) }
        return
      }
      for items in rounds {
        _ = try? StoreFixture.publish(items, as: "u\(thread)", in: store)
        if let id = try? UserID("u\(thread)") { try? store.delete(id, by: "test") }
      }
      if thread == 1 { isDone.store(true, ordering: .releasing) }
    }
    var files = 0
    for group in try store.undoGroups() {
      for file in try store.undoFiles(of: group.number) {
        files += 1
        #expect(try store.view(at: file.commit).document(file.id.text) != nil)
      }
    }
    #expect(files == 120)
    #expect(try store.verify { _, _ in }.map(\.description) == [])
  }

  @Test("Nothing of an erased user is left in any file: ids, keys, small items, large ones")
  func erasure() throws {
    let fixture = try StoreFixture()
    let mark = "SECRETMARK"
    var random = SeededGenerator(seed: 4)
    for round in 0..<6 {
      for id in ["\(mark)user", "bob", "carol"] {
        var items: [String: [UInt8]] = [:]
        for index in 0..<400 where Int.random(in: 0..<5, using: &random) > 0 {
          let text = id == "bob" || id == "carol" ? "harmless" : mark
          let size = index % 40 == 0 ? 300_000 : index % 3 * 300
          let body = [UInt8](repeating: 46, count: size)
          items["\(text)-\(index)"] = Array("\(text) \(index) \(round / 2)".utf8) + body
        }
        try fixture.publish(items, as: id, prepared: round % 2 == 0)
      }
    }
    let bob = try fixture.store.view().document("bob")
    _ = try fixture.store.purge(user: UserID("\(mark)user"))
    #expect(try fixture.store.view().document("bob") == bob)
    #expect(try fixture.store.verify { _, _ in }.map(\.description) == [])
    for isClosed in [false, true] {
      if isClosed { fixture.store.close() }
      for name in try FileManager.default.contentsOfDirectory(atPath: fixture.folder) {
        let data = FileManager.default.contents(atPath: fixture.folder + "/" + name) ?? Data()
        for trace in [mark, mark.lowercased()] {
          #expect(data.range(of: Data(trace.utf8)) == nil, "\(trace) in \(name)")
        }
      }
    }
  }
}
