import Foundation
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import ItemStore
@testable import LiveStore
@testable import OfficeAdmin

@Suite("What a restore costs")
struct RestoreCostTests {
  /// Steps of SQLite's machine on both databases.
  private static func steps(_ office: RestoreOffice) -> Int64 {
    office.store.items.steps() + office.office.repository.items.steps()
  }

  /// Planning and running a restore of one changed item, in an office of so many users.
  private static func cost(users: Int) throws -> (plan: Int64, run: Int64) {
    let office = try RestoreOffice()
    var items: [String: [UInt8]] = [:]
    for index in 0..<100 { items["key\(1_000 + index)"] = [UInt8](repeating: 7, count: 300) }
    for index in 0..<users { try office.put(items, of: "user\(index)") }
    let set = try office.backUp()
    items["key1005"] = [1]
    try office.put(items, of: "user7")
    _ = try office.backUp()
    let begin = steps(office)
    let plan = try office.restores.plan(set, try office.everything(of: set))
    let middle = steps(office)
    #expect(plan.users.count == users && plan.total.changed == 1 && plan.total.cells == 1)
    try office.run(plan)
    try office.settle()
    return (middle - begin, steps(office) - middle)
  }

  @Test("A plan costs what was chosen, and a run what differs, whatever the office holds")
  func proportional() throws {
    let few = try Self.cost(users: 20)
    let many = try Self.cost(users: 120)
    #expect(many.plan < 8 * few.plan, "\(few) \(many)")
    #expect(many.run < few.run * 3 / 2, "\(few) \(many)")
    // Of a user whose cells are equal no item is looked at: less than a walk over its items takes.
    #expect((many.plan - few.plan) / 100 < 1_500, "\(few) \(many)")
  }

  private static func sums(_ office: RestoreOffice) throws -> [CellSums] {
    try Area.allCases.map { try office.store.column($0).sums }
  }

  /// A set of so many users, of whom twenty have something, made of no office.
  private static func manyUsers(_ count: Int, in office: RestoreOffice) throws -> BackupSet {
    let stage = try office.office.repository.stageUpload()
    for index in 0..<count {
      for area in Area.allCases {
        let cell = try stage.cell(UserID("user\(index)"), area, mtime: 0)
        if area == .messages, index % 37 == 0, index < 740 {
          try cell.write([UInt8(index / 37)])
          try cell.end(ItemKey(natural: Array("key".utf8)))
        }
        try stage.seal()
      }
    }
    return try office.office.repository.publish(
      stage, as: UploadOrigin(name: ArchiveName("many.sar"), area: nil, fingerprint: nil),
      stamp: 1, at: 1, until: 1
    ).set
  }

  @Test("10,000 users come to an empty office in one commit, and leave it in one")
  func manyUsers() throws {
    let office = try RestoreOffice()
    let count = 10_000
    let set = try Self.manyUsers(count, in: office)
    let sums = try office.office.repository.areas(of: set).map(\.sums)

    let other = try RestoreOffice(over: office.office)
    try other.put(["key": [1]], of: "stranger")
    let plan = try other.restores.plan(set, try other.everything(of: set, removesOthers: true))
    #expect(plan.users.count { $0.fate == .added } == count && plan.users.count == count + 1)
    let before = other.store.commit
    let result = try other.run(plan)
    #expect(result.commit == before + 1 && other.store.commit == before + 1)
    #expect(try Self.sums(other) == sums && other.store.totals().users == Int64(count))
    #expect(try other.store.undoGroups().last?.name == result.undo)
    let own = try #require(result.before)
    try other.restore(own, try other.everything(of: own, removesOthers: true))
    #expect(try other.store.view().users().map(\.id.text) == ["stranger"])
    #expect(try other.store.totals().items == 1)
  }
}
