import LiveStore
import OfficeArchive
import OfficeModel
import OfficeTree
import TestSupport
import Testing

@Suite("groups/")
struct GroupsTests {
  @Test("mkdir, touch, rm, rename and rmdir change groups, and a restart finds them so")
  func changes() throws {
    let office = try TreeFixture()
    let groups = try office.node("groups")
    try office.makeGroup("sales")
    try office.touchMember("sales", "alice")
    try office.touchMember("sales", "bob")
    try office.touchMember("sales", "bob")
    #expect(try office.names(office.node("groups/sales")) == ["alice", "bob"])
    let inode = try office.node("groups/sales/alice")
    #expect(code { try office.removeGroup("sales") } == .notEmpty)
    try office.remove("bob", in: office.node("groups/sales"))
    try office.tree.rename(
      Array("sales".utf8), in: groups, to: Array("verkauf".utf8), in: groups, flags: 0,
      caller: office.caller)
    #expect(try office.names(groups) == ["verkauf"])
    #expect(try office.node("groups/verkauf/alice") == inode)
    try office.reopen()
    #expect(try office.names(office.node("groups/verkauf")) == ["alice"])
    #expect(try office.node("groups/verkauf/alice") == inode)
    try office.remove("alice", in: office.node("groups/verkauf"))
    try office.removeGroup("verkauf")
    #expect(try office.names(groups) == [])
    #expect(try office.store.verify { _, _ in }.isEmpty)
  }

