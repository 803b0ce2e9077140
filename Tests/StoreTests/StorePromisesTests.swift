import Foundation
import LiveStore
import OfficeModel
import TestSupport
import Testing

@Suite("What the store promises")
struct StorePromisesTests {
  private static func items(_ count: Int, seed: UInt64 = 1, size: Int = 400) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    var items: [String: [UInt8]] = [:]
    for index in 0..<count { items["key\(100_000 + index)"] = random.bytes(size) }
    return items
  }

  @Test("Row 37: the same items again make no commit and no version")
  func sameItems() throws {
    let fixture = try StoreFixture()
    let first = try fixture.publish(Self.items(50), as: "alice")
    let again = try fixture.publish(Self.items(50), as: "alice", prepared: true)
    #expect(again.isUnchanged)
    #expect(again.user == first.user)
    #expect(fixture.store.commit == 1)
  }

  @Test("One changed item of many changes one item", arguments: [false, true])
  func oneChange(prepared: Bool) throws {
    let fixture = try StoreFixture()
    var items = Self.items(2_000)
    try fixture.publish(items, as: "alice")
    items["key100700"] = [1, 2, 3]
    let publication = try fixture.publish(items, as: "alice", prepared: prepared)
    let index = Area.messages.index
    let (before, after) = (publication.before[index], publication.after[index])
    #expect(before.storage == after.storage && before.digest != after.digest)
    let change = try fixture.store.compare(before, after, area: .messages).comparison
    #expect((change.added, change.changed, change.removed, change.same) == (0, 1, 0, 1_999))
    #expect(change.names.map(\.natural) == [Array("key100700".utf8)])
  }

  @Test("Content that several users have is kept once")
  func sharedContent() throws {
    let fixture = try StoreFixture()
    let items = ["mail": SeededBytes.of(900_000)]
    try fixture.publish(items, as: "alice")
    try fixture.reopen()
    let before = try fixture.store.diskBytes
    for id in ["bob", "carol", "dave"] { try fixture.publish(items, as: id) }
    try fixture.reopen()
    #expect(try fixture.store.diskBytes < before + 500_000)
  }

  @Test(
    "An item that is abandoned leaves nothing behind, whatever of it was stored",
    arguments: [10, 100_000, 900_000, 5_000_000])
  func abandonedItem(size: Int) throws {
    let fixture = try StoreFixture()
    let stage = try fixture.store.stage()
    let cell = try stage.cell(.messages, mtime: 7)
    var generator = SeededGenerator(seed: UInt64(size))
    var kept: [UInt8] = []
    for index in 0..<6 {
      try cell.write(generator.bytes(size))
      if index % 2 == 0 { try cell.cut() }
      try cell.write(generator.bytes(size))
      try cell.abandon()
      let content = generator.bytes(size / 2 + 5)
      kept += content
      try cell.write(content)
      try cell.end(ItemKey(natural: [UInt8(index)]))
    }
    try cell.abandon()
    let state = try cell.seal()
    #expect(state.digest == Digest(of: kept))
    _ = try fixture.store.publish(stage, as: UserID("alice"), mtime: nil, by: "test")
    #expect(try StoreFixture.document(fixture.store.view(), "alice") == kept)
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
  }

  @Test("What was staged and never published is gone after a restart, and verify is clean")
  func abandonedStage() throws {
    let fixture = try StoreFixture()
    try fixture.publish(Self.items(20), as: "alice")
    let stage = try fixture.store.stage()
    try StoreFixture.stage(Self.items(3_000, seed: 2, size: 2_000), into: stage)
    try stage.settle()
    let crash = try fixture.crashCopy()
    defer { try? FileManager.default.removeItem(atPath: crash) }
    let store = try LiveStore(directory: crash, clock: .system)
    defer { store.close() }
    #expect(try store.users(after: "", limit: 9).users.map(\.id.text) == ["alice"])
    #expect(try store.verify { _, _ in }.isEmpty)
    stage.discard()
  }

  @Test(
    "A flipped byte of content or of a row is found at the read and by verify", arguments: 0..<6)
  func flippedByte(place: Int) throws {
    let fixture = try StoreFixture()
    let items = Self.items(40, size: 3_000)
    try fixture.publish(items, as: "alice")
    try fixture.publish(Self.items(5, seed: 3), as: "bob")
    fixture.store.close()
    let path = fixture.folder + "/office.db"
    var file = try Data(contentsOf: URL(filePath: path))
    let victim = try #require(items["key10000\(place)"])
    let range = try #require(file.range(of: Data(victim[100..<140])))
    file[range.lowerBound] ^= 0xFF
    try file.write(to: URL(filePath: path))
    let store = try LiveStore(directory: fixture.folder, clock: .system)
    defer { store.close() }
    #expect(throws: OfficeError.self) { try StoreFixture.document(try store.view(), "alice") }
    let bob = try StoreFixture.document(try store.view(), "bob")
    #expect(bob == StoreFixture.document(of: Self.items(5, seed: 3)))
    let faults = try store.verify { _, _ in }
    #expect(faults.contains { $0.files.contains("users/alice.udb") })
    #expect(!faults.contains { $0.files.contains("users/bob.udb") })
  }

  @Test("Row 82: a symbolic link in the data directory is refused")
  func symbolicLink() throws {
    let fixture = try StoreFixture()
    fixture.store.close()
    let spool = fixture.folder + "/spool"
    try FileManager.default.removeItem(atPath: spool)
    try FileManager.default.createSymbolicLink(atPath: spool, withDestinationPath: "/tmp")
    #expect(throws: OfficeError.self) {
      try LiveStore(directory: fixture.folder, clock: .system)
    }
  }

  @Test("Row 83: a data directory that others may use is refused, and says how to mend it")
  func strangers() throws {
    let fixture = try StoreFixture()
    fixture.store.close()
    chmod(fixture.folder, 0o770)
    let error = #expect(throws: OfficeError.self) {
      try LiveStore(directory: fixture.folder, clock: .system)
    }
    #expect(error?.code == .notPermitted && error?.remedy != nil)
    chmod(fixture.folder, 0o700)
  }

  @Test("Row 84: a second opener is refused with the first one's process id")
  func secondOpener() throws {
    let fixture = try StoreFixture()
    let error = #expect(throws: OfficeError.self) {
      try LiveStore(directory: fixture.folder, clock: .system)
    }
    #expect(error?.code == .busy)
    #expect(error?.description.contains("\(getpid())") == true)
  }

  @Test("Row 88: a missing database is never replaced by an empty one")
  func missingDatabase() throws {
    let fixture = try StoreFixture()
    fixture.store.close()
    try FileManager.default.moveItem(
      atPath: fixture.folder + "/office.db", toPath: fixture.folder + "/elsewhere")
    #expect(throws: OfficeError.self) {
      try LiveStore(directory: fixture.folder, clock: .system)
    }
    #expect(!FileManager.default.fileExists(atPath: fixture.folder + "/office.db"))
  }

  @Test("Purge erases: the bytes are nowhere in the data directory")
  func purgeErases() throws {
    let fixture = try StoreFixture()
    let secret = SeededBytes.of(600)
    try fixture.publish(["mail": secret], as: "alice")
    try fixture.publish(["other": SeededBytes.of(600, seed: 8)], as: "bob")
    try fixture.store.delete(UserID("alice"), by: "test", group: 1)
    _ = try fixture.store.purge(user: UserID("alice"))
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
    fixture.store.close()
    for name in try FileManager.default.contentsOfDirectory(atPath: fixture.folder) {
      guard let data = FileManager.default.contents(atPath: fixture.folder + "/" + name) else {
        continue
      }
      #expect(data.range(of: Data(secret[50..<90])) == nil, "\(name)")
    }
  }

  @Test("A delete that is taken back leaves the user as they were, sums and all")
  func undelete() throws {
    let fixture = try StoreFixture()
    let user = try fixture.publish(Self.items(9), as: "alice").user
    try fixture.store.delete(UserID("alice"), by: "test", group: 1)
    try fixture.store.undelete(user)
    let back = try #require(try fixture.store.user(UserID("alice")))
    #expect(back.number == user.number && back.mtime == user.mtime && back.sums == user.sums)
    #expect(back.version != user.version)
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
    #expect(throws: OfficeError.self) { try fixture.store.undelete(user) }
  }

  @Test("Several stage and publish at once while others read")
  func concurrentStages() throws {
    let fixture = try StoreFixture()
    let store = fixture.store
    DispatchQueue.concurrentPerform(iterations: 8) { index in
      for round in 0..<6 {
        _ = try? StoreFixture.publish(
          Self.items(200, seed: UInt64(index * 10 + round)), as: "user\(index)", in: store)
        _ = try? store.view().users()
      }
    }
    #expect(try store.users(after: "", limit: 20).users.count == 8)
    for index in 0..<8 {
      let document = try StoreFixture.document(try store.view(), "user\(index)")
      let last = StoreFixture.document(of: Self.items(200, seed: UInt64(index * 10 + 5)))
      #expect(document == last, "user\(index)")
    }
    #expect(try store.verify { _, _ in }.isEmpty)
  }
}

private enum SeededBytes {
  static func of(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return random.bytes(count)
  }
}

extension LiveStore {
  /// Bytes of the database; its log is empty after it was opened anew.
  fileprivate var diskBytes: Int {
    get throws {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: directory.path + "/office.db")
      return (attributes[.size] as? Int) ?? 0
    }
  }
}
