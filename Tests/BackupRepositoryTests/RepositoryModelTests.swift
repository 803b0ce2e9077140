import BackupRepository
import Foundation
import OfficeModel
import TestSupport
import Testing

/// What sets are expected to show, kept in dictionaries.
private struct SetModel {
  var columns: [Area: [String: [String: [UInt8]]]] = [:]

  mutating func update(_ areas: Set<Area>, from office: RepositoryFixture.Office) {
    for area in areas { columns[area] = office.mapValues { $0[area] ?? [:] } }
  }

  var ids: Set<String> { Set(columns.values.flatMap(\.keys)) }
}

@Suite("The repository against a dictionary")
struct RepositoryModelTests {
  private static let areas: [Area] = [.scheduler, .messages, .todo]
  private static let ids = ["alice", "bob", "carol", "dave"]

  @Test(
    "Random backups, rotations, holds, drops, uploads and removals: every kept set reads exactly",
    arguments: 1...30)
  func randomSets(group: Int) throws {
    // OFFICEFS_SEEDS=5 runs all 150 seeds, which takes minutes.
    let count = ProcessInfo.processInfo.environment["OFFICEFS_SEEDS"].flatMap { Int($0) } ?? 1
    for index in 0..<count { try Self.run(seed: UInt64(index * 30 + group)) }
  }

  private static func run(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let fixture = try RepositoryFixture()
    var office: RepositoryFixture.Office = [:]
    var latest = SetModel()
    var models: [Int64: SetModel] = [:]
    var opened: [(view: SetView, model: SetModel)] = []
    var day: Int64 = 20_000
    for step in 0..<100 {
      let comment: Comment = "seed \(seed) step \(step)"
      let id = ids.randomElement(using: &random) ?? "alice"
      switch Int.random(in: 0..<24, using: &random) {
      case 0...8:
        let area = areas.randomElement(using: &random) ?? .messages
        let items = Self.edited(office[id]?[area] ?? [:], &random)
        try fixture.publish([area: items], as: id)
        office[id, default: [:]][area] = items
      case 9:
        guard office[id] != nil else { continue }
        try fixture.store.delete(UserID(id), by: "test", group: 1)
        office[id] = nil
      case 10:
        let other = ids.randomElement(using: &random) ?? "bob"
        guard let cells = office[id], office[other] == nil else { continue }
        _ = try fixture.store.rename(UserID(id), to: UserID(other), by: "test")
        office[other] = cells
        office[id] = nil
      case 11...15:
        var chosen = Set(Area.allCases)
        if Int.random(in: 0..<3, using: &random) == 0 {
          chosen = [areas.randomElement(using: &random) ?? .todo]
        }
        if Bool.random(using: &random) { day += 1 }
        // A crash after the repository's commit leaves the office with the name it expected.
        let result = try fixture.backUp(
          chosen, day: day, seconds: Int64(step),
          finishing: Int.random(in: 0..<5, using: &random) > 0)
        #expect(result.defects == [], comment)
        latest.update(chosen, from: office)
        models[result.set.number] = latest
        #expect(try fixture.repository.sets().contains(result.set), comment)
      case 16:
        let own = try fixture.repository.sets().filter { $0.chain == 0 }
        guard let set = own.randomElement(using: &random) else { continue }
        if let hold = set.hold {
          try fixture.repository.release(
            hold: hold, at: Int64(step),
            until: Int64(step) + Int64.random(in: 0...30, using: &random))
        } else {
          try fixture.repository.hold(set, as: "hold\(step)")
        }
      case 17:
        let list = try fixture.repository.list()
        let free = (list.all + list.removed).map(\.set).filter {
          $0.slot == nil && $0.hold == nil && $0.number != list.newest?.set.number
        }
        guard let set = free.randomElement(using: &random) else { continue }
        if Bool.random(using: &random), let model = models[set.number] {
          opened.append((try fixture.repository.view(of: set), model))
        }
        try fixture.repository.drop(set)
      case 18:
        _ = try fixture.store.purge(undoBefore: .max)
        if step % 7 == 0 {
          _ = try? fixture.store.purge(user: UserID(id))
          office[id] = nil
        }
      case 20, 21:
        // What stands in the archive comes from another office, or is this one's.
        let archive =
          Bool.random(using: &random)
          ? office
          : office.mapValues {
            $0.mapValues { edited($0, &random) }
          }
        let stage = try fixture.stage(archive)
        if Int.random(in: 0..<4, using: &random) == 0 {
          stage.discard()
          continue
        }
        let name = try ArchiveName("a\(Int.random(in: 0..<3, using: &random)).sar")
        let (set, isUnchanged) = try fixture.repository.publish(
          stage,
          as: UploadOrigin(
            name: name, area: nil, fingerprint: Digest(of: Array("\(archive)".utf8))),
          stamp: Int64.random(in: 0...200, using: &random), at: Int64(step),
          until: Int64(step) + Int64.random(in: 0...30, using: &random))
        var model = SetModel()
        for (id, cells) in archive {
          for (area, items) in cells { model.columns[area, default: [:]][id] = items }
        }
        if !isUnchanged { models[set.number] = model }
      case 22:
        let uploads = try fixture.repository.sets().filter { $0.upload != nil }
        guard let set = uploads.randomElement(using: &random) else { continue }
        try fixture.repository.remove(set, at: Int64(step), until: Int64(step) + 10)
      case 23: try fixture.repository.expire(at: Int64(step))
      default:
        if step % 4 == 0 {
          opened = []
          try fixture.reopenRepository()
          try fixture.reopenStore()
        } else if !opened.isEmpty {
          opened.removeFirst()
        }
      }
      let list = try fixture.repository.list()
      #expect(list.own.allSatisfy { $0.set.upload == nil }, comment)
      let sets = (list.all + list.removed).map(\.set)
      if let set = sets.randomElement(using: &random), let model = models[set.number] {
        try compare(try fixture.repository.view(of: set), model, comment)
      }
    }
    let list = try fixture.repository.list()
    for set in (list.all + list.removed).map(\.set) {
      let model = try #require(models[set.number])
      try compare(
        try fixture.repository.view(of: set), model, "seed \(seed) set \(set.number) at the end")
    }
    for entry in opened {
      try compare(entry.view, entry.model, "seed \(seed) dropped set \(entry.view.number)")
    }
    opened = []
    #expect(try fixture.repository.verify { _, _ in }.map(\.description) == [], "seed \(seed)")
    #expect(try fixture.store.verify { _, _ in }.map(\.description) == [], "seed \(seed)")
  }

