import BackupRepository
import Foundation
import LiveStore
import OfficeArchive
import OfficeModel
import TestSupport
import Testing

@Suite("A backup set as one archive")
struct WholeOfficeTests {
  private static func items(_ count: Int, seed: UInt64) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    let sizes = (0..<count).map { _ in Int.random(in: 0...900, using: &random) }
    return Dictionary(
      uniqueKeysWithValues: sizes.enumerated().map {
        ("key\(100 + $0.offset)", random.bytes($0.element))
      })
  }

  private static func bytes(of view: any OfficeView) throws -> [UInt8] {
    let layout = try ArchiveLayout(.office, of: view)
    var bytes = [UInt8](repeating: 0, count: Int(layout.size))
    let count = try bytes.withUnsafeMutableBytes { try layout.read(at: 0, into: $0) }
    #expect(count == bytes.count)
    return bytes
  }

  private static func size(of set: BackupSet, in repository: Repository) throws -> Int64 {
    let listed = try #require(try repository.list().numbered(set.number))
    return ArchiveSize.office(
      manifest: OfficeRecord().manifest.count, sums: try repository.sums(of: listed))
  }

  @Test("Of a full set it is that of the live office, byte by byte, and its size is promised")
  func sameAsLive() throws {
    let fixture = try RepositoryFixture()
    for (name, count) in [("alice", 40), ("bob", 1), ("carol", 0), ("Zoe", 7)] {
      try fixture.publish(
        [.messages: Self.items(count, seed: UInt64(count)), .todo: [:]],
        as: name)
    }
    let live = try Self.bytes(of: try fixture.store.view())
    let set = try fixture.backUp().set
    #expect(try Self.bytes(of: try fixture.repository.view(of: set)) == live)
    #expect(try Self.size(of: set, in: fixture.repository) == Int64(live.count))
  }

  @Test(
    "Its size is right after any row of full backups and updates of single areas",
    arguments: 1...8)
  func sizes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let fixture = try RepositoryFixture()
    for step in 0..<12 {
      let id =
        "u\(Int.random(in: 0...4, using: &random))"
        + (Bool.random(using: &random) ? "-with-a-longer-name" : "")
      let known = try fixture.store.user(UserID(id)) != nil
      if known, Int.random(in: 0...2, using: &random) == 0 {
        _ = try fixture.store.delete(UserID(id), by: "test", group: Int64(step))
      } else {
        let area = Area.allCases.randomElement(using: &random) ?? .todo
        let count = Int.random(in: 0...9, using: &random)
        try fixture.publish(
          [area: Self.items(count, seed: random.next())], as: id)
      }
      var areas = Set(Area.allCases)
      if Bool.random(using: &random) {
        areas = Set(Area.allCases.filter { _ in Int.random(in: 0...3, using: &random) == 0 })
        if areas.isEmpty { areas = [.messages] }
      }
      let set = try fixture.backUp(areas, seconds: Int64(step)).set
      let bytes = try Self.bytes(of: try fixture.repository.view(of: set))
      let size = try Self.size(of: set, in: fixture.repository)
      #expect(size == Int64(bytes.count), "seed \(seed) step \(step)")
    }
  }
}
