import Foundation
import OfficeModel
import OfficeTree
import Synchronization
import TestSupport
import Testing

@Suite("A commit that is there and could not be recorded")
struct FailedCommitTests {
  @Test("A restore fails and shows all of itself; then one of nothing is EROFS")
  func restore() throws {
    let fixture = try RestoreFolderTests.changed()
    let office = fixture.office
    try office.removeGroup("support")
    try office.makeGroup("sales")
    let notices = Mutex<Set<[UInt8]>>([])
    office.tree.connect { notice in
      guard case .entry(_, let name) = notice else { return }
      notices.withLock { _ = $0.insert(name) }
    }
    try RestoreFolderTests.stage(fixture)
    for name in ["groups", "remove-others"] {
      try RestoreFolderTests.make(fixture, "restore/latest/\(name)")
    }
    let plan = try RestoreFolderTests.plan(fixture)
    try office.loseRecord()
    let confirm = "restore/latest/confirm-\(plan.code ?? "?")"
    #expect(code { try RestoreFolderTests.make(fixture, confirm) } == .inputOutput)
    #expect(try fixture.names("users") == ["alice.udb", "bob.udb"])
    #expect(try fixture.names("groups") == ["support"])
    #expect(
      isEqual(try fixture.read("users/alice.udb"), try fixture.read("backup/users/alice.udb")))
    let names = Set(["alice.udb", "bob.udb", "carol.udb"].map { Array($0.utf8) })
    #expect(notices.withLock { $0.isSuperset(of: names) })
    try fixture.touch("restore/latest/plan.txt")
    let same = try RestoreFolderTests.plan(fixture)
    #expect(
      code { try RestoreFolderTests.make(fixture, "restore/latest/confirm-\(same.code ?? "?")") }
        == .readOnly)
  }

  @Test("A new member is refused and shows; then nothing is taken, nor what is so")
  func group() throws {
    let office = try TreeFixture()
    try office.makeGroup("sales")
    try office.touchMember("sales", "alice")
    // A list that was emptied once leaves nothing behind.
    try office.makeGroup("support")
    try office.touchMember("support", "alice")
    try office.remove("alice", in: office.node("groups/support"))
    try office.loseRecord()
    let sales = try office.node("groups/sales")
    #expect(code { try office.touchMember("sales", "bob") } == .inputOutput)
    #expect(try office.names(sales) == ["alice", "bob"])
    #expect(code { try office.touchMember("sales", "alice") } == .readOnly)
    #expect(code { try office.touchMember("sales", "carol") } == .readOnly)
    try office.reopen()
    #expect(try office.names(office.node("groups/sales")) == ["alice", "bob"])
  }

  @Test("A file of settings for the next start waits for one with a disk that takes it")
  func settings() throws {
    let office = try TreeFixture()
    let file = office.folder.appending(path: "office.toml")
    try Data("[undo]\ndays = 50\n".utf8).write(to: file)
    try office.loseRecord()
    #expect(code { try office.makeGroup("sales") } == .inputOutput)
    try office.registry.takeOver(from: office.folder.path, caller: "test")
    #expect(FileManager.default.fileExists(atPath: file.path))
    try office.reopen()
    #expect(office.registry.settings.office.undoDays == 50)
    #expect(!FileManager.default.fileExists(atPath: file.path))
  }
}
