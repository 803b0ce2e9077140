import Foundation
import OfficeAdmin
import OfficeModel
import OfficeTree
import TestSupport
import Testing

@testable import BackupRepository

@Suite("restore/")
struct RestoreFolderTests {
  /// A backup of alice and bob; then alice has other data, bob is gone, carol is new.
  static func changed() throws -> BackupFixture {
    let fixture = try BackupFixture()
    let office = fixture.office
    try office.copy(
      TreeFixture.archive("alice", rows: ["2026-01-05,08:00,17:00"], status: "old"),
      to: "alice.udb")
    try office.copy(TreeFixture.archive("bob", status: "in"), to: "bob.udb")
    try office.makeGroup("support")
    try fixture.touch("backup/update/all")
    fixture.pass(seconds: 60)
    try office.copy(
      TreeFixture.archive("alice", rows: ["2026-01-06,08:00,17:00"], status: "new"),
      to: "alice.udb")
    try office.remove("bob.udb")
    try office.copy(TreeFixture.archive("carol", status: "in"), to: "carol.udb")
    return fixture
  }

  static func stage(_ fixture: BackupFixture, _ name: String = "latest") throws {
    _ = try fixture.office.tree.makeDirectory(
      Array(name.utf8), in: fixture.office.node("restore"), permissions: 0o700,
      caller: fixture.office.caller)
  }

  static func plan(_ fixture: BackupFixture, _ staging: String = "latest") throws
    -> RestoreSummary
  {
    try RestoreJSON.value(fixture.read("restore/\(staging)/plan.json"))
  }

  static func make(_ fixture: BackupFixture, _ path: String) throws {
    let parts = path.split(separator: "/").map(String.init)
    try fixture.office.touch(
      parts.last ?? "", in: fixture.office.node(parts.dropLast().joined(separator: "/")))
  }

  private static func remove(_ fixture: BackupFixture, _ path: String) throws {
    let parts = path.split(separator: "/").map(String.init)
    try fixture.office.remove(
      parts.last ?? "", in: fixture.office.node(parts.dropLast().joined(separator: "/")))
  }

  /// Everything below, as `rm -r` finds it.
  private static func removeAll(_ fixture: BackupFixture, _ path: String) throws {
    let office = fixture.office
    for entry in try office.list(office.node(path)) {
      let name = String(decoding: entry.name, as: UTF8.self)
      if entry.attributes.isDirectory {
        try removeAll(fixture, "\(path)/\(name)")
      } else {
        try remove(fixture, "\(path)/\(name)")
      }
    }
    let parts = path.split(separator: "/")
    try office.tree.removeDirectory(
      Array(parts.last.map(String.init)?.utf8 ?? "".utf8),
      in: office.node(parts.dropLast().joined(separator: "/")), caller: office.caller)
  }

