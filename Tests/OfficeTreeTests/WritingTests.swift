import OfficeModel
import OfficeTree
import TestSupport
import Testing

@Suite("Files being written")
struct WritingTests {
  @Test("A second writer on one name is EBUSY, and the first goes on")
  func secondWriter() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "in")
    let handle = try office.openToWrite("alice.udb")
    #expect(code { _ = try office.open("alice.udb", flags: [.write, .truncate]) } == .busy)
    try bytes.withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(isEqual(try office.read("alice.udb"), bytes))
  }

  @Test("Row 27: an empty copy is refused, touch adds an empty user")
  func emptyFiles() throws {
    let office = try TreeFixture()
    #expect(code { try office.copy([], to: "alice.udb") } == .badArchive)
    #expect(try office.names().isEmpty)
    let (attributes, opened) = try office.tree.create(
      Array("bob.udb".utf8), in: office.users, flags: [.write], permissions: 0o644,
      caller: office.caller)
    try office.tree.flush(opened.handle, caller: office.caller, isInterrupted: { false })
    _ = try office.tree.change(
      attributes.node, handle: opened.handle, to: AttributeChange(mtimeIsNow: true),
      caller: office.caller)
    try office.tree.flush(opened.handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(opened.handle)
    #expect(try office.names() == ["bob.udb"])
    #expect(try office.read("bob.udb").count == Int(office.list()[0].attributes.size))
  }

  @Test("Row 27: a copy of an empty file over a user is refused at close, and the user stays")
  func emptyOverUser() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "in")
    try office.copy(bytes, to: "alice.udb")
    #expect(code { try office.copy([], to: "alice.udb") } == .badArchive)
    #expect(isEqual(try office.read("alice.udb"), bytes))
    #expect(office.store.commit == 1)
  }

  @Test("A damaged archive is refused when its time is set, since bsdtar does not look at close")
  func refusedAtTime() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "in")
    try office.copy(bytes, to: "alice.udb")
    var flipped = bytes
    flipped[700] ^= 1
    for bad in [flipped, Array(bytes.dropLast(2000))] {
      let handle = try office.openToWrite("alice.udb")
      let node = try office.node("users/alice.udb")
      let time = AttributeChange(mtime: 1_234_567_890_000_000_000)
      _ = try office.tree.change(node, handle: nil, to: time, caller: office.caller)
      try bad.withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
      let other = Caller(pid: 1, uid: 0, gid: 0)
      _ = try office.tree.change(node, handle: nil, to: time, caller: other)
      for _ in 0..<2 {
        #expect(
          code { _ = try office.tree.change(node, handle: nil, to: time, caller: office.caller) }
            == .badArchive)
      }
      #expect(
        code { try office.tree.flush(handle, caller: office.caller, isInterrupted: { false }) }
          == .badArchive)
      office.tree.release(handle)
      #expect(isEqual(try office.read("alice.udb"), bytes))
    }
  }

  @Test("What is written after the time was set is published, and nothing before the close")
  func writesAfterTime() throws {
    let office = try TreeFixture()
    let first = try TreeFixture.archive("alice", status: "in")
    let second = try TreeFixture.archive("alice", status: "on")
    let handle = try office.openToWrite("alice.udb")
    let node = try office.node("users/alice.udb")
    for bytes in [first, second] {
      try bytes.withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
      _ = try office.tree.change(
        node, handle: nil, to: AttributeChange(mtime: 1_234_567_890_000_000_000),
        caller: office.caller)
      #expect(office.store.commit == 0)
    }
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(isEqual(try office.read("alice.udb"), second))
    #expect(office.store.commit == 1)
    #expect(try office.list()[0].attributes.mtime == 1_234_567_890_000_000_000)
  }

  @Test("Row 92: a copy killed half-way imports nothing; its partial file is gone at release")
  func killed() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", rows: ["2026-01-05,08:00,16:00"])
    try office.copy(bytes, to: "alice.udb")
    let longer = try TreeFixture.archive("alice", rows: ["2026-01-06,08:00,16:00"])
    let handle = try office.openToWrite("alice.udb")
    try Array(longer.prefix(3000)).withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
    #expect(
      code { try office.tree.flush(handle, caller: office.caller, isInterrupted: { false }) }
        == .badArchive)
    office.tree.release(handle)
    #expect(isEqual(try office.read("alice.udb"), bytes))
  }

  @Test("A partial flush by another process is no error; the opener's is")
  func partialByAnother() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "out")
    let handle = try office.openToWrite("alice.udb")
    try Array(bytes.prefix(1000)).withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
    let other = Caller(pid: 1, uid: 0, gid: 0)
    try office.tree.flush(handle, caller: other, isInterrupted: { false })
    try Array(bytes.dropFirst(1000)).withUnsafeBytes { try office.tree.write(handle, at: 1000, $0) }
    try office.tree.flush(handle, caller: other, isInterrupted: { false })
    office.tree.release(handle)
    #expect(isEqual(try office.read("alice.udb"), bytes))
  }

  @Test("Row 93: writes out of order are taken if the whole is right")
  func outOfOrder() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", rows: (10...28).map { "2026-01-\($0),08:00,9:00" })
    let handle = try office.openToWrite("alice.udb")
    var random = SeededGenerator(seed: 4)
    for start in stride(from: 0, to: bytes.count, by: 700).shuffled(using: &random) {
      try Array(bytes[start...].prefix(700)).withUnsafeBytes {
        try office.tree.write(handle, at: Int64(start), $0)
      }
    }
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(isEqual(try office.read("alice.udb"), bytes))
  }

  @Test("Writing into the middle of a published file starts from its bytes (rsync --inplace, >>)")
  func inPlace() throws {
    let office = try TreeFixture()
    let old = try TreeFixture.archive("alice", rows: ["2026-01-05,08:00,16:00"])
    let new = try TreeFixture.archive("alice", rows: ["2026-01-05,09:00,16:00"])
    try #require(old.count == new.count)
    try office.copy(old, to: "alice.udb")
    let handle = try office.open("alice.udb", flags: .write).handle
    #expect(office.tree.mayBlock(writing: handle))
    for index in old.indices where old[index] != new[index] {
      try [new[index]].withUnsafeBytes { try office.tree.write(handle, at: Int64(index), $0) }
    }
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(isEqual(try office.read("alice.udb"), new))
  }

  @Test("Opening for writing and closing without a write changes nothing (GIO's probe)")
  func probe() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "in")
    try office.copy(bytes, to: "alice.udb")
    let before = try office.node("users/alice.udb")
    let handle = try office.open("alice.udb", flags: .write).handle
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(try office.node("users/alice.udb") == before)
    #expect(office.store.commit == 1)
  }

  @Test("Row 38: importing the same bytes again makes no new version")
  func sameBytes() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "in")
    try office.copy(bytes, to: "alice.udb")
    let before = try office.node("users/alice.udb")
    try office.copy(bytes, to: "alice.udb")
    #expect(try office.node("users/alice.udb") == before)
    #expect(try office.names(office.node("undo")).isEmpty)
  }

  @Test("Row 33: the target is the name copied to, inside too")
  func otherName() throws {
    let office = try TreeFixture()
    try office.copy(try TreeFixture.archive("alice", status: "in"), to: "bob.udb")
    #expect(isEqual(try office.read("bob.udb"), try TreeFixture.archive("bob", status: "in")))
  }

  @Test("Rename gives the user's own record the new id, and undo holds the old one")
  func rename() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "in")
    try office.copy(bytes, to: "alice.udb")
    try office.rename("alice.udb", to: "alicia.udb")
    #expect(isEqual(try office.read("alicia.udb"), try TreeFixture.archive("alicia", status: "in")))
    let groups = try office.names(office.node("undo"))
    #expect(groups.count == 1 && groups[0].hasSuffix("_rename"))
    let group = try office.node("undo/\(groups[0])")
    #expect(isEqual(try office.read("alice.udb", in: group), bytes))
  }

  @Test(
    "A writer who has the node from before a rename, or two, finds a file at the second look",
    arguments: [["bob"], ["carol", "bob"], ["carol", "alice"], ["carol", "dave", "alice"]])
  func writesAfterRename(names: [String]) throws {
    let office = try TreeFixture()
    let last = try #require(names.last)
    let bytes = try TreeFixture.archive(last, status: "in")
    try office.copy(try TreeFixture.archive("alice"), to: "alice.udb")
    let old = try office.node("users/alice.udb")
    for (name, next) in zip(["alice"] + names, names) {
      try office.rename("\(name).udb", to: "\(next).udb")
    }
    let flags: OpenFlags = [.write, .truncate]
    #expect(
      code { _ = try office.tree.open(old, flags: flags, caller: office.caller) } == .stale)
    let new = try office.node("users/\(last).udb")
    let handle = try office.tree.open(new, flags: flags, caller: office.caller).handle
    try bytes.withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(isEqual(try office.read("\(last).udb"), bytes))
    #expect(try office.names() == ["\(last).udb"])
  }

  @Test("A process that unlinks a user and is then refused gets the user put back (mv, tar -x)")
  func putBack() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "in")
    try office.copy(bytes, to: "alice.udb")
    let before = try office.list()[0].attributes
    try office.remove("alice.udb", caller: office.caller)
    #expect(try office.names().isEmpty)
    #expect(code { try office.copy(Array(bytes.dropLast(9)), to: "alice.udb") } == .badArchive)
    #expect(isEqual(try office.read("alice.udb"), bytes))
    #expect(try office.list()[0].attributes.mtime == before.mtime)
    #expect(try office.store.verify { _, _ in }.isEmpty)
    try office.remove("alice.udb")
    #expect(code { try office.copy(Array(bytes.dropLast(9)), to: "alice.udb") } == .badArchive)
    #expect(try office.names().isEmpty)
  }

  @Test("A time set on an existing user through a descriptor is kept, and no version is made")
  func touchesExisting() throws {
    let office = try TreeFixture()
    try office.copy(try TreeFixture.archive("alice", status: "in"), to: "alice.udb")
    let before = try office.node("users/alice.udb")
    let handle = try office.open("alice.udb", flags: .write).handle
    let node = try office.node("users/alice.udb")
    _ = try office.tree.change(
      node, handle: handle, to: AttributeChange(mtime: 1_577_836_800_000_000_000),
      caller: office.caller)
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(try office.node("users/alice.udb") == before)
    #expect(try office.list()[0].attributes.mtime == 1_577_836_800_000_000_000)
  }

  @Test("A listing that is read in pieces never shows a version that has gone meanwhile")
  func listsAnew() throws {
    let office = try TreeFixture()
    for id in ["a", "b", "c"] { try office.copy(try TreeFixture.archive(id), to: "\(id).udb") }
    let handle = try office.tree.openDirectory(office.users, caller: office.caller)
    defer { office.tree.releaseDirectory(handle) }
    let first = try office.tree.readDirectory(handle, from: 0, limit: 1)
    try office.copy(try TreeFixture.archive("b", status: "out"), to: "b.udb")
    try office.remove("c.udb")
    let rest = try office.tree.readDirectory(handle, from: first[0].next, limit: 10)
    #expect(rest.map(\.name) == [Array("b.udb".utf8)])
    #expect(try rest[0].attributes.node == office.node("users/b.udb"))
  }

  @Test("A user onto a temporary name is EINVAL and the user stays (cp -b, rsync -b)")
  func backupSuffix() throws {
    let office = try TreeFixture()
    try office.copy(try TreeFixture.archive("alice"), to: "alice.udb")
    #expect(code { try office.rename("alice.udb", to: "alice.udb~") } == .invalid)
    #expect(try office.names() == ["alice.udb"])
  }

  @Test("The time set on a descriptor before close is the file's time")
  func times() throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice")
    let handle = try office.openToWrite("alice.udb")
    let node = try office.node("users/alice.udb")
    try bytes.withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
    _ = try office.tree.change(
      node, handle: handle, to: AttributeChange(mtime: 1_234_567_890_123_456_789),
      caller: office.caller)
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(try office.list()[0].attributes.mtime == 1_234_567_890_123_456_789)
  }

  @Test("ftruncate to 999999999999999 is EFBIG")
  func hugeTruncate() throws {
    let office = try TreeFixture()
    let handle = try office.openToWrite("alice.udb")
    let node = try office.node("users/alice.udb")
    #expect(
      code {
        _ = try office.tree.change(
          node, handle: handle, to: AttributeChange(size: 999_999_999_999_999),
          caller: office.caller)
      } == .tooLarge)
    office.tree.release(handle)
  }
}
