import BackupRepository
import OfficeModel
import OfficeTree
import Synchronization
import TestSupport
import Testing

@Suite("reminders/")
struct RemindersTests {
  /// 2026-06-02T00:00 in Berlin.
  private static let midnight: Int64 = 1_780_351_200

  private final class Clock: Sendable {
    let seconds = Atomic<Int64>(RemindersTests.midnight + 11 * 3_600 + 59 * 60)

    func set(_ hour: Int64, _ minute: Int64 = 0) {
      seconds.store(
        RemindersTests.midnight + hour * 3_600 + minute * 60, ordering: .relaxed)
    }
  }

  private static func office(_ clock: Clock, mode: String) throws -> TreeFixture {
    let office = try TreeFixture(
      clock: WallClock { clock.seconds.load(ordering: .relaxed) * 1_000_000_000 },
      hasBackups: true)
    try office.copy(TreeFixture.archive("alice"), to: "alice.udb")
    let text = "[backup]\nmode = \"\(mode)\"\ntime-zone = \"Europe/Berlin\"\n"
    try office.copy(Array(text.utf8), to: "office.toml", in: office.node("settings"))
    for id in ["alice", "bob", "carol"] {
      try office.touch(id, in: office.node("settings/backup-group"))
    }
    return office
  }

  private static func touch(_ id: String, _ office: TreeFixture) throws {
    _ = try office.tree.change(
      office.node("reminders/\(id)"), handle: nil, to: AttributeChange(mtimeIsNow: true),
      caller: office.caller)
  }

  private static func names(_ office: TreeFixture) throws -> [String] {
    try office.names(office.node("reminders"))
  }

  @Test("A whole day: from noon on, skipped by one, done by another, gone for all; the next day")
  func day() throws {
    let clock = Clock()
    let office = try Self.office(clock, mode: "remind")
    #expect(try Self.names(office) == [])
    clock.set(12)
    #expect(try Self.names(office) == ["alice", "bob", "carol"])
    try office.remove("bob", in: office.node("reminders"))
    #expect(try Self.names(office) == ["alice", "carol"])
    #expect(code { _ = try office.node("reminders/bob") } == .notFound)
    clock.set(17, 59)
    #expect(try Self.names(office) == ["alice", "carol"])
    clock.set(18)
    #expect(try Self.names(office) == [])
    clock.set(14)
    #expect(try office.backups?.repository.sets().count == 0)
    let carol = try office.node("reminders/carol")
    try Self.touch("alice", office)
    #expect(try office.backups?.repository.sets().count == 1)
    #expect(try Self.names(office) == [])
    // Carol's touch was on its way.
    _ = try office.tree.change(
      carol, handle: nil, to: AttributeChange(mtimeIsNow: true), caller: office.caller)
    #expect(try office.backups?.repository.sets().count == 1)
    clock.set(36)
    #expect(try Self.names(office) == ["alice", "bob", "carol"])
    try office.copy([UInt8(ascii: "x")], to: "bob", in: office.node("reminders"))
    #expect(try office.backups?.repository.sets().count == 2)
    #expect(try Self.names(office) == [])
  }

  @Test("In mode auto there are none, in mode both although there was a backup in the morning")
  func modes() throws {
    let clock = Clock()
    let auto = try Self.office(clock, mode: "auto")
    clock.set(12)
    #expect(try Self.names(auto) == [])
    let both = try Self.office(clock, mode: "both")
    clock.set(0, 1)
    both.backups?.look()
    #expect(try both.backups?.repository.sets().count == 1)
    clock.set(12)
    #expect(try Self.names(both) == ["alice", "bob", "carol"])
  }

  @Test("Each file is its member's, the folder is sticky, and nobody makes a reminder")
  func owners() throws {
    let clock = Clock()
    let office = try Self.office(clock, mode: "remind")
    clock.set(12)
    try office.copy(
      Array("bob = 4711\n".utf8), to: "owners.toml", in: office.node("settings"))
    let reminders = try office.node("reminders")
    #expect(try office.tree.attributes(of: reminders).permissions == 0o1777)
    #expect(try office.list(reminders).map(\.attributes.owner) == [0, 4711, 0])
    #expect(code { try office.touch("eve", in: reminders) } == .readOnly)
    #expect(code { try office.rename("bob", to: "eve", in: reminders) } == .readOnly)
  }

  @Test("backup/office.json shows groups and settings as they were in each set")
  func record() throws {
    let clock = Clock()
    let office = try Self.office(clock, mode: "remind")
    clock.set(12)
    try office.makeGroup("sales")
    try Self.touch("alice", office)
    try office.touchMember("sales", "bob")
    clock.set(36)
    try Self.touch("alice", office)
    func text(_ path: String) throws -> String {
      String(decoding: try office.read("office.json", in: office.node(path)), as: UTF8.self)
    }
    #expect(try text("backup").contains(#""groups":{"sales":["bob"]}"#))
    #expect(try text("backup/1").contains(#""groups":{"sales":[]}"#))
    #expect(try text("backup").contains(#""backup-group":["alice","bob","carol"]"#))
    #expect(try office.names(office.node("backup/users")) == ["alice.udb"])
  }
}
