import Foundation
import OfficeArchive
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import LiveStore
@testable import OfficeAdmin

@Suite("A restore's plan")
struct RestorePropertyTests {
  private static let seeds: Range<UInt64> = {
    let wanted = ProcessInfo.processInfo.environment["OFFICEFS_SEEDS"].flatMap { UInt64($0) }
    return 0..<(wanted ?? 12)
  }()

  private static let ids = ["alice", "bob", "carol", "dave", "erin", "frank"]
  private static let areas: [Area] = [.messages, .scheduler, .timesheet, .todo, .user]

  /// Changes some of the office: cells replaced wholly or in few items, users added, deleted, renamed, groups.
  private static func churn(
    _ office: RestoreOffice, _ random: inout SeededGenerator, steps: Int
  ) throws {
    for _ in 0..<steps {
      office.office.clock += Int64.random(in: 1...90, using: &random)
      let id = ids.randomElement(using: &random) ?? "alice"
      let known = try office.store.user(UserID(id))
      switch Int.random(in: 0..<12, using: &random) {
      case 0: if known != nil { try office.store.delete(UserID(id), by: "test") }
      case 1:
        let free = try ids.first { try office.store.user(UserID($0)) == nil }
        if known != nil, let free {
          _ = try office.store.rename(UserID(id), to: UserID(free), by: "test")
        }
      case 2: _ = try office.store.add(UserID(id), by: "test")
      case 3: try group(id, office, &random)
      default: try put(id, office, &random)
      }
    }
  }

  private static func put(
    _ id: String, _ office: RestoreOffice, _ random: inout SeededGenerator
  ) throws {
    let area = areas.randomElement(using: &random) ?? .todo
    let count = [0, 1, 3, 30, 120].randomElement(using: &random) ?? 0
    let seed = UInt64.random(in: 0..<2, using: &random)
    var items: [String: [UInt8]] = [:]
    var source = SeededGenerator(seed: seed)
    for index in 0..<count { items["key\(1_000 + index)"] = source.bytes(20 + index % 5 * 400) }
    for _ in 0..<Int.random(in: 0..<4, using: &random) where count > 1 {
      let key = "key\(1_000 + Int.random(in: 0..<count, using: &random))"
      items[key] = Bool.random(using: &random) ? nil : random.bytes(300)
    }
    let mtime = Int64.random(in: 0..<3, using: &random)
    try office.put(items, in: area, of: id, mtime: mtime)
  }

  private static func group(
    _ id: String, _ office: RestoreOffice, _ random: inout SeededGenerator
  ) throws {
    let name = try GroupName(["sales", "it"].randomElement(using: &random) ?? "it")
    let entries = (try office.registry.newEntry(), try office.registry.newEntry())
    let user = try UserID(id)
    try office.registry.change(.groups, "test", joins: true, caller: "test", group: 1) {
      (record) throws(OfficeError) in
      if record.groups[name] == nil { try record.add(name, entries.0) }
      if record.members(of: .group(name))?[user] != nil {
        try record.remove(user, from: .group(name))
      } else {
        try record.add(user, to: .group(name), entries.1)
      }
    }
  }

  private static func choice(
    of set: BackupSet, _ office: RestoreOffice, _ random: inout SeededGenerator
  ) throws -> RestoreChoice {
    var choice = try office.everything(of: set)
    if Bool.random(using: &random) {
      choice.areas = choice.areas.filter { _ in Bool.random(using: &random) }
      choice.users = choice.users.filter { _ in Bool.random(using: &random) }
    } else {
      choice.removesOthers = Bool.random(using: &random)
    }
    choice.groups = Bool.random(using: &random)
    return choice
  }

