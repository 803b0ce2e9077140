import Foundation
import LiveStore
import OfficeModel
import OfficeTree
import Synchronization
import TestSupport
import Testing

@Suite("import/merge, import/skip and import/preview")
struct ImportFolderTests {
  private static let mine = ["2026-01-05,08:00,16:00", "2026-01-06,08:00,16:00"]
  private static let theirs = ["2026-01-06,09:00,17:00", "2026-01-07,09:00,17:00"]

  @Test(
    "Each policy does what it says, and its report counts it",
    arguments: [
      ("users", Array(theirs), "timesheet           1        1        1        0        0"),
      (
        "import/merge", [mine[0]] + theirs,
        "timesheet           1        1        0        0        1"
      ),
      (
        "import/skip", mine + [theirs[1]],
        "timesheet           1        0        0        0        2"
      ),
      ("import/preview", mine, "timesheet           1        1        1        0        0"),
    ])
  func policies(_ row: (folder: String, rows: [String], counts: String)) throws {
    let office = try TreeFixture()
    try office.copy(try TreeFixture.archive("alice", rows: Self.mine), to: "alice.udb")
    let before = try office.read("alice.udb")
    let archive = try TreeFixture.archive("other", rows: Self.theirs)
    let folder = try office.node(row.folder)
    try office.copy(archive, to: "alice.udb", in: folder)
    let after = try office.read("alice.udb")
    #expect(isEqual(after, try TreeFixture.archive("alice", rows: row.rows)))
    #expect(office.store.commit == (row.folder == "import/preview" ? 1 : 2))
    let report = try Self.report("alice", office)
    #expect(report.contains(row.counts), "\(report)")
    #expect(report.contains("archive  of user other, format 1"))
    #expect(report.contains("timesheet added: 2026-01-07"))
    let differing = row.folder == "import/skip" ? "differs, own kept" : "changed"
    #expect(report.contains("timesheet \(differing): 2026-01-06"), "\(report)")
    #expect(!report.contains("09:00"), "a report holds no content")
    // Once more changes nothing, whatever the policy.
    let commit = office.store.commit
    try office.copy(archive, to: "alice.udb", in: folder)
    #expect(office.store.commit == commit)
    #expect(isEqual(try office.read("alice.udb"), row.folder == "import/preview" ? before : after))
  }