  private static func edited(
    _ items: [String: [UInt8]], _ random: inout SeededGenerator
  ) -> [String: [UInt8]] {
    var items = Int.random(in: 0..<5, using: &random) == 0 ? [:] : items
    if items.isEmpty {
      for index in 0..<Int.random(in: 0...20, using: &random) {
        items["k\(100 + index)"] = random.bytes(Int.random(in: 1...150, using: &random))
      }
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let key = "k\(100 + Int.random(in: 0..<25, using: &random))"
      let isRemoval = Int.random(in: 0..<3, using: &random) == 0
      items[key] = isRemoval ? nil : random.bytes(Int.random(in: 1...400, using: &random))
    }
    return items
  }

  private static func compare(
    _ view: SetView, _ model: SetModel, _ comment: Comment
  ) throws {
    #expect(try view.users().map(\.id.text) == model.ids.sorted(), comment)
    for id in model.ids {
      for area in areas {
        let expected = RepositoryFixture.document(of: model.columns[area]?[id] ?? [:])
        let isEqual = try RepositoryFixture.document(view, id, area) == expected
        #expect(isEqual, "\(id) \(area.name), \(comment)")
      }
    }
    for area in areas {
      let column = try view.column(area)
      #expect(column.map(\.id.text) == (model.columns[area] ?? [:]).keys.sorted(), comment)
    }
  }
}
