import Foundation
import ItemStore
import OfficeModel
import TestSupport
import Testing

@testable import LiveStore

@Suite("The store when something breaks")
struct StoreFaultTests {
  /// What damage looks like: one statement each, as a flipped byte or a lost row would leave it.
  static let damages = [
    "UPDATE item SET born = born + 1 WHERE key = (SELECT max(key) FROM item)",
    "UPDATE item SET length = length + 1 WHERE key = (SELECT max(key) FROM item)",
    "DELETE FROM item WHERE key = (SELECT max(key) FROM item)",
    "UPDATE past SET died = died + 1",
    "DELETE FROM past",
    "UPDATE storage SET changed = changed - 1 WHERE changed > 0",
    "UPDATE chunk SET refs = refs + 1 WHERE id = 1",
    "UPDATE chunk SET sha = zeroblob(32) WHERE id = 2",
    "UPDATE data SET bytes = zeroblob(length(bytes)) WHERE id = 3",
    "DELETE FROM data WHERE id = 4",
    "UPDATE cell SET size = size - 1 WHERE died < 9223372036854775807",
    "UPDATE cell SET digest = zeroblob(32)",
    "UPDATE cell SET mtime = mtime + 1",
    "UPDATE userversion SET mtime = mtime + 1 WHERE version = 1",
    "UPDATE userversion SET padded = padded + 512 WHERE version = 1",
    "UPDATE area SET padded = padded + 512 WHERE area = 4",
    "UPDATE meta SET value = value + 1 WHERE name = 'user'",
    "UPDATE undofile SET seen = seen - 1",
    "UPDATE undogroup SET what = 'delete'",
  ]

  @Test(
    "Rows 85-86: every damaged row is found by verify, and never read as data", arguments: damages)
  func damagedRow(sql: String) throws {
    let fixture = try StoreFixture()
    var items = fixture.items(40)
    try fixture.publish(items, as: "alice")
    items["key00007"] = [9, 9, 9]
    try fixture.publish(items, as: "alice")
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
    try fixture.execute(sql)
    #expect(try !fixture.store.verify { _, _ in }.isEmpty, "\(sql)")
    // Either the read fails or the bytes are right: never wrong ones.
    for commit in [Int64(1), 2] {
      let document = try? fixture.store.view(at: commit).document("alice")
      let isRight = document == StoreFixture.document(of: commit == 2 ? items : fixture.items(40))
      if document != nil { #expect(isRight, "\(sql) at \(commit)") }
    }
  }

  @Test("Content that the disk damaged is healed by an import that has it")
  func healing() throws {
    let fixture = try StoreFixture()
    let items = fixture.items(10)
    try fixture.publish(items, as: "alice")
    try fixture.execute("UPDATE data SET bytes = zeroblob(length(bytes)) WHERE id = 3")
    #expect(throws: OfficeError.self) { try fixture.store.view().document("alice") }
    try fixture.publish(items, as: "bob")
    #expect(try fixture.store.view().document("alice") == StoreFixture.document(of: items))
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
  }

  @Test("A stage whose commit failed takes nothing of another's with it")
  func failedCommit() throws {
    let fixture = try StoreFixture()
    let store = fixture.store
    try fixture.publish(fixture.items(20), as: "alice")
    let pages = try fixture.value("PRAGMA page_count")
    try fixture.execute("PRAGMA max_page_count=\(pages)")
    let failed = try store.stage()
    try StoreFixture.stage(fixture.items(500, seed: 5), into: failed)
    let error = #expect(throws: OfficeError.self) {
      try store.publish(failed, as: UserID("bob"), by: "test")
    }
    #expect(error?.code == .noSpace)
    #expect(try store.user(UserID("bob")) == nil)
    try fixture.execute("PRAGMA max_page_count=1000000")
    let other = fixture.items(400, seed: 6)
    try fixture.publish(other, as: "carol")
    #expect(throws: OfficeError.self) {
      try store.publish(failed, as: UserID("bob"), by: "test")
    }
    failed.discard()
    try fixture.settle()
    #expect(try store.view().document("carol") == StoreFixture.document(of: other))
    #expect(try store.verify { _, _ in }.map(\.description) == [])
  }

  @Test("Row 87: a damaged log that takes commits back is noticed, and nothing is written over it")
  func damagedLog() throws {
    let fixture = try StoreFixture()
    for round in 0..<6 {
      try fixture.publish(fixture.items(30, seed: UInt64(round)), as: "u\(round)")
    }
    let copy = try fixture.crashCopy()
    defer { try? FileManager.default.removeItem(atPath: copy) }
    let log = copy + "/office.db-wal"
    var bytes = try Data(contentsOf: URL(filePath: log))
    // The last frame but a few: in the middle of what the last commits wrote.
    bytes[bytes.count - 40_000] ^= 0x10
    try bytes.write(to: URL(filePath: log))
    let store = try LiveStore(directory: copy, clock: .system)
    defer { store.close() }
    #expect(store.failure?.code == .inputOutput)
    let error = #expect(throws: OfficeError.self) {
      try StoreFixture.publish(["a": [1]], as: "late", in: store)
    }
    #expect(error?.code == .readOnly)
    #expect(
      try store.view().document("u0") == StoreFixture.document(of: fixture.items(30, seed: 0)))
  }

  @Test("Killed at any moment: what was published is there, what was not is gone, verify is clean")
  func killed() throws {
    let fixture = try StoreFixture()
    var published: [String: [String: [UInt8]]] = [:]
    for round in 0..<8 {
      let items = fixture.items(60, seed: UInt64(round))
      try fixture.publish(items, as: "u\(round % 3)")
      published["u\(round % 3)"] = items
      let half = try fixture.store.stage()
      let cell = try half.cell(.webmail, mtime: 1)
      // An item that is under way when the process dies, much of it stored.
      try cell.write(StoreFixture.random(1_500_000, seed: UInt64(round)))
      let copy = try fixture.crashCopy()
      defer { try? FileManager.default.removeItem(atPath: copy) }
      let store = try LiveStore(directory: copy, clock: .system)
      for (id, items) in published {
        #expect(try store.view().document(id) == StoreFixture.document(of: items), "round \(round)")
      }
      #expect(try store.verify { _, _ in }.map(\.description) == [], "round \(round)")
      try store.sweepNow()
      #expect(try store.verify { _, _ in }.map(\.description) == [], "round \(round)")
      store.close()
      half.discard()
    }
    try fixture.settle()
    let idle = try fixture.value("SELECT count(*) FROM storage WHERE state <> 1")
    #expect(idle == 0)
  }

  @Test("The reserve is given up once and comes back when there is plenty")
  func reserve() throws {
    let fixture = try StoreFixture()
    let reserve = fixture.store.reserve
    try #require(reserve.isHeld)
    #expect(reserve.release())
    #expect(!reserve.release())
    let tight = try DiskSpace(of: fixture.folder)
    var full = tight
    full.free = reserve.size
    reserve.restore(full)
    #expect(!reserve.isHeld)
    reserve.restore(tight)
    #expect(reserve.isHeld == (tight.free >= 4 * reserve.size))
  }

  @Test("An init that was cut short can be run again")
  func initAgain() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/officefs-init-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(
      atPath: folder + "/spool", withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    chmod(folder, 0o700)
    try LiveStore.create(at: folder, clock: .system)
    try LiveStore(directory: folder, clock: .system).close()
    let error = #expect(throws: OfficeError.self) {
      try LiveStore.create(at: folder, clock: .system)
    }
    #expect(error?.code == .exists)
  }
}
