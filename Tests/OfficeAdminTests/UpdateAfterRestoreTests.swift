import Foundation
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import OfficeAdmin

@Suite("An area's update after a restore")
struct UpdateAfterRestoreTests {
  private static let ids = ["alice", "bob", "carol", "dave"]

  /// Some changes of an office: cells replaced, users deleted and added.
  private static func change(
    _ office: RestoreOffice, _ random: inout SeededGenerator
  ) throws {
    for id in ids where Bool.random(using: &random) {
      if try office.store.user(UserID(id)) != nil, Int.random(in: 0..<4, using: &random) == 0 {
        try office.store.delete(UserID(id), by: "test")
        continue
      }
      for area in [Area.todo, .messages, .addresses] where Bool.random(using: &random) {
        var items: [String: [UInt8]] = [:]
        for key in 0..<Int.random(in: 0..<6, using: &random) {
          items["\(key)"] = random.bytes(Int.random(in: 1...9_000, using: &random))
        }
        try office.put(
          items, in: area, of: id, mtime: Int64.random(in: 1...3, using: &random))
      }
    }
  }

  private static func keep(_ office: RestoreOffice) throws -> BackupSet {
    office.office.clock += 60
    return try office.office.backups.runner.backUpBeforeRestore(
      keptFor: 1_000_000, caller: "test", isCancelled: { false }
    ).set
  }

  private static func update(_ areas: Set<Area>, _ office: RestoreOffice) throws -> BackupSet {
    office.office.clock += 60
    return try office.office.backups.runner.backUp(areas, process: "manual", caller: "test").set
  }

  @Test(
    "It shows the other areas as the set in the slot does, as though the restore had kept nothing",
    arguments: 1...12)
  func others(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let office = try RestoreOffice()
    let repository = office.office.repository
    for id in Self.ids { try office.put([id: random.bytes(20)], of: id) }
    var base = seed % 4 == 0 ? nil : try office.backUp()
    var known: [(BackupSet, [String: Digest])] = []
    for _ in 0..<4 {
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        try Self.change(office, &random)
        let kept = try Self.keep(office)
        known.append((kept, try RestoreOffice.contents(of: repository.view(of: kept))))
      }
      try Self.change(office, &random)
      let areas: Set<Area> = [.todo, .scheduler]
      var expected: [String: Digest] = [:]
      var olderAreas: [SetArea] = []
      if let base {
        expected = try RestoreOffice.contents(of: repository.view(of: base))
        olderAreas = try repository.areas(of: base)
      }
      let nothing = Digest(of: Array("0 ".utf8))
      let live = try office.contents()
      for area in areas {
        for id in Self.ids { expected["\(id)/\(area.name)"] = live["\(id)/\(area.name)"] }
      }
      let set = try Self.update(areas, office)
      let shown = try RestoreOffice.contents(of: repository.view(of: set))
      for id in Self.ids {
        for area in Area.allCases {
          let key = "\(id)/\(area.name)"
          #expect(
            shown[key] ?? nothing == expected[key] ?? nothing, "seed \(seed): \(key)")
        }
      }
      for (area, older) in zip(try repository.areas(of: set), olderAreas)
      where !areas.contains(area.area) {
        #expect(area.updated == older.updated && area.sums == older.sums, "seed \(seed)")
      }
      for (kept, contents) in known {
        #expect(
          try RestoreOffice.contents(of: repository.view(of: kept)) == contents, "seed \(seed)")
      }
      base = set
      if Bool.random(using: &random) {
        base = try office.backUp()
        #expect(
          try RestoreOffice.contents(of: repository.view(of: #require(base))) == office.contents(),
          "seed \(seed)")
      }
    }
    office.office.clock += 3_000_000
    _ = try office.backUp()
    repository.sweep()
    repository.sweeper.wait()
    try office.verify()
  }
}
