import ItemStore
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository

@Suite("Removal of a dropped set")
struct RemovalTests {
  @Test("A dropped set of which some rows are removed already is no damage to verify")
  func verifyHalfWay() throws {
    let fixture = try RepositoryFixture()
    var random = SeededGenerator(seed: 1)
    var items: [String: [UInt8]] = [:]
    for index in 0..<3_000 { items["key\(10_000 + index)"] = random.bytes(9) }
    for turn in 0..<3 {
      // Few enough for the cell to go on in its storage.
      for index in 0..<500 { items["key\(10_000 + index)"] = random.bytes(9) }
      try fixture.publish([.messages: items], as: "alice")
      try fixture.backUp(seconds: Int64(turn))
    }
    let repository = fixture.repository
    let set = try repository.sets()[1]
    // By now nothing is left to it that would go on with what is begun here.
    repository.sweeper.wait()
    let isMore = try repository.items.write(urgent: false) { connection throws(OfficeError) in
      try SetTable.save(set, .dropped, in: connection)
      let rows = try CellTable.doomed(
        Gap(chain: 0, before: set.number - 1, number: set.number, next: set.number + 1), limit: 9,
        in: connection)
      guard let cell = rows.first(where: { $0.area == .messages }) else { return false }
      return try !repository.remove(cell, in: connection)
    }
    #expect(isMore)
    #expect(try repository.verify { _, _ in } == [])
  }
}
