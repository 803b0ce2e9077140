import OfficeModel
import OfficeTree
import TestSupport
import Testing

@Suite("The tree against a dictionary")
struct TreeModelTests {
  @Test("Random operations leave the tree as they leave a dictionary", arguments: [1, 2, 3])
  func randomOperations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let office = try TreeFixture()
    var model: [String: [UInt8]] = [:]
    let ids = ["alice", "bob", "carol", "dave", "Erin"]
    /// Handles opened earlier, with what they must read to the end.
    var readers: [(handle: UInt64, bytes: [UInt8])] = []
    for step in 0..<1_200 {
      let comment: Comment = "seed \(seed) step \(step)"
      let id = ids.randomElement(using: &random) ?? "alice"
      let name = "\(id).udb"
      switch Int.random(in: 0..<12, using: &random) {
      case 0...2:
        let bytes = try Self.randomArchive(id, &random)
        try office.copy(bytes, to: name, piece: Int.random(in: 100...9_000, using: &random))
        model[id] = bytes
      case 3:
        let bytes = try Self.randomArchive(id, &random)
        try office.copy(bytes, to: ".\(name).Ab12xY")
        #expect(try office.names().contains(".\(name).Ab12xY"), comment)
        try office.rename(".\(name).Ab12xY", to: name)
        model[id] = bytes
      case 4:
        var bytes = try Self.randomArchive(id, &random)
        bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
        #expect(code { try office.copy(bytes, to: name) } == .badArchive, comment)
      case 5:
        var bytes = try Self.randomArchive(id, &random)
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 0xFF
        #expect(code { try office.copy(bytes, to: name) } == .badArchive, comment)
      case 6:
        let failure = code { try office.remove(name) }
        #expect(failure == (model[id] == nil ? .notFound : nil), comment)
        model[id] = nil
      case 7:
        let other = ids.randomElement(using: &random) ?? "bob"
        let failure = code { try office.rename(name, to: "\(other).udb") }
        if model[id] == nil {
          #expect(failure == .notFound, comment)
        } else if other == id {
          #expect(failure == nil, comment)
        } else if model[other] != nil {
          #expect(failure == .exists, comment)
        } else {
          #expect(failure == nil, comment)
          model[other] = try office.read("\(other).udb")
          model[id] = nil
        }
      case 8:
        guard model[id] != nil else { continue }
        let mtime = Int64.random(in: 0...2_000_000_000_000_000_000, using: &random)
        let node = try office.node("users/\(name)")
        let shown = try office.tree.change(
          node, handle: nil, to: AttributeChange(mtime: mtime), caller: office.caller)
        #expect(shown.mtime == mtime, comment)
        #expect(try office.node("users/\(name)") == node, comment)
      case 9:
        guard let bytes = model[id], readers.count < 20 else { continue }
        readers.append((try office.open(name).handle, bytes))
      case 10:
        guard !readers.isEmpty else { continue }
        let reader = readers.remove(at: Int.random(in: 0..<readers.count, using: &random))
        #expect(isEqual(try office.readAll(reader.handle), reader.bytes), comment)
        office.tree.release(reader.handle)
      default:
        guard let bytes = model[id] else {
          #expect(code { _ = try office.read(name) } == .notFound, comment)
          continue
        }
        #expect(isEqual(try office.read(name), bytes), comment)
      }
      if step % 40 == 0 { try Self.compare(office, model, comment) }
    }
    for reader in readers {
      #expect(isEqual(try office.readAll(reader.handle), reader.bytes), "seed \(seed)")
    }
    try Self.compare(office, model, "seed \(seed) at the end")
    #expect(try office.store.verify { _, _ in }.isEmpty, "seed \(seed)")
  }

  private static func compare(
    _ office: TreeFixture, _ model: [String: [UInt8]], _ comment: Comment
  ) throws {
    let listed = try office.list()
    #expect(
      listed.map { String(decoding: $0.name, as: UTF8.self) }
        == model.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map {
          "\($0).udb"
        }, comment)
    for entry in listed {
      let name = String(decoding: entry.name, as: UTF8.self)
      let bytes = try office.read(name)
      #expect(isEqual(bytes, model[String(name.dropLast(4))]), comment)
      #expect(entry.attributes.size == Int64(bytes.count), comment)
      let found = try office.tree.lookup(entry.name, in: office.users, caller: office.caller)
      #expect(found == entry.attributes, comment)
    }
  }

  private static func randomArchive(
    _ id: String, _ random: inout SeededGenerator
  ) throws -> [UInt8] {
    let rows = (1...28).filter { _ in Bool.random(using: &random) }.map { day in
      "2026-02-\(day < 10 ? "0" : "")\(day),0\(Int.random(in: 6...9, using: &random)):00,16:00"
    }
    return try TreeFixture.archive(
      id, rows: rows, status: ["in", "out", nil].randomElement(using: &random) ?? nil,
      mtime: Int64.random(in: 0...2_000_000_000, using: &random))
  }
}