  @Test(
    "Rows 43 to 49: names that are no ids are refused, those that differ in case only are taken",
    arguments: ["", "-x", ".x", "a b", "ä", "a/b", "a\u{202E}b", String(repeating: "a", count: 65)])
  func names(_ name: String) throws {
    let office = try TreeFixture()
    #expect(code { try office.makeGroup(name) } == .invalid)
    try office.makeGroup("Sales")
    #expect(code { try office.makeGroup("sales") } == .exists)
    try office.touchMember("Sales", "Alice")
    #expect(code { try office.touchMember("Sales", "alice") } == .exists)
    // With a leading dot it is a tool's temporary file.
    #expect(
      code { try office.touchMember("Sales", name) } == (name.hasPrefix(".") ? nil : .invalid))
    #expect(code { try office.touchMember("Sales", String(repeating: "a", count: 256)) } != nil)
    #expect(try office.names(office.node("groups/Sales")).contains("Alice"))
  }

  @Test("A member's file has no content, and there is nothing but groups and members")
  func refusals() throws {
    let office = try TreeFixture()
    try office.makeGroup("sales")
    let sales = try office.node("groups/sales")
    #expect(code { try office.copy([1], to: "alice", in: sales) } == .invalid)
    #expect(try office.names(sales) == [])
    try office.touchMember("sales", "alice")
    #expect(code { try office.copy([1], to: "alice", in: sales) } == .invalid)
    #expect(code { try office.copy([], to: "file", in: office.node("groups")) } == .invalid)
    #expect(
      code {
        _ = try office.tree.makeDirectory(
          Array("inner".utf8), in: sales, permissions: 0o755, caller: office.caller)
      } == .invalid)
    #expect(
      code {
        try office.tree.rename(
          Array("alice".utf8), in: sales, to: Array("alice~".utf8), in: sales, flags: 0,
          caller: office.caller)
      } == .invalid)
    #expect(
      code {
        try office.tree.rename(
          Array("alice".utf8), in: sales, to: Array("alice.udb".utf8), in: office.users, flags: 0,
          caller: office.caller)
      } == .crossDevice)
    #expect(try office.names(sales) == ["alice"])
  }

  @Test("A temporary file that is renamed to an id becomes a member, as rsync does it")
  func temporaryFiles() throws {
    let office = try TreeFixture()
    try office.makeGroup("sales")
    let sales = try office.node("groups/sales")
    try office.copy([], to: ".alice.Xy12ab", in: sales)
    #expect(try office.store.undoGroups().isEmpty)
    try office.tree.rename(
      Array(".alice.Xy12ab".utf8), in: sales, to: Array("alice".utf8), in: sales, flags: 0,
      caller: office.caller)
    #expect(try office.names(sales) == ["alice"])
    #expect(code { try office.copy([7], to: ".bob.Xy12ab", in: sales) } == .invalid)
  }

  @Test("What one process changes is one entry of undo, which shows groups as they were before")
  func undo() throws {
    let office = try TreeFixture()
    try office.makeGroup("sales")
    for id in ["alice", "bob"] { try office.touchMember("sales", id) }
    let other = Caller(pid: 1, uid: 0, gid: 0)
    let sales = try office.node("groups/sales")
    for id in ["alice", "bob"] {
      try office.tree.remove(Array(id.utf8), in: sales, caller: other)
    }
    try office.tree.removeDirectory(
      Array("sales".utf8), in: office.node("groups"), caller: other)
    let entries = try office.names(office.node("undo")).sorted()
    // The first change of all had nothing before it.
    #expect(entries.count == 2)
    let last = try #require(entries.last)
    #expect(last.hasSuffix("_groups-2") || last.hasSuffix("_groups"))
    #expect(try office.names(office.node("undo/\(last)")) == ["groups", "settings"])
    #expect(try office.names(office.node("undo/\(last)/groups/sales")) == ["alice", "bob"])
    let past = try office.node("undo/\(last)/groups/sales")
    #expect(code { try office.copy([], to: "eve", in: past) } == .readOnly)
    #expect(
      code { try office.tree.remove(Array("bob".utf8), in: past, caller: other) } == .readOnly)
  }

  @Test("Random operations leave groups as they leave a dictionary", arguments: 1...10)
  func model(seed: UInt64) throws {
    let office = try TreeFixture()
    var random = SeededGenerator(seed: seed)
    var model: [String: Set<String>] = [:]
    let groups = try office.node("groups")
    for step in 0..<150 {
      let group = "group\(Int.random(in: 0..<4, using: &random))"
      let id = "user\(Int.random(in: 0..<6, using: &random))"
      let failure: ErrorCode?
      let expected: ErrorCode?
      switch Int.random(in: 0..<12, using: &random) {
      case 0, 1:
        failure = code { try office.makeGroup(group) }
        expected = model[group] == nil ? nil : .exists
        model[group] = model[group] ?? []
      case 2:
        failure = code { try office.removeGroup(group) }
        expected = model[group].map { $0.isEmpty ? nil : .notEmpty } ?? .notFound
        if model[group]?.isEmpty ?? false { model[group] = nil }
      case 3:
        let other = "group\(Int.random(in: 0..<4, using: &random))"
        failure = code {
          try office.tree.rename(
            Array(group.utf8), in: groups, to: Array(other.utf8), in: groups, flags: 0,
            caller: office.caller)
        }
        expected =
          model[group] == nil
          ? .notFound : group == other || model[other]?.isEmpty ?? true ? nil : .notEmpty
        if expected == nil, group != other {
          model[other] = model[group]
          model[group] = nil
        }
      case 4, 5:
        failure = code { try office.remove(id, in: office.node("groups/\(group)")) }
        expected = model[group]?.remove(id) == nil ? .notFound : nil
      case 6:
        try office.reopen()
        continue
      default:
        failure = code { try office.touchMember(group, id) }
        expected = model[group] == nil ? .notFound : nil
        model[group]?.insert(id)
      }
      #expect(failure == expected, "seed \(seed) step \(step)")
      var found: [String: Set<String>] = [:]
      for name in try office.names(office.node("groups")) {
        found[name] = Set(try office.names(office.node("groups/\(name)")))
      }
      #expect(found == model, "seed \(seed) step \(step)")
    }
    #expect(try office.store.verify { _, _ in }.isEmpty, "seed \(seed)")
  }
}
