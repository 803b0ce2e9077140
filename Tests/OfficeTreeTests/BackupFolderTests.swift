import BackupRepository
import Foundation
import OfficeAdmin
import OfficeModel
import OfficeTree
import Synchronization
import TestSupport
import Testing

@Suite("backup/")
struct BackupFolderTests {
  private static let day: Int64 = 86_400

  /// What the kernel is told.
  private final class Notices: Sendable {
    let list = Mutex<[KernelNotice]>([])
  }

  @Test("Ten days of backups, as the tree lists them")
  func tenDays() throws {
    let fixture = try BackupFixture()
    let office = fixture.office
    var lines: [String] = []
    var inodes: [UInt64: Int] = [:]
    try office.copy(TreeFixture.archive("alice"), to: "alice.udb")
    try office.copy(TreeFixture.archive("bob"), to: "bob.udb")
    for day in 1...10 {
      try office.copy(TreeFixture.archive("alice", status: "day \(day)"), to: "alice.udb")
      if day == 4 { try office.copy(TreeFixture.archive("carol"), to: "carol.udb") }
      if day == 6 { try office.remove("bob.udb") }
      try fixture.touch("backup/update/all")
      if day == 2 {
        _ = try office.tree.makeDirectory(
          Array("quarter".utf8), in: office.node("backup/hold"), permissions: 0o755,
          caller: office.caller)
      }
      if day == 3 || day == 8 {
        try office.copy(TreeFixture.archive("alice", status: "later"), to: "alice.udb")
        fixture.pass(seconds: 3_600)
        try fixture.touch(day == 3 ? "backup/update/all" : "backup/update/whereabouts")
      }
      lines.append("day \(day)")
      lines += try fixture.listing("backup", inodes: &inodes)
      lines += try fixture.text("backup/backup.txt").split(separator: "\n").map { "  \($0)" }
      fixture.pass(seconds: Self.day)
    }
    let path = (#filePath as NSString).deletingLastPathComponent + "/Golden/ten-days.txt"
    let text = lines.joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["OFFICEFS_WRITE_GOLDEN"] != nil {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test("Who is inside a folder keeps its set through rotations, and names see the new ones")
  func rotationWhileOpen() throws {
    let fixture = try BackupFixture()
    let office = fixture.office
    let tree = office.tree
    let notices = Notices()
    var bytes: [[UInt8]] = []
    for day in 0..<3 {
      for id in ["alice", "bob", "carol"] {
        try office.copy(TreeFixture.archive(id, status: "\(day)"), to: "\(id).udb")
      }
      bytes.append(try office.read("alice.udb"))
      try fixture.touch("backup/update/all")
      fixture.pass(seconds: Self.day)
    }
    let inside = try office.node("backup/2/users")
    let listing = try tree.openDirectory(inside, caller: office.caller)
    let first = try tree.readDirectory(listing, from: 0, limit: 1)
    let reader = try office.open("alice.udb", in: inside).handle
    tree.connect { notice in notices.list.withLock { $0.append(notice) } }
    for day in 3..<12 {
      try office.copy(TreeFixture.archive("alice", status: "\(day)"), to: "alice.udb")
      if day == 5 { try office.remove("carol.udb") }
      bytes.append(try office.read("alice.udb"))
      let before = try office.node("backup/2")
      notices.list.withLock { $0 = [] }
      try fixture.touch("backup/update/all")
      fixture.pass(seconds: Self.day)
      let told = notices.list.withLock { $0 }
      let root = try office.node("backup")
      #expect(try office.node("backup/2") != before)
      for name in ["1", "2", "users", "todo.odb", "office.json"] {
        #expect(told.contains(.entry(parent: root, name: Array(name.utf8))), "\(name)")
      }
      #expect(isEqual(try fixture.read("backup/2/users/alice.udb"), bytes[day - 2]))
      #expect(isEqual(try fixture.read("backup/users/alice.udb"), bytes[day]))
      #expect(isEqual(try office.read("alice.udb", in: inside), bytes[0]), "day \(day)")
    }
    // The set is in no slot any more: it was dropped when it left the last one, and is open here alone.
    #expect(try fixture.names("backup/by-date").count == 8)
    var entries = first
    while true {
      let next = try tree.readDirectory(listing, from: entries.last?.next ?? 0, limit: 1)
      if next.isEmpty { break }
      entries += next
    }
    #expect(
      entries.map { String(decoding: $0.name, as: UTF8.self) }.sorted()
        == ["alice.udb", "bob.udb", "carol.udb"])
    #expect(isEqual(try office.readAll(reader), bytes[0]))
    let node = try office.tree.lookup(
      Array("alice.udb".utf8), in: inside, caller: office.caller
    ).node
    tree.releaseDirectory(listing)
    #expect(isEqual(try office.readAll(reader), bytes[0]))
    #expect(try tree.attributes(of: node).size == Int64(bytes[0].count))
    tree.release(reader)
    #expect(code { _ = try tree.open(node, flags: [], caller: office.caller) } == .stale)
    #expect(code { _ = try office.open("alice.udb", in: inside) } == .notFound)
    #expect(code { _ = try tree.openDirectory(inside, caller: office.caller) } == .stale)
  }

  @Test("A listing under way is complete, though the sets change at every step")
  func listingDuringBackups() throws {
    let fixture = try BackupFixture()
    let tree = fixture.office.tree
    for _ in 0..<12 {
      try fixture.touch("backup/update/all")
      fixture.pass(seconds: 60)
    }
    let before = try fixture.names("backup/by-date")
    #expect(before.count == 12)
    let folder = try fixture.office.node("backup/by-date")
    let handle = try tree.openDirectory(folder, caller: fixture.office.caller)
    defer { tree.releaseDirectory(handle) }
    var seen: [String] = []
    var cookie: Int64 = 0
    while true {
      let next = try tree.readDirectory(handle, from: cookie, limit: 2)
      guard let last = next.last else { break }
      seen += next.map { String(decoding: $0.name, as: UTF8.self) }
      cookie = last.next
      if seen.count < 12 {
        try fixture.touch("backup/update/todo")
        fixture.pass(seconds: 60)
      }
    }
    #expect(Set(seen).count == seen.count)
    #expect(Set(before).isSubset(of: seen), "\(seen)")
  }

  @Test("Holds: names by the rule for ids, one for a set, kept until they are let go")
  func holds() throws {
    let fixture = try BackupFixture()
    let office = fixture.office
    let hold = try office.node("backup/hold")
    func make(_ name: String) -> ErrorCode? {
      code {
        _ = try office.tree.makeDirectory(
          Array(name.utf8), in: hold, permissions: 0o755, caller: office.caller)
      }
    }
    func remove(_ name: String) -> ErrorCode? {
      code {
        try office.tree.removeDirectory(Array(name.utf8), in: hold, caller: office.caller)
      }
    }
    #expect(make("early") == .busy)
    try office.copy(TreeFixture.archive("alice", status: "in"), to: "alice.udb")
    let bytes = try office.read("alice.udb")
    try fixture.touch("backup/update/all")
    for name in ["", "-x", ".x", "a b", "a/b", "ä", String(repeating: "a", count: 65)] {
      #expect(make(name) == .invalid, "\(name)")
    }
    #expect(make("Year") == nil)
    #expect(make("other") == .exists)
    try office.remove("alice.udb")
    for _ in 0..<20 {
      fixture.pass(seconds: Self.day)
      try fixture.touch("backup/update/all")
    }
    #expect(make("year") == .exists)
    #expect(try fixture.names("backup/hold") == ["Year"])
    #expect(isEqual(try fixture.read("backup/hold/Year/users/alice.udb"), bytes))
    #expect(try fixture.names("backup/by-date").count == 9)
    let reader = try office.open("alice.udb", in: office.node("backup/hold/Year/users")).handle
    defer { office.tree.release(reader) }
    #expect(remove("year") == .notFound)
    #expect(remove("Year") == nil)
    #expect(try fixture.names("backup/hold") == [])
    #expect(try fixture.names("backup/by-date").count == 8)
    #expect(isEqual(try office.readAll(reader), bytes))
  }

  @Test(
    "Orders: touch and write make a backup, each says how it went, and a failure reaches who asked")
  func orders() throws {
    let fixture = try BackupFixture()
    let office = fixture.office
    let tree = office.tree
    #expect(try fixture.text("backup/update/all") == "never\n")
    #expect(try fixture.names("backup") == ["backup.txt", "by-date", "hold", "update"])
    try fixture.touch("backup/update/todo")
    let stamp = "2026-03-05T100000Z"
    #expect(try fixture.text("backup/update/todo") == "\(stamp) manual: done, set \(stamp)\n")
    #expect(try fixture.text("backup/update/all") == "never\n")
    let table = try fixture.text("backup/backup.txt")
    #expect(table.contains("scheduler=never") && !table.contains("todo=never"), "\(table)")
    let writer = try office.open(
      "all", in: office.node("backup/update"), flags: [.write, .truncate]
    ).handle
    try tree.flush(writer, caller: office.caller, isInterrupted: { false })
    #expect(try fixture.names("backup/by-date").count == 1)
    try [UInt8("\n".utf8.first ?? 0)].withUnsafeBytes { try tree.write(writer, at: 0, $0) }
    try tree.flush(writer, caller: office.caller, isInterrupted: { false })
    try tree.flush(writer, caller: office.caller, isInterrupted: { false })
    tree.release(writer)
    #expect(try fixture.names("backup/by-date").count == 2)
    #expect(try fixture.text("backup/update/all").contains("manual: done, set "))
    let node = try office.node("backup/update/all")
    for change in [
      AttributeChange(mtime: 1), AttributeChange(permissions: 0o777), AttributeChange(owner: 1),
    ] {
      #expect(
        code {
          _ = try tree.change(node, handle: nil, to: change, caller: office.caller)
        } == (change.mtime == nil ? .readOnly : .invalid))
    }
    fixture.backups.repository.close()
    #expect(code { try fixture.touch("backup/update/all") } != nil)
    #expect(fixture.backups.notes.last(of: nil)?.failure != nil)
    #expect(fixture.backups.notes.last(of: .todo)?.failure != nil)
  }
}
