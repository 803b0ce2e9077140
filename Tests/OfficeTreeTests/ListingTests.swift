import OfficeModel
import OfficeTree
import TestSupport
import Testing

@Suite("Listings")
struct ListingTests {
  /// Lists a folder in steps of three entries; `change` runs after the first.
  private func names(
    of folder: NodeID, in office: TreeFixture, change: () throws -> Void
  ) throws -> [String] {
    let handle = try office.tree.openDirectory(folder, caller: office.caller)
    defer { office.tree.releaseDirectory(handle) }
    var entries = try office.tree.readDirectory(handle, from: 0, limit: 3)
    try change()
    while let last = entries.last {
      let next = try office.tree.readDirectory(handle, from: last.next, limit: 3)
      if next.isEmpty { break }
      entries += next
    }
    return entries.map { String(decoding: $0.name, as: UTF8.self) }
  }

  @Test(
    "A folder that is being listed shows all its entries once, though users change meanwhile",
    arguments: ["", "areas", "status", "undo"])
  func complete(path: String) throws {
    let office = try TreeFixture()
    for index in 0..<6 {
      try office.copy(TreeFixture.archive("u\(index)"), to: "u\(index).udb")
      try office.remove(
        "u\(index).udb", caller: Caller(pid: Int32(index + 1), uid: 0, gid: 0))
    }
    let folder = try office.node(path)
    let before = try office.names(folder).sorted()
    #expect(before.count > 4)
    let listed = try names(of: folder, in: office) {
      try office.copy(TreeFixture.archive("late"), to: "late.udb")
    }
    #expect(listed.count == Set(listed).count)
    #expect(before.allSatisfy(Set(listed).contains))
  }

  @Test("Users who are being written over stay in a listing that others' imports go on under")
  func written() throws {
    let office = try TreeFixture()
    let archive = try TreeFixture.archive("u")
    var handles: [UInt64] = []
    for index in 0..<8 {
      try office.copy(archive, to: "u\(index).udb")
      handles.append(try office.openToWrite("u\(index).udb"))
    }
    defer { for handle in handles { office.tree.release(handle) } }
    let listed = try names(of: office.users, in: office) {
      try office.copy(archive, to: "late.udb")
    }
    #expect(Set(listed).isSuperset(of: (0..<8).map { "u\($0).udb" }))
    #expect(listed.count == Set(listed).count)
  }
}