  @Test(
    "The same event under another calendar's head is the same event, and no empty calendars pile up"
  )
  func foreignHeads() throws {
    let office = try TreeFixture()
    func calendar(_ program: String, _ events: [String]) -> String {
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:\(program)\r\n"
        + events.map { "BEGIN:VEVENT\r\nUID:\($0)\r\nDTSTART:20260101T100000Z\r\nEND:VEVENT\r\n" }
        .joined() + "END:VCALENDAR\r\n"
    }
    let own = calendar("own", ["a", "b"])
    let foreign = calendar("foreign", ["a", "b", "c"])
    for (policy, expected) in [
      ("merge", foreign), ("skip", own + calendar("foreign", ["c"])), ("preview", own),
    ] {
      let name = "\(policy).udb"
      try office.copy(try TreeFixture.archive("x", texts: [.scheduler: own]), to: name)
      let bytes = try TreeFixture.archive("y", texts: [.scheduler: foreign])
      for _ in 0..<2 { try office.copy(bytes, to: name, in: try office.node("import/\(policy)")) }
      let merged = try office.read(name)
      let count = { (text: String) in
        String(decoding: merged, as: UTF8.self).components(separatedBy: text).count - 1
      }
      for uid in ["a", "b"] { #expect(count("UID:\(uid)\r\n") == 1, "\(policy)") }
      #expect(count("UID:c\r\n") == (policy == "preview" ? 0 : 1), "\(policy)")
      #expect(count("BEGIN:VCALENDAR") == (policy == "skip" ? 2 : 1), "\(policy)")
      #expect(count("BEGIN:VEVENT") == expected.components(separatedBy: "BEGIN:VEVENT").count - 1)
      // What a merge made is in canonical form: importing it again changes nothing.
      let commit = office.store.commit
      try office.copy(merged, to: name)
      #expect(office.store.commit == commit, "\(policy)")
    }
  }

  @Test("Time sheets with other columns are refused; quotes and line ends make no other columns")
  func otherColumns() throws {
    let office = try TreeFixture()
    try office.copy(
      try TreeFixture.archive("alice", texts: [.timesheet: "date,in,out\r\n2026-01-05,8,9\r\n"]),
      to: "alice.udb")
    let before = try office.read("alice.udb")
    let merge = try office.node("import/merge")
    let other = try TreeFixture.archive(
      "alice", texts: [.timesheet: "date,out,in\r\n2026-01-06,8,9\r\n"])
    #expect(code { try office.copy(other, to: "alice.udb", in: merge) } == .badArchive)
    #expect(isEqual(try office.read("alice.udb"), before))
    #expect(try office.names(merge).isEmpty)
    let report = try Self.report("alice", office)
    #expect(report.contains("refused, nothing was changed") && report.contains("same header row"))
    for header in ["\"date\",\"in\",out\n", "date,in,out\r\n"] {
      let good = try TreeFixture.archive(
        "alice", texts: [.timesheet: header + "2026-01-06,8,9\r\n"])
      try office.copy(good, to: "alice.udb", in: merge)
    }
    let merged = String(decoding: try office.read("alice.udb"), as: UTF8.self)
    #expect(merged.contains("date,in,out\r\n2026-01-05,8,9\r\n2026-01-06,8,9\r\n"))
    let empty = try TreeFixture.archive("alice", texts: [.timesheet: "a;b\r\n"])
    let commit = office.store.commit
    try office.copy(empty, to: "alice.udb", in: merge)
    #expect(office.store.commit == commit)
  }

  @Test("A new id is added by merge and skip, and by nobody else")
  func newUser() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("x", rows: Self.mine, status: "in")
    for policy in ["merge", "skip", "preview"] {
      try office.copy(bytes, to: "\(policy).udb", in: try office.node("import/\(policy)"))
    }
    #expect(try office.names() == ["merge.udb", "skip.udb"])
    let same = try TreeFixture.archive("merge", rows: Self.mine, status: "in")
    #expect(isEqual(try office.read("merge.udb"), same))
    #expect(try Self.report("preview", office).contains("the user would be added"))
    #expect(try Self.report("skip", office).contains("the user was added"))
  }

