import OfficeModel
import OfficeTree
import Synchronization
import TestSupport
import Testing

@Suite("sessions/ and who is at work")
struct SessionsTests {
  private final class Time: Sendable {
    /// 2026-03-05T10:00:00Z at first.
    let seconds = Atomic<Int64>(1_772_704_800)
  }

  private static func office(_ time: Time, users: [String] = ["alice", "bob.b"]) throws
    -> TreeFixture
  {
    let office = try TreeFixture(
      clock: WallClock { time.seconds.load(ordering: .relaxed) * 1_000_000_000 },
      hasBackups: true)
    for id in users { try office.copy(TreeFixture.archive(id), to: "\(id).udb") }
    return office
  }

  private static func text(_ path: String, _ office: TreeFixture) throws -> String {
    let parts = path.split(separator: "/").map(String.init)
    let folder = try office.node(parts.dropLast().joined(separator: "/"))
    return String(decoding: try office.read(parts.last ?? "", in: folder), as: UTF8.self)
  }

  @Test("A session is made, reads as active, is stale after an hour, lives on by touch, is removed")
  func life() throws {
    let time = Time()
    let office = try Self.office(time)
    let folder = try office.node("sessions")
    try office.touch("bob.b.web-mail2", in: folder)
    try office.touch("alice.phone", in: folder)
    #expect(try office.names(folder) == ["alice.phone", "bob.b.web-mail2"])
    time.seconds.add(3_599, ordering: .relaxed)
    #expect(
      try Self.text("sessions/alice.phone", office)
        == "active since 2026-03-05T100000Z, last seen 2026-03-05T100000Z\n")
    time.seconds.add(1, ordering: .relaxed)
    #expect(
      try Self.text("sessions/alice.phone", office) == "stale, last seen 2026-03-05T100000Z\n")
    _ = try office.tree.change(
      office.node("sessions/alice.phone"), handle: nil, to: AttributeChange(mtimeIsNow: true),
      caller: office.caller)
    #expect(
      try Self.text("sessions/alice.phone", office)
        == "active since 2026-03-05T100000Z, last seen 2026-03-05T110000Z\n")
    #expect(try Self.text("sessions/bob.b.web-mail2", office).hasPrefix("stale"))
    try office.copy([1], to: "bob.b.web-mail2", in: folder)
    #expect(try Self.text("sessions/bob.b.web-mail2", office).hasPrefix("active"))
    try office.remove("alice.phone", in: folder)
    #expect(try office.names(folder) == ["bob.b.web-mail2"])
    #expect(code { try office.remove("alice.phone", in: folder) } == .notFound)
    try office.reopen()
    #expect(try office.names(office.node("sessions")) == [])
  }

  @Test("After how many minutes a session is stale stands in office.toml, in effect at once")
  func minutes() throws {
    let time = Time()
    let office = try Self.office(time)
    try office.touch("alice.phone", in: office.node("sessions"))
    time.seconds.add(120, ordering: .relaxed)
    #expect(try Self.text("sessions/alice.phone", office).hasPrefix("active"))
    let settings = try office.node("settings")
    try office.copy(
      Array("[sessions]\nstale-minutes = 2\n".utf8), to: "office.toml", in: settings)
    #expect(try Self.text("sessions/alice.phone", office).hasPrefix("stale"))
    let refusal = code {
      try office.copy(
        Array("[sessions]\nstale-minutes = 0\n".utf8), to: "office.toml", in: settings)
    }
    #expect(refusal == .invalid)
  }

  @Test(
    "A name that is no user's session is EINVAL",
    arguments: [
      "alice", "alice.", "alice.Web", "alice.web_1", "eve.web", "Alice.web", ".web", "bob.web",
      "alice.\(String(repeating: "a", count: 33))", "älice.web", "alice.web\n",
    ])
  func refused(name: String) throws {
    let office = try Self.office(Time())
    let folder = try office.node("sessions")
    #expect(code { try office.touch(name, in: folder) } == .invalid)
    #expect(try office.names(folder) == [])
  }

  @Test("A session is its maker's; the folder is sticky; another maker's session is taken")
  func owners() throws {
    let office = try Self.office(Time())
    let folder = try office.node("sessions")
    let other = Caller(pid: 1, uid: 4711, gid: 4712)
    let name = Array("alice.web".utf8)
    let (attributes, opened) = try office.tree.create(
      name, in: folder, flags: [.write], permissions: 0o666, caller: other)
    office.tree.release(opened.handle)
    #expect(attributes.owner == 4711 && attributes.group == 4712)
    #expect(attributes.permissions == 0o600)
    #expect(try office.tree.attributes(of: folder).permissions == 0o1777)
    let again = code {
      _ = try office.tree.create(
        name, in: folder, flags: [.write], permissions: 0o600, caller: office.caller)
    }
    #expect(again == .exists)
    #expect(code { try office.rename("alice.web", to: "alice.phone", in: folder) } == .invalid)
    let mkdir = code {
      _ = try office.tree.makeDirectory(
        Array("x".utf8), in: folder, permissions: 0o755, caller: other)
    }
    #expect(mkdir == .invalid)
  }

  @Test("There are at most 100,000 sessions, listed in order and in pages; one more is ENOSPC")
  func bound() throws {
    let office = try Self.office(Time(), users: ["a", "b"])
    let folder = try office.node("sessions")
    for number in 0..<50_000 {
      for id in ["b", "a"] {
        let (_, opened) = try office.tree.create(
          Array("\(id).s\(number)".utf8), in: folder, flags: [.write], permissions: 0o600,
          caller: office.caller)
        office.tree.release(opened.handle)
      }
    }
    #expect(code { try office.touch("a.more", in: folder) } == .noSpace)
    let names = try office.list(folder, page: 500).map(\.name)
    #expect(names.count == 100_000)
    #expect(zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    try office.remove("b.s17", in: folder)
    try office.touch("a.more", in: folder)
  }

  @Test("status/activity.txt names who writes and who reads, until they close")
  func activity() throws {
    let office = try Self.office(Time())
    #expect(try Self.text("status/activity.txt", office) == "")
    let reader = try office.open("alice.udb").handle
    let writer = try office.openToWrite("carol.udb")
    let lines = try Self.text("status/activity.txt", office).split(separator: "\n")
    #expect(lines.count == 2)
    let pid = office.caller.pid
    #expect(lines[0].hasPrefix("reads users/alice.udb uid 0 "), "\(lines)")
    #expect(lines[1].hasPrefix("writes users/carol.udb uid 0 "), "\(lines)")
    #expect(
      lines.allSatisfy { $0.contains("[\(pid)] since 2026-03-05T100000Z") }, "\(lines)")
    #expect(lines[1].hasSuffix(", 0 bytes so far") && !lines[0].contains("bytes"), "\(lines)")
    office.tree.release(reader)
    office.tree.release(writer)
    #expect(try Self.text("status/activity.txt", office) == "")
  }

  @Test("status/jobs/ keeps how the last backups ended")
  func jobs() throws {
    let office = try Self.office(Time())
    #expect(try office.names(office.node("status/jobs")) == [])
    for path in ["backup/update/all", "backup/update/todo"] {
      _ = try office.tree.change(
        office.node(path), handle: nil, to: AttributeChange(mtimeIsNow: true),
        caller: office.caller)
    }
    #expect(try office.names(office.node("status/jobs")) == ["1.txt", "2.txt"])
    let lines = try Self.text("status/jobs/1.txt", office).split(separator: "\n")
    #expect(lines.first == "what manual backup of everything")
    #expect(lines.last == "result done, set 2026-03-05T100000Z")
    #expect(try Self.text("status/jobs/2.txt", office).hasPrefix("what manual backup of todo\n"))
    #expect(code { _ = try office.node("status/jobs/3.txt") } == .notFound)
  }
}
