import Foundation
import OfficeModel
import TestSupport
import Testing

@testable import ItemStore
@testable import LiveStore
@testable import OfficeAdmin

@Suite("A restore over damage")
struct RestoreDamageTests {
  private static func damage(_ office: RestoreOffice, _ sql: String) throws {
    try office.store.items.write(urgent: true) { connection throws(OfficeError) in
      try connection.execute(sql)
    }
  }

  /// Reads all there is of everybody; returns whose files can't be read.
  private static func unreadable(_ office: RestoreOffice) throws -> [String] {
    let view = try office.store.view()
    var found: [String] = []
    for user in try view.users() {
      do {
        for cell in try view.cells(of: user.number) where cell.size > 0 {
          var bytes = [UInt8](repeating: 0, count: Int(cell.size))
          try bytes.withUnsafeMutableBytes { try view.read(cell, at: 0, into: $0) }
        }
      } catch let error as OfficeError where error.code == .inputOutput {
        found.append(user.id.text)
      }
    }
    return found
  }

  @Test(
    "What could not be read is copied anew from the archive though its digest is the same",
    arguments: [
      "UPDATE data SET bytes = zeroblob(length(bytes))",
      "UPDATE item SET length = length + 1 WHERE storage = (SELECT max(storage) FROM item)",
      "DELETE FROM item WHERE storage = (SELECT max(storage) FROM item) AND born = (SELECT max(born) FROM item)",
    ])
  func equalDigest(_ sql: String) throws {
    let office = try RestoreOffice()
    var random = SeededGenerator(seed: 5)
    for id in ["alice", "bob"] {
      try office.put(["a": random.bytes(20_000), "b": random.bytes(90)], of: id)
      try office.put(["c": random.bytes(50)], in: .todo, of: id)
    }
    let set = try office.backUp()
    let before = try office.contents()
    let choice = try office.everything(of: set)
    try Self.damage(office, sql)
    // Nobody has found out yet.
    let damaged = try Self.unreadable(office)
    #expect(!damaged.isEmpty)
    let plan = try office.restores.plan(set, choice)
    #expect(
      plan.users.filter { $0.counts.cells > 0 }.map(\.id.text) == damaged && plan.changesAnything)
    #expect(plan.users.filter { $0.counts.damaged > 0 }.map(\.id.text) == damaged)
    #expect(plan.total.changed + plan.total.added + plan.total.removed == 0)
    try office.run(plan)
    #expect(try Self.unreadable(office).isEmpty)
    #expect(try office.contents() == before)
    #expect(try !office.restores.plan(set, choice).changesAnything)
  }

  @Test("A cell that is damaged and differs is replaced whole")
  func otherDigest() throws {
    let office = try RestoreOffice()
    var random = SeededGenerator(seed: 6)
    var items = ["a": random.bytes(20_000), "b": random.bytes(90)]
    try office.put(items, of: "alice")
    let set = try office.backUp()
    let before = try office.contents()
    items["b"] = [1]
    try office.put(items, of: "alice")
    _ = try office.backUp()
    try Self.damage(office, "UPDATE item SET length = length + 1")
    let plan = try office.restores.plan(set, try office.everything(of: set))
    #expect(plan.total.changed == 2 && plan.total.cells == 1)
    try office.run(plan)
    #expect(try office.contents() == before)
  }

  @Test("An office without groups and settings has none of them: restoring them yields none")
  func noGroups() throws {
    let empty = try RestoreOffice()
    _ = try empty.store.add(UserID("alice"), by: "test")
    let own = try empty.backUp()
    let bytes = try ArchiveUploadTests.bytes(.office, of: empty.office.repository.view(of: own))
    let other = try RestoreOffice()
    let uploaded = try ArchiveUploadTests.upload(bytes, as: "empty.sar", to: other.office)
    for (office, set) in [(empty, own), (other, uploaded)] {
      try office.registry.change(.groups, "x", joins: false, caller: "test", group: 1) {
        (record) throws(OfficeError) in
        let number = try office.store.nextNumber()
        try record.add(GroupName("sales"), .init(number: number, seconds: 1))
      }
      try office.registry.set(
        .office, Array("[undo]\ndays = 8\n".utf8), "x", caller: "test", group: 2)
      #expect(try office.restores.hasOffice(set))
      let plan = try office.restores.plan(
        set, RestoreChoice(areas: [], users: [], groups: true, settings: true))
      #expect(plan.officeChanges == ["groups/sales: removed", "settings/office.toml: changed"])
      try office.run(plan)
      #expect(office.registry.current.record.groups.isEmpty)
      #expect(office.registry.current.record.texts.isEmpty)
    }
  }

  @Test("A set of a newer format is EOPNOTSUPP when it is planned")
  func newerFormat() throws {
    let office = try RestoreOffice()
    try office.put(["a": [1]], of: "alice")
    var set = try office.backUp()
    let choice = try office.everything(of: set)
    set.format = 2
    let newer = set
    #expect {
      _ = try office.restores.plan(newer, choice)
    } throws: { error in
      let error = error as? OfficeError
      return error?.code == .newerFormat && error?.remedy == "update officefs"
    }
  }
}