  @Test("A user without data takes everything; the record and the whereabouts are one object each")
  func objects() throws {
    let office = try TreeFixture()
    try office.copy(try TreeFixture.archive("alice", status: "in"), to: "alice.udb")
    let out = try TreeFixture.archive("x", status: "out")
    for (policy, status) in [("skip", "in"), ("merge", "out")] {
      try office.copy(out, to: "alice.udb", in: try office.node("import/\(policy)"))
      #expect(
        isEqual(try office.read("alice.udb"), try TreeFixture.archive("alice", status: status)))
    }
  }

  @Test("What was copied stays readable under its name; rm takes it away, an hour does too")
  func stays() throws {
    let time = Atomic<Int64>(1_800_000_000_000_000_000)
    let office = try TreeFixture(clock: WallClock { time.load(ordering: .relaxed) })
    let bytes = try TreeFixture.archive("x", rows: Self.mine)
    let merge = try office.node("import/merge")
    try office.copy(bytes, to: "alice.udb", in: merge)
    #expect(isEqual(try office.read("alice.udb", in: merge), bytes))
    let node = try office.node("import/merge/alice.udb")
    let change = AttributeChange(mtime: 5, permissions: 0o644)
    let shown = try office.tree.change(node, handle: nil, to: change, caller: office.caller)
    #expect(shown.mtime == 5 && shown.permissions == 0o644 && shown.size == Int64(bytes.count))
    #expect(try office.node("import/merge/alice.udb") == node)
    time.add(3_599_000_000_000, ordering: .relaxed)
    #expect(try office.names(merge) == ["alice.udb"])
    time.add(2_000_000_000, ordering: .relaxed)
    #expect(try office.names(merge).isEmpty)
    try office.copy(bytes, to: "bob.udb", in: merge)
    try office.remove("bob.udb", in: merge)
    #expect(try office.names(merge).isEmpty)
    #expect(try office.names() == ["alice.udb", "bob.udb"])
  }

  @Test("Names, second writers, cut and empty files are refused where users/ refuses them")
  func refusals() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("x", rows: Self.mine)
    try office.copy(bytes, to: "alice.udb")
    let merge = try office.node("import/merge")
    #expect(code { try office.copy(bytes, to: "alice.txt", in: merge) } == .invalid)
    #expect(code { try office.copy(bytes, to: "Alice.udb", in: merge) } == .exists)
    #expect(code { try office.copy([], to: "alice.udb", in: merge) } == .badArchive)
    #expect(
      code { try office.copy(Array(bytes.dropLast(600)), to: "alice.udb", in: merge) }
        == .badArchive)
    #expect(try Self.report("alice", office).contains("refused"))
    #expect(try office.names(merge).isEmpty)
    let handle = try office.openToWrite("alice.udb", in: merge)
    #expect(code { _ = try office.openToWrite("alice.udb", in: merge) } == .busy)
    #expect(code { try office.remove("alice.udb", in: merge) } == .busy)
    office.tree.release(handle)
    #expect(try office.names(merge).isEmpty)
    #expect(
      code {
        try office.tree.rename(
          Array("alice.udb".utf8), in: office.users, to: Array("alice.udb".utf8), in: merge,
          flags: 0, caller: office.caller)
      } == .crossDevice)
    #expect(
      code { try office.copy(bytes, to: "alice.txt", in: office.node("import/reports")) }
        == .readOnly)
    #expect(
      code { try office.copy(bytes, to: "alice.udb", in: office.node("import")) } == .readOnly)
    #expect(office.store.commit == 1)
  }

  @Test("A temporary file is imported when it gets its name, and keeps it (rsync, GIO)")
  func renamed() throws {
    let office = try TreeFixture()
    try office.copy(try TreeFixture.archive("alice", rows: Self.mine), to: "alice.udb")
    let merge = try office.node("import/merge")
    let bytes = try TreeFixture.archive("x", rows: Self.theirs)
    for name in [".alice.udb.Ab12xY", ".goutputstream-Ab12xY"] {
      try office.copy(bytes, to: name, in: merge)
      try office.tree.rename(
        Array(name.utf8), in: merge, to: Array("alice.udb".utf8), in: merge, flags: 0,
        caller: office.caller)
      #expect(try office.names(merge) == ["alice.udb"])
      #expect(isEqual(try office.read("alice.udb", in: merge), bytes))
    }
    #expect(office.store.commit == 2)
    _ = try office.tree.makeDirectory(
      Array(".~tmp~".utf8), in: merge, permissions: 0o700, caller: office.caller)
    #expect(code { _ = try office.node("users/.~tmp~") } == .notFound)
    #expect(try office.names(merge) == [".~tmp~", "alice.udb"])
  }

  @Test("Reports are listed, stay through a restart, and each import's replaces the one before")
  func reports() throws {
    let office = try TreeFixture()
    let reports = try office.node("import/reports")
    for id in ["carol", "alice", "bob"] {
      try office.copy(try TreeFixture.archive(id, status: "in"), to: "\(id).udb")
    }
    #expect(try office.names(reports) == ["alice.txt", "bob.txt", "carol.txt"])
    let first = try office.list(reports)[0].attributes
    #expect(code { try office.copy([1, 2, 3], to: "alice.udb") } == .badArchive)
    let second = try office.list(reports)[0].attributes
    #expect(second.node != first.node && second.mtime >= first.mtime)
    #expect(try Self.report("alice", office).count == Int(second.size))
    #expect(!(try Self.report("alice", office).contains("added")))
    try office.rename("bob.udb", to: "bert.udb")
    #expect(try office.names(reports) == ["alice.txt", "bert.txt", "carol.txt"])
  }

  private static func report(_ id: String, _ office: TreeFixture) throws -> String {
    String(
      decoding: try office.read("\(id).txt", in: try office.node("import/reports")), as: UTF8.self)
  }
}
