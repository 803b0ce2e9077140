import BackupRepository
import Foundation
import GRDB
import OfficeModel
import Synchronization
import TestSupport
import Testing

@Suite("After a backup that failed")
struct FailedBackupTests {
  private static func items(_ count: Int, seed: UInt64) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    var items: [String: [UInt8]] = [:]
    for index in 0..<count { items["key\(10_000 + index)"] = random.bytes(200) }
    return items
  }

  @Test("What a failed backup could not clear away, as on a full disk, is in no later set")
  func leftovers() throws {
    let fixture = try RepositoryFixture()
    var items = Self.items(30, seed: 1)
    try fixture.publish([.messages: items], as: "alice")
    let first = try fixture.backUp()
    items["key10005"] = [9, 9]
    items["key10006"] = nil
    try fixture.publish([.messages: items], as: "alice")
    let many = Self.items(20_000, seed: 2)
    try fixture.publish([.messages: many], as: "bob")
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    let queue = try DatabaseQueue(
      path: fixture.folder + "/backup/backup.db", configuration: configuration)
    let calls = Atomic<Int>(0)
    let feed = HookedFeed(try fixture.store.view()) { call throws(OfficeError) in
      guard call == "items", calls.wrappingAdd(1, ordering: .relaxed).newValue == 19 else { return }
      // Alice's cell is stored by now, and from here on nothing can be removed.
      try? queue.write {
        try $0.execute(
          sql: """
            CREATE TRIGGER full BEFORE DELETE ON cell BEGIN SELECT RAISE(ABORT, 'as told'); END
            """)
      }
      throw OfficeError(.noSpace, "as told")
    }
    let isKnown = try fixture.store.beginBackup(77, after: first.set.backup)
    let error = #expect(throws: OfficeError.self) {
      try fixture.repository.backUp(
        feed,
        BackupPlan(process: "manual", seconds: 1, day: 20_001, name: 77, isKnown: isKnown))
    }
    #expect(error?.code == .noSpace)
    let left = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM cell") }
    #expect(try #require(left) > 9)
    try queue.write { try $0.execute(sql: "DROP TRIGGER full") }
    try queue.close()

    let result = try fixture.backUp(day: 20_001)
    #expect(result.defects == [])
    let view = try fixture.repository.view(of: result.set)
    for (id, expected) in ["alice": items, "bob": many] {
      let document = try RepositoryFixture.document(view, id, .messages)
      #expect(document == RepositoryFixture.document(of: expected), "\(id)")
    }
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test("A user's file that areas' updates change one by one is of another second in each set")
  func times() throws {
    let fixture = try RepositoryFixture()
    let areas: [Area] = [.scheduler, .messages, .todo, .addresses]
    try fixture.publish([.timesheet: Self.items(1, seed: 1)], as: "alice")
    try fixture.backUp()
    for (index, area) in areas.enumerated() {
      try fixture.publish([area: Self.items(2, seed: UInt64(index))], as: "alice")
    }
    var times: [Int64] = []
    for area in areas {
      let view = try fixture.repository.view(of: try fixture.backUp([area]).set)
      times.append(try #require(try view.user(UserID("alice"))).mtime)
    }
    let seconds = times.map { $0 / 1_000_000_000 }
    #expect(times == times.sorted() && Set(seconds).count == times.count, "\(times)")
  }
}
