import OfficeModel
import OfficeTree
import TestSupport
import Testing

@Suite("Names in users/")
struct NamesTests {
  private func created(_ name: [UInt8]) throws -> ErrorCode? {
    let office = try TreeFixture()
    return code {
      let (_, opened) = try office.tree.create(
        name, in: office.users, flags: .write, permissions: 0o600, caller: office.caller)
      office.tree.release(opened.handle)
    }
  }

  @Test(
    "Rows 41-45 and 49: names that are no ids are EINVAL, inside temporary names too",
    arguments: [
      "alice", "alice.txt", "al ice.udb", "-alice.udb", "älice.udb", ".ülice.udb.Ab12xY",
      "a\nb.udb", "a\u{202E}b.udb", ".a b.udb.XXXXXX", "-a.udb.part", "notes.udb.bak", "x",
    ])
  func refused(name: String) throws { #expect(try created(Array(name.utf8)) == .invalid) }

  @Test("Rows 43-44: invalid and overlong UTF-8 in names is EINVAL")
  func invalidBytes() throws {
    #expect(try created([0x61, 0xFF] + Array(".udb".utf8)) == .invalid)
    #expect(try created([0xC0, 0xAF] + Array(".udb".utf8)) == .invalid)
    #expect(try created([0x61, 0x00] + Array(".udb".utf8)) == .invalid)
  }

  @Test("Row 47: a name of 256 bytes is ENAMETOOLONG")
  func long() throws {
    #expect(try created([UInt8](repeating: 0x61, count: 256)) == .nameTooLong)
  }

  @Test(
    "Row 50: tools' temporary names are kept and never imported by themselves",
    arguments: [
      "alice.udb~", ".alice.udb.swp", "alice.udb.part", ".alice.udb.Xy12Zw",
      ".goutputstream-ABC123",
      "sedAb12xY", "4913", "alice.udb.tmp", "alice.udb.filepart", ".alice.udb",
    ])
  func scratch(name: String) throws {
    let office = try TreeFixture()
    let bytes = try TreeFixture.archive("alice", status: "in")
    try office.copy(bytes, to: name)
    #expect(try office.names() == [name])
    #expect(try office.store.users(after: "", limit: 10).users.isEmpty)
    try office.rename(name, to: "alice.udb")
    #expect(try office.names() == ["alice.udb"])
    #expect(isEqual(try office.read("alice.udb"), bytes))
  }

  @Test("Row 46: two ids that differ in case only are EEXIST")
  func caseTwins() throws {
    let office = try TreeFixture()
    try office.copy(try TreeFixture.archive("alice"), to: "alice.udb")
    #expect(code { try office.copy(try TreeFixture.archive("Alice"), to: "Alice.udb") } == .exists)
    try office.copy(try TreeFixture.archive("Alice"), to: ".Alice.udb.Xy12Zw")
    #expect(code { try office.rename(".Alice.udb.Xy12Zw", to: "Alice.udb") } == .exists)
    try office.rename("alice.udb", to: "Alice.udb")
    #expect(try office.names().contains("Alice.udb"))
  }

  @Test("Read-only places are EROFS for whoever gets past the modes")
  func readOnly() throws {
    let office = try TreeFixture()
    for folder in ["", "areas", "undo", "status"] {
      let node = try office.node(folder)
      #expect(
        code {
          _ = try office.tree.create(
            Array("x.udb".utf8), in: node, flags: .write, permissions: 0o600,
            caller: office.caller)
        } == .readOnly)
      #expect(code { try office.remove("x", in: node) } == .readOnly)
      #expect(
        code {
          _ = try office.tree.makeDirectory(
            Array("x".utf8), in: node, permissions: 0o700, caller: office.caller)
        } == .readOnly)
    }
    for file in ["README.txt", "areas/todo.odb", "status/health.txt"] {
      let node = try office.node(file)
      #expect(
        code { _ = try office.tree.open(node, flags: .write, caller: office.caller) } == .readOnly)
    }
  }
}
