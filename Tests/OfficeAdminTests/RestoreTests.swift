import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import LiveStore
@testable import OfficeAdmin

@Suite("A restore")
struct RestoreTests {
  private static func items(_ count: Int, seed: UInt64) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    var items: [String: [UInt8]] = [:]
    for index in 0..<count { items["key\(1_000 + index)"] = random.bytes(40 + index % 7 * 300) }
    return items
  }

  @Test("Everything of a set is as it was, and the state before is a set and in undo")
  func everything() throws {
    let office = try RestoreOffice()
    for id in ["alice", "bob", "carol"] { try office.put(Self.items(40, seed: 1), of: id) }
    try office.put(Self.items(3, seed: 9), in: .todo, of: "bob", mtime: 11)
    let then = try office.contents()
    let set = try office.backUp()
    // One item changed, all changed, a new user, one deleted, a time changed.
    var few = Self.items(40, seed: 1)
    few["key1003"] = [1, 2, 3]
    few["key1004"] = nil
    few["new"] = [4]
    try office.put(few, of: "alice")
    try office.put(Self.items(40, seed: 2), of: "bob")
    try office.put(Self.items(5, seed: 3), of: "dave")
    try office.store.delete(UserID("carol"), by: "test")
    try office.put(Self.items(3, seed: 9), in: .todo, of: "bob", mtime: 12)
    let before = try office.contents()

    let choice = try office.everything(of: set, removesOthers: true)
    let plan = try office.restores.plan(set, choice)
    #expect(plan.refusals.isEmpty && plan.code?.utf8.count == 8)
    let fates = plan.users.map { "\($0.id) \($0.fate)" }
    #expect(fates == ["alice restored", "bob restored", "carol added", "dave removed"])
    let alice = plan.users[0].counts
    #expect(alice.cells == 1 && alice.added == 1 && alice.changed == 1 && alice.removed == 1)
    #expect(alice.same == 38)
    let result = try office.run(plan)
    #expect(try office.contents() == then)
    try office.verify()

    let folder = try #require(result.undo)
    #expect(folder.hasSuffix("_restore"))
    let group = try #require(try office.store.undoGroup(named: folder))
    let undone = try office.store.undoFiles(of: group.number).map(\.id.text)
    #expect(undone == ["alice", "bob", "dave"])
    let own = try #require(result.before)
    #expect(
      own.slot == nil && own.process == "before-restore" && own.until == own.stamp + 2_592_000)
    let slots = try office.office.repository.sets().compactMap(\.slot)
    #expect(slots == [0])

    try office.restore(own, try office.everything(of: own, removesOthers: true))
    #expect(try office.contents() == before)
    try office.verify()
  }
}
