import BackupRepository
import Foundation
import LiveStore
import OfficeArchive
import OfficeModel
import Synchronization
import TestSupport
import Testing

@Suite("What the repository promises")
struct RepositoryPromisesTests {
  private static func items(_ count: Int, seed: UInt64, size: Int = 300) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    var items: [String: [UInt8]] = [:]
    for index in 0..<count { items["key\(1_000 + index)"] = random.bytes(size) }
    return items
  }

  private static func number(_ view: any OfficeView, _ id: String) throws -> Int {
    let text = try RepositoryFixture.document(view, id, .todo) ?? []
    return Int(String(decoding: text, as: UTF8.self)) ?? 0
  }

  @Test("A set is one moment: while alice, then bob count up, each holds bob <= alice <= bob + 1")
  func oneMoment() throws {
    let fixture = try RepositoryFixture()
    let store = fixture.store
    let acknowledged = Atomic<Int>(0)
    let isOver = Atomic<Bool>(false)
    let writer = Thread {
      var count = 1
      while !isOver.load(ordering: .acquiring) {
        for id in ["alice", "bob"] {
          let items = ["count": Array("\(count)".utf8)]
          try? RepositoryFixture.publish([.todo: items], as: id, in: store)
        }
        acknowledged.store(count, ordering: .releasing)
        count += 1
      }
      isOver.store(false, ordering: .releasing)
    }
    writer.start()
    var wanted: [Int64: Int] = [:]
    for round in 0..<25 {
      let least = acknowledged.load(ordering: .acquiring)
      let result = try fixture.backUp(day: 20_000 + Int64(round % 5), seconds: Int64(round))
      wanted[result.set.number] = least
      #expect(result.defects == [])
    }
    isOver.store(true, ordering: .releasing)
    while isOver.load(ordering: .acquiring) { usleep(1_000) }
    let sets = try fixture.repository.sets()
    #expect(sets.count > 20)
    for set in sets {
      let view = try fixture.repository.view(of: set)
      let alice = try Self.number(view, "alice")
      let bob = try Self.number(view, "bob")
      #expect(bob <= alice && alice <= bob + 1, "set \(set.number): \(alice) \(bob)")
      #expect(alice >= wanted[set.number] ?? 0 && bob >= wanted[set.number] ?? 0)
    }
    let count = acknowledged.load(ordering: .acquiring)
    #expect(count > 25 || Sanitizer.isOn, "the writer was not kept waiting")
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test(
    "What a kill leaves at any point of a backup is the sets as before, and the next one is right")
  func crashCopies() throws {
    let fixture = try RepositoryFixture()
    var office: [String: [String: [UInt8]]] = [:]
    for id in ["alice", "bob", "carol"] {
      office[id] = Self.items(40, seed: UInt64(id.utf8.count))
      try fixture.publish([.messages: office[id] ?? [:]], as: id)
    }
    let first = try fixture.backUp()
    office["alice"]?["key1003"] = [1]
    office["alice"]?["key1004"] = nil
    office["bob"] = Self.items(60, seed: 99, size: 9_000)
    for id in ["alice", "bob"] { try fixture.publish([.messages: office[id] ?? [:]], as: id) }
    try fixture.store.delete(UserID("carol"), by: "test", group: 1)
    office["carol"] = nil

    let copies = Mutex<[String]>([])
    let source = fixture.repository.path
    let feed = HookedFeed(try fixture.store.view()) { _ throws(OfficeError) in
      let copy = source + "-crash-\(UUID())"
      do { try FileManager.default.copyItem(atPath: source, toPath: copy) } catch {
        throw OfficeError(.inputOutput, "no copy", cause: error)
      }
      copies.withLock { $0.append(copy) }
    }
    let known = try fixture.store.beginBackup(77, after: first.set.backup)
    _ = try fixture.repository.backUp(
      feed,
      BackupPlan(process: "manual", seconds: 9, day: 20_001, name: 77, isKnown: known))
    let paths = copies.withLock { $0 }
    #expect(paths.count >= 5)
    for path in paths {
      let repository = try Repository(at: path)
      defer {
        repository.close()
        try? FileManager.default.removeItem(atPath: path)
      }
      #expect(try repository.sets() == [first.set])
      #expect(try repository.verify { _, _ in } == [], "after a kill")
      let isKnown = try fixture.store.beginBackup(78, after: first.set.backup)
      let next = try repository.backUp(
        try fixture.store.view(),
        BackupPlan(process: "manual", seconds: 9, day: 20_001, name: 78, isKnown: isKnown))
      let view = try repository.view(of: next.set)
      #expect(try view.users().map(\.id.text) == office.keys.sorted())
      for (id, items) in office {
        let isEqual =
          try RepositoryFixture.document(view, id, .messages)
          == RepositoryFixture.document(of: items)
        #expect(isEqual, "\(id)")
      }
      #expect(try repository.verify { _, _ in } == [], "after the next backup")
    }
  }

  @Test("A backup that fails at any point leaves the sets as they were and nothing behind")
  func failures() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.messages: Self.items(30, seed: 1)], as: "alice")
    let first = try fixture.backUp()
    var items = Self.items(30, seed: 1)
    items["key1005"] = [9, 9]
    try fixture.publish([.messages: items], as: "alice")
    try fixture.publish([.messages: Self.items(30, seed: 2)], as: "bob")
    var made: BackupResult?
    var last = 0
    while made == nil, last < 50 {
      last += 1
      let calls = Atomic<Int>(0)
      let failing = last
      let feed = HookedFeed(try fixture.store.view()) { _ throws(OfficeError) in
        if calls.wrappingAdd(1, ordering: .relaxed).newValue == failing {
          throw OfficeError(.noSpace, "as told")
        }
      }
      do throws(OfficeError) {
        made = try fixture.repository.backUp(
          feed,
          BackupPlan(process: "manual", seconds: 1, day: 20_001, name: 5, isKnown: true))
      } catch {
        #expect(error.code == .noSpace)
        #expect(try fixture.repository.sets() == [first.set])
        #expect(try fixture.repository.verify { _, _ in } == [], "call \(last)")
      }
    }
    #expect(last > 5, "a backup asks for who changed, for them, for their items and the contents")
    let view = try fixture.repository.view(of: try #require(made).set)
    let document = try RepositoryFixture.document(view, "alice", .messages)
    #expect(document == RepositoryFixture.document(of: items))
  }

  @Test(
    "Either file brought back from elsewhere: names differ, everything is compared, the set is right"
  )
  func broughtBack() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.messages: Self.items(30, seed: 1)], as: "alice")
    try fixture.backUp()
    fixture.store.close()
    let live = fixture.folder + "/live"
    try FileManager.default.copyItem(atPath: live, toPath: live + "-old")
    try fixture.reopenStore()
    try fixture.publish([.messages: Self.items(31, seed: 2)], as: "alice")
    try fixture.publish([.messages: Self.items(5, seed: 3)], as: "bob")
    let last = try fixture.backUp(day: 20_001)
    // The office is as it was before these two, and goes another way from there, as far as the same commit.
    fixture.store.close()
    try FileManager.default.removeItem(atPath: live)
    try FileManager.default.moveItem(atPath: live + "-old", toPath: live)
    try fixture.reopenStore()
    try fixture.publish([.messages: Self.items(7, seed: 4)], as: "carol")
    var items = Self.items(30, seed: 1)
    items["key1001"] = [4]
    try fixture.publish([.messages: items], as: "alice")
    #expect(try fixture.store.beginBackup(99, after: last.set.backup) == false)
    let result = try fixture.backUp(day: 20_002)
    let view = try fixture.repository.view(of: result.set)
    #expect(try view.users().map(\.id.text) == ["alice", "carol"])
    let document = try RepositoryFixture.document(view, "alice", .messages)
    #expect(document == RepositoryFixture.document(of: items))
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test(
    "A set's archives are those of the office at its commit, byte for byte, of users and of areas")
  func archives() throws {
    let fixture = try RepositoryFixture()
    for (index, id) in ["alice", "bob"].enumerated() {
      try fixture.publish(
        [.messages: Self.items(50, seed: UInt64(index)), .todo: Self.items(3, seed: 9)], as: id)
    }
    let live = try fixture.store.view()
    let set = try fixture.backUp().set
    try fixture.publish([.messages: Self.items(1, seed: 50)], as: "alice")
    let view = try fixture.repository.view(of: set)
    for selection in try [
      ArchiveSelection.user(UserID("alice")), .user(UserID("bob")), .area(.messages), .area(.user),
    ] {
      let expected = try Self.bytes(selection, of: live)
      #expect(try Self.bytes(selection, of: view) == expected)
    }
    let areas = try fixture.repository.areas(of: set)
    let sums = areas[Int(Area.messages.rawValue) - 1].sums
    let expected = try live.sums(of: .messages)
    #expect(sums == expected)
  }

  private static func bytes(
    _ selection: ArchiveSelection, of view: any OfficeView
  ) throws -> [UInt8] {
    let layout = try ArchiveLayout(selection, of: view)
    var bytes = [UInt8](repeating: 0, count: Int(layout.size))
    let count = try bytes.withUnsafeMutableBytes { try layout.read(at: 0, into: $0) }
    #expect(count == bytes.count)
    return bytes
  }

  @Test(
    "Equal files of different sets are one version, a changed one is another, with another time")
  func versions() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.messages: Self.items(5, seed: 1)], as: "alice")
    try fixture.publish([.messages: Self.items(5, seed: 2)], as: "bob")
    let first = try fixture.backUp().set
    try fixture.publish([.messages: Self.items(6, seed: 3)], as: "alice")
    let second = try fixture.backUp(day: 20_001).set
    let old = try fixture.repository.view(of: first)
    let new = try fixture.repository.view(of: second)
    let bob = try #require(try new.user(UserID("bob")))
    #expect(try old.user(UserID("bob")) == bob)
    let list = try fixture.repository.list()
    let shared = try fixture.repository.file(version: bob.version)
    #expect(shared?.sets(in: list) == [first.slotted(1), second])
    let before = try #require(try old.user(UserID("alice")))
    let after = try #require(try new.user(UserID("alice")))
    #expect(before.version != after.version && before.mtime != after.mtime)
    let changed = try fixture.repository.file(version: after.version)
    #expect(changed?.sets(in: list) == [second])
  }
}

extension OfficeView {
  fileprivate func sums(of area: Area) throws -> CellSums {
    var sums = CellSums()
    for (id, cell) in try column(area) {
      sums.add(size: cell.size, idLength: id.text.utf8.count)
    }
    return sums
  }
}

extension BackupSet {
  /// The same set in another slot.
  fileprivate func slotted(_ slot: Int?) -> BackupSet {
    var set = self
    set.slot = slot
    return set
  }
}