  @Test("A staging shows what the archive has; the plan what a restore would do; rm -r cancels it")
  func staging() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    #expect(
      try fixture.names("restore/latest") == ["areas", "plan.json", "plan.txt", "users"])
    #expect(try fixture.names("restore/latest/areas") == Area.allCases.map(\.name).sorted())
    #expect(try fixture.names("restore/latest/users") == ["alice", "bob"])
    let plan = try Self.plan(fixture)
    #expect(plan.archive == "2026-03-05T100000Z_manual.sar")
    #expect(plan.users.map(\.user) == ["alice", "bob", "carol"])
    #expect(plan.users.map(\.fate) == ["restored", "added", "stays"])
    let timesheet = try #require(plan.areas.first { $0.area == "timesheet" })
    #expect(timesheet.objects.added == 1 && timesheet.objects.removed == 1)
    let text = try fixture.text("restore/latest/plan.txt")
    #expect(text.contains("format   1, this officefs reads up to 1\n"))
    #expect(text.hasSuffix("To carry it out: touch confirm-\(plan.code ?? "?")\n"))
    #expect(try fixture.attributes("restore/latest/plan.txt").size == Int64(text.utf8.count))
    try Self.removeAll(fixture, "restore/latest")
    #expect(try fixture.names("restore") == [])
    #expect(code { _ = try fixture.names("restore/latest") } == .notFound)
  }

  @Test("confirm carries out exactly what was planned, ends the sessions of those it changes")
  func confirmed() throws {
    let fixture = try Self.changed()
    for name in ["alice.web", "carol.web"] { try Self.make(fixture, "sessions/\(name)") }
    let before = try fixture.read("backup/users/alice.udb")
    try Self.stage(fixture)
    let plan = try Self.plan(fixture)
    #expect(plan.sessions.map(\.session) == ["alice.web"] && plan.loggedIn == 2)
    let confirm = "restore/latest/confirm-\(plan.code ?? "?")"
    try Self.make(fixture, confirm)
    let report: RestoreReport = try RestoreJSON.value(fixture.read("restore/latest/result.json"))
    #expect(report.result == "done")
    #expect(report.added == ["bob"] && report.changed == ["alice"] && report.removed == [])
    #expect(report.sessions == ["alice.web"])
    #expect(try fixture.names("sessions") == ["carol.web"])
    #expect(isEqual(try fixture.read("users/alice.udb"), before))
    #expect(try fixture.names("users") == ["alice.udb", "bob.udb", "carol.udb"])
    #expect(try fixture.text("restore/latest/result.txt").hasPrefix("done at 2026-03-05T"))
    let undo = try #require(report.undo)
    #expect(try fixture.names("undo/\(undo)").contains("alice.udb"))
    // What was planned is done: the plan holds no more.
    #expect(code { try Self.make(fixture, confirm) } == .stale)
    #expect(try fixture.text("restore/latest/result.txt").contains("nothing was changed"))
    try Self.removeAll(fixture, "restore/latest")
  }

  @Test("What is removed from the choice stays as it is; what is touched back is taken")
  func choice() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    for area in Area.allCases where area != .whereabouts {
      try Self.remove(fixture, "restore/latest/areas/\(area.name)")
    }
    try Self.remove(fixture, "restore/latest/users/bob")
    #expect(try fixture.names("restore/latest/areas") == ["whereabouts"])
    #expect(try fixture.names("restore/latest/users") == ["alice"])
    let plan = try Self.plan(fixture)
    #expect(plan.areas.map(\.area) == ["whereabouts"])
    #expect(plan.users.map(\.fate) == ["restored", "stays"])
    try Self.make(fixture, "restore/latest/users/bob")
    #expect(try fixture.text("restore/latest/plan.txt").hasPrefix("THE CHOICE HAS CHANGED"))
    let stale = "restore/latest/confirm-\(plan.code ?? "?")"
    #expect(code { try Self.make(fixture, stale) } == .stale)
    try fixture.touch("restore/latest/plan.txt")
    #expect(try Self.plan(fixture).users.map(\.fate) == ["restored", "added", "stays"])
    try Self.make(fixture, "restore/latest/confirm-\(Self.plan(fixture).code ?? "?")")
    let rows = String(decoding: try fixture.read("users/alice.udb"), as: UTF8.self)
    #expect(rows.contains("2026-01-06") && rows.contains("\"status\":\"old\""))
  }

  @Test("A folder can be emptied, removed and made again: rm -r users, mkdir users, touch one")
  func folders() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    let office = fixture.office
    let staging = try office.node("restore/latest")
    let users = Array("users".utf8)
    #expect(
      code { try office.tree.removeDirectory(users, in: staging, caller: office.caller) }
        == .notEmpty)
    try Self.removeAll(fixture, "restore/latest/users")
    #expect(!(try fixture.names("restore/latest").contains("users")))
    let plan = try Self.plan(fixture)
    #expect(plan.code == nil && plan.refusals.first?.hasPrefix("nothing is chosen") ?? false)
    #expect(try fixture.text("restore/latest/plan.txt").contains("It can't be carried out:\n"))
    _ = try office.tree.makeDirectory(
      users, in: staging, permissions: 0o700, caller: office.caller)
    #expect(try fixture.names("restore/latest/users") == [])
    try Self.make(fixture, "restore/latest/users/bob")
    try fixture.touch("restore/latest/plan.txt")
    #expect(try Self.plan(fixture).users.map(\.user) == ["bob", "carol"])
  }

  @Test("groups, settings and remove-others start out absent, are added by touch, taken by rm")
  func options() throws {
    let fixture = try Self.changed()
    try fixture.office.makeGroup("sales")
    try Self.stage(fixture)
    for name in ["groups", "settings", "remove-others"] {
      try Self.make(fixture, "restore/latest/\(name)")
    }
    let plan = try Self.plan(fixture)
    #expect(plan.groups && plan.settings && plan.removeOthers)
    #expect(plan.office == ["groups/sales: removed"])
    #expect(plan.users.last?.fate == "removed")
    try Self.make(fixture, "restore/latest/confirm-\(plan.code ?? "?")")
    #expect(try fixture.names("groups") == ["support"])
    #expect(try fixture.names("users") == ["alice.udb", "bob.udb"])
    try Self.remove(fixture, "restore/latest/groups")
    try Self.remove(fixture, "restore/latest/areas/todo")
    try fixture.touch("restore/latest/plan.txt")
    let refused = try Self.plan(fixture)
    #expect(!refused.groups && refused.code == nil)
    #expect(refused.refusals.contains { $0.contains("with all nine areas only") })
  }

  @Test(
    "Who was removed to make place for a refused file is put back, unless a restore has removed others since",
    arguments: [(false, ["alice.udb", "bob.udb", "carol.udb"]), (true, ["alice.udb", "bob.udb"])])
  func putsBack(removesOthers: Bool, left: [String]) throws {
    let fixture = try Self.changed()
    let office = fixture.office
    try Self.stage(fixture)
    if removesOthers { try Self.make(fixture, "restore/latest/remove-others") }
    try office.remove("carol.udb", caller: office.caller)
    let plan = try Self.plan(fixture)
    try Self.make(fixture, "restore/latest/confirm-\(plan.code ?? "?")")
    #expect(code { try office.copy(Array("no archive".utf8), to: "carol.udb") } == .badArchive)
    #expect(try fixture.names("users") == left)
  }

  @Test(
    "What can't be staged or made: the errno",
    arguments: [
      ("mkdir", "restore/2020", ErrorCode.notFound), ("mkdir", "restore/latest+", .invalid),
      ("mkdir", "restore/latest+a b", .invalid), ("mkdir", "restore/latest", .exists),
      ("mkdir", "restore/latest/users", .invalid), ("mkdir", "restore/latest/users/x", .invalid),
      ("touch", "restore/file", .invalid), ("touch", "restore/latest/users/eve", .invalid),
      ("touch", "restore/latest/areas/music", .invalid), ("touch", "restore/latest/x", .invalid),
      ("touch", "restore/latest/confirm-00000000", .invalid),
      ("touch", "restore/latest/confirm-", .invalid), ("rm", "restore/latest", .isDirectory),
    ])
  func refusals(verb: String, path: String, expected: ErrorCode) throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    let refusal = code {
      switch verb {
      case "mkdir":
        let parts = path.split(separator: "/").map(String.init)
        _ = try fixture.office.tree.makeDirectory(
          Array((parts.last ?? "").utf8),
          in: fixture.office.node(parts.dropLast().joined(separator: "/")), permissions: 0o700,
          caller: fixture.office.caller)
      case "rm": try Self.remove(fixture, path)
      default: try Self.make(fixture, path)
      }
    }
    #expect(refusal == expected)
  }

  @Test("A set of a newer format can't be staged: EOPNOTSUPP")
  func newerFormat() throws {
    let fixture = try Self.changed()
    let repository = fixture.backups.repository
    var set = try #require(try repository.list().latestArchive).set
    set.format = BackupSet.currentFormat + 1
    let newer = set
    // Uploads of one are refused, so only the repository of a newer officefs could hold it.
    try repository.items.write(urgent: true) { connection throws(OfficeError) in
      try SetTable.save(newer, .listed, in: connection)
    }
    repository.noteChange()
    #expect(code { try Self.stage(fixture) } == .newerFormat)
  }

  @Test("A plan whose chosen cells changed is ESTALE; one whose other cells changed is carried out")
  func cells() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    for name in ["areas/timesheet", "users/bob"] {
      try Self.remove(fixture, "restore/latest/\(name)")
    }
    var plan = try Self.plan(fixture)
    try fixture.office.copy(
      TreeFixture.archive("alice", rows: ["2026-01-07,08:00,17:00"], status: "other"),
      to: "alice.udb")
    #expect(
      code { try Self.make(fixture, "restore/latest/confirm-\(plan.code ?? "?")") } == .stale)
    #expect(try fixture.text("restore/latest/result.txt").hasPrefix("failed at "))
    try fixture.touch("restore/latest/plan.txt")
    plan = try Self.plan(fixture)
    // Neither carol nor a time sheet is chosen.
    try fixture.office.copy(TreeFixture.archive("carol", status: "out"), to: "carol.udb")
    try Self.make(fixture, "restore/latest/confirm-\(plan.code ?? "?")")
    let text = String(decoding: try fixture.read("users/alice.udb"), as: UTF8.self)
    #expect(text.contains("\"status\":\"old\"") && text.contains("2026-01-07"))
  }

  @Test("Two administrators have a staging each; of overlapping cells the second confirm is ESTALE")
  func two() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture, "latest+ann")
    try Self.stage(fixture, "latest+ben")
    try Self.stage(fixture, "2026-03-05T100000Z_manual")
    let ann = try Self.plan(fixture, "latest+ann")
    let ben = try Self.plan(fixture, "latest+ben")
    try Self.remove(fixture, "restore/2026-03-05T100000Z_manual/users/alice")
    let other = try Self.plan(fixture, "2026-03-05T100000Z_manual")
    try Self.make(fixture, "restore/latest+ann/confirm-\(ann.code ?? "?")")
    #expect(
      code { try Self.make(fixture, "restore/latest+ben/confirm-\(ben.code ?? "?")") } == .stale)
    #expect(
      code {
        try Self.make(
          fixture, "restore/2026-03-05T100000Z_manual/confirm-\(other.code ?? "?")")
      } == .stale)
  }

  @Test("quiet refuses every other change with EBUSY for ten minutes, or until it is removed")
  func quiet() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    try Self.make(fixture, "restore/latest/quiet")
    func write() throws {
      try fixture.office.copy(TreeFixture.archive("dora"), to: "dora.udb")
    }
    #expect(code { try write() } == .busy)
    #expect(code { try fixture.office.makeGroup("sales") } == .busy)
    #expect(code { try fixture.office.remove("carol.udb") } == .busy)
    fixture.pass(seconds: 599)
    #expect(code { try write() } == .busy)
    fixture.pass(seconds: 1)
    #expect(!(try fixture.names("restore/latest").contains("quiet")))
    try write()
    try Self.make(fixture, "restore/latest/quiet")
    try Self.remove(fixture, "restore/latest/quiet")
    try fixture.office.remove("dora.udb")
    // Its own restore passes, and lets go.
    try Self.make(fixture, "restore/latest/quiet")
    let plan = try Self.plan(fixture)
    try Self.make(fixture, "restore/latest/confirm-\(plan.code ?? "?")")
    #expect(!(try fixture.names("restore/latest").contains("quiet")))
    try write()
    // Cancelling lets go too; another's quiet holds a restore off.
    try Self.stage(fixture, "latest+ben")
    try Self.make(fixture, "restore/latest+ben/quiet")
    try fixture.touch("restore/latest/plan.txt")
    try Self.make(fixture, "restore/latest/remove-others")
    try fixture.touch("restore/latest/plan.txt")
    let late = try Self.plan(fixture)
    #expect(
      code { try Self.make(fixture, "restore/latest/confirm-\(late.code ?? "?")") } == .busy)
    try Self.removeAll(fixture, "restore/latest+ben")
    try Self.make(fixture, "restore/latest/confirm-\(late.code ?? "?")")
  }

  @Test("A staging expires after a day, with its quiet; then the archive is free")
  func expiry() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    let staging = try fixture.office.node("restore/latest")
    fixture.pass(seconds: 86_399)
    #expect(try fixture.names("restore") == ["latest"])
    fixture.pass(seconds: 1)
    #expect(try fixture.names("restore") == [])
    #expect(code { _ = try fixture.office.tree.attributes(of: staging) } == .stale)
    try Self.stage(fixture)
    #expect(try fixture.names("restore/latest/users") == ["alice", "bob"])
  }

  @Test("Whoever waits for a plan is let go at once when a signal comes, and the plan goes on")
  func interrupted() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    let office = fixture.office
    let node = try office.node("restore/latest/plan.txt")
    #expect(office.tree.mayBlock(opening: node))
    #expect(!office.tree.mayBlock(opening: try office.node("restore/latest/users/bob")))
    let refusal = code {
      _ = try office.tree.open(node, flags: [], caller: office.caller, isInterrupted: { true })
    }
    #expect(refusal == .interrupted || refusal == nil)
    #expect(try Self.plan(fixture).code != nil)
  }

  @Test("When the mount ends, work under way gives up; a new mount has no stagings")
  func ends() throws {
    let fixture = try Self.changed()
    try Self.stage(fixture)
    fixture.office.tree.close()
    #expect(code { _ = try Self.plan(fixture) } == .interrupted)
    try fixture.office.reopen()
    #expect(try fixture.office.names(fixture.office.node("restore")) == [])
  }

  @Test("A hundred archives can be staged, no more")
  func bound() throws {
    let fixture = try Self.changed()
    for number in 0..<100 { try Self.stage(fixture, "latest+\(number)") }
    #expect(code { try Self.stage(fixture) } == .noSpace)
    try Self.removeAll(fixture, "restore/latest+7")
    try Self.stage(fixture)
  }
}
