import Foundation
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import ItemStore
@testable import LiveStore

@Suite("What a backup costs")
struct RepositoryCostTests {
  private static let itemsAUser = 1_000

  private static func key(_ index: Int) -> String { "event\(100_000 + index)@office" }

  /// Users of a thousand items each, one imported after the other.
  private static func fill(
    _ fixture: RepositoryFixture, users: Int, bytes: Int
  ) throws -> [[String: [UInt8]]] {
    var random = SeededGenerator(seed: 3)
    var office: [[String: [UInt8]]] = []
    for user in 0..<users {
      var items: [String: [UInt8]] = [:]
      for index in 0..<itemsAUser { items[key(index)] = random.bytes(bytes) }
      try fixture.publish([.scheduler: items], as: "user\(1_000 + user)")
      office.append(items)
    }
    return office
  }

  /// Changes a hundred items of each of the first ten users.
  private static func change(
    _ office: inout [[String: [UInt8]]], _ fixture: RepositoryFixture, bytes: Int, seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    for user in 0..<10 {
      for index in 0..<100 {
        office[user][key(index * 9 + user)] = random.bytes(
          Int.random(in: bytes / 2...bytes * 3 / 2, using: &random))
      }
      try fixture.publish([.scheduler: office[user]], as: "user\(1_000 + user)")
    }
  }

  /// What the backup of 1,000 changed items took, in the office and in the repository: steps of SQLite's machine, and
  /// pages that the repository wrote, with nothing in memory before.
  private struct Cost: CustomStringConvertible {
    var live: Int64
    var repository: Int64
    var pages: Int64
    var description: String { "live \(live), repository \(repository), \(pages) pages" }
  }

  private static func cost(users: Int) throws -> Cost {
    let fixture = try RepositoryFixture()
    var office = try fill(fixture, users: users, bytes: 120)
    try fixture.backUp()
    try change(&office, fixture, bytes: 120, seed: 4)
    try fixture.store.sweepNow()
    try fixture.repository.sweepNow()
    try fixture.reopenStore()
    try fixture.reopenRepository()
    let live = fixture.store.items.steps()
    let repository = fixture.repository.items.steps()
    let pages = fixture.repository.items.pages().written
    let result = try fixture.backUp(day: 20_001)
    #expect(result.set.changed == 1_000)
    return Cost(
      live: fixture.store.items.steps() - live,
      repository: fixture.repository.items.steps() - repository,
      pages: fixture.repository.items.pages().written - pages)
  }

  @Test("1,000 changed items cost the same among 10,000 as among 100,000")
  func costOfChanges() throws {
    let small = try Self.cost(users: 10)
    let large = try Self.cost(users: 100)
    #expect(Double(large.live) < 1.1 * Double(small.live), "\(small); \(large)")
    #expect(Double(large.repository) < 1.1 * Double(small.repository), "\(small); \(large)")
    #expect(Double(large.pages) < 1.5 * Double(small.pages), "\(small); \(large)")
  }

  @Test("A first backup writes 1.35 times the bytes of its items to the log, at 500 bytes an item")
  func firstBackup() throws {
    let fixture = try RepositoryFixture()
    let office = try Self.fill(fixture, users: 60, bytes: 500)
    let bytes = office.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } }
    try fixture.backUp()
    let written = fixture.repository.items.pages().written * Int64(ItemSchema.pageSize)
    #expect(Double(written) <= 1.35 * Double(bytes), "\(written) bytes for \(bytes)")
  }

  @Test("The file grows by at most 1.3 times the bytes that changed, at 500 bytes an item")
  func bytesAdded() throws {
    let fixture = try RepositoryFixture()
    // So many that most content is found by the table.
    var office = try Self.fill(fixture, users: 60, bytes: 500)
    try fixture.backUp()
    try fixture.reopenRepository()
    let before = try fixture.repository.fileSize
    var changed: Int64 = 0
    for round in 0..<6 {
      try Self.change(&office, fixture, bytes: 500, seed: UInt64(5 + round))
      changed += try fixture.backUp(day: 20_001 + Int64(round)).set.added
    }
    #expect((2_900_000...3_100_000).contains(changed))
    try fixture.reopenRepository()
    let added = try fixture.repository.fileSize - before
    #expect(Double(added) <= 1.3 * Double(changed), "\(added) bytes for \(changed)")
  }

  @Test("A backup of an office in which nothing changed adds a set and no rows of data")
  func nothingChanged() throws {
    let fixture = try RepositoryFixture()
    _ = try Self.fill(fixture, users: 3, bytes: 200)
    let first = try fixture.backUp()
    let second = try fixture.backUp(day: 20_001)
    #expect(second.set.changed == 0 && second.set.added == 0)
    #expect(second.set.number > first.set.number)
    let view = try fixture.repository.view(of: second.set)
    let old = try fixture.repository.view(of: first.set)
    #expect(try view.users() == old.users(), "one version of each file")
  }
}

extension Repository {
  /// Bytes of the database; its log is empty after it was opened anew.
  fileprivate var fileSize: Int {
    get throws {
      let attributes = try FileManager.default.attributesOfItem(atPath: path + "/backup.db")
      return (attributes[.size] as? Int) ?? 0
    }
  }
}