  @Test(
    "What happens is what was announced, and nothing else; what was replaced is in undo",
    arguments: seeds)
  func exact(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let office = try RestoreOffice()
    var sets: [BackupSet] = []
    for _ in 0..<3 {
      try Self.churn(office, &random, steps: 12)
      sets.append(try office.backUp())
    }
    for round in 0..<4 {
      try Self.churn(office, &random, steps: 6)
      let set = sets.randomElement(using: &random) ?? sets[0]
      let choice = try Self.choice(of: set, office, &random)
      let plan = try office.restores.plan(set, choice)
      let label: Comment = "seed \(seed), round \(round): \(plan.refusals)"
      if !plan.refusals.isEmpty {
        #expect(plan.code == nil && (choice.users.isEmpty || choice.areas.isEmpty), label)
        continue
      }
      let before = try office.store.view()
      let groups = try OfficeRecord(of: before)
      let result = try office.run(plan)
      let after = try office.store.view()
      let archive = try office.office.repository.view(of: set)
      try check(plan, of: archive, before, after, label, office.store)
      let restored = try OfficeRecord(of: archive)
      let expected = choice.groups ? restored : groups
      let now = office.registry.current.record
      #expect(now.groups.keys.sorted() == expected.groups.keys.sorted(), label)
      #expect(now.memberships == expected.memberships, label)
      let kept = try OfficeRecord(of: office.store.view())
      #expect(now.manifest == kept.manifest && now.groups == kept.groups, label)
      #expect((result.commit == nil) == (before.number == after.number), label)
      try checkUndo(result, before, office, label)
      if round % 2 == 0 { sets.append(try office.backUp()) }
    }
    try office.verify()
  }

  /// Every cell of both moments against what the plan said of it.
  private func check(
    _ plan: RestorePlan, of archive: SetView, _ before: LiveView, _ after: LiveView,
    _ label: Comment, _ store: LiveStore
  ) throws {
    let choice = plan.choice
    var columns: [Area: RestoreCounts] = [:]
    var fates: [UserID: RestorePlan.Fate] = [:]
    for user in plan.users { fates[user.id] = user.fate }
    let (old, new, wanted) = (
      try RestoreOffice.contents(of: before), try RestoreOffice.contents(of: after),
      try RestoreOffice.contents(of: archive)
    )
    let ids = Set(try (before.users() + after.users()).map(\.id)).union(plan.users.map(\.id))
    for id in ids {
      let held = try archive.user(id).map { try archive.cellsHeld(of: $0.number) }
      let (one, other) = (try before.user(id), try after.user(id))
      let isChosen = choice.users.contains(id)
      if fates[id] == .removed { #expect(other == nil && !isChosen, label) }
      if fates[id] == .added { #expect(one == nil && other != nil, label) }
      if fates[id] == .stays || fates[id] == nil { #expect(one == other, "\(label) \(id)") }
      let cells = (
        try one.map { try before.cells(of: $0.number) },
        try other.map { try after.cells(of: $0.number) }
      )
      var row = RestoreCounts()
      for area in Area.allCases {
        let name = "\(id)/\(area.name)"
        if isChosen, choice.areas.contains(area), held?[area.index] != nil {
          #expect(new[name] == wanted[name], "\(label) \(name)")
        } else if other != nil, one != nil {
          #expect(new[name] == old[name], "\(label) \(name)")
        }
        guard isChosen && choice.areas.contains(area) || fates[id] == .removed else { continue }
        let change = try store.compare(
          cells.0?[area.index] ?? .empty, cells.1?[area.index] ?? .empty, area: area)
        var counts = RestoreCounts()
        counts.add(change.comparison)
        counts.cells = old[name] == new[name] ? 0 : 1
        let isHeld = held?[area.index] != nil
        if fates[id] == .removed {
          counts.cells = (cells.0?[area.index].items ?? 0) > 0 ? 1 : 0
        } else if !isHeld {
          continue
        } else {
          if one == nil {
            counts.cells = cells.1?[area.index].differs(from: .empty) == true ? 1 : 0
          }
          columns[area, default: RestoreCounts()] += counts
        }
        row += counts
      }
      if let announced = plan.users.first(where: { $0.id == id }), announced.fate != .stays {
        #expect(announced.counts == row, "\(label) \(id)")
      }
    }
    for column in plan.areas {
      #expect(column.counts == columns[column.area] ?? RestoreCounts(), "\(label) \(column.area)")
    }
  }

  private func checkUndo(
    _ result: RestoreResult, _ before: LiveView, _ office: RestoreOffice, _ label: Comment
  ) throws {
    let replaced = result.users.filter { $0.what != .added }.map(\.id)
    guard let folder = result.undo else {
      #expect(replaced.isEmpty, label)
      return
    }
    let group = try #require(try office.store.undoGroup(named: folder))
    let files = try office.store.undoFiles(of: group.number).filter { $0.id != .office }
    #expect(files.map(\.id) == replaced, label)
    for file in files { #expect(try file.user == before.user(file.id), label) }
  }
}
