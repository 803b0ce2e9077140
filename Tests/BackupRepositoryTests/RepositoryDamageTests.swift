import BackupRepository
import Foundation
import GRDB
import OfficeModel
import TestSupport
import Testing

@Suite("Damage and strangers in the repository's folder")
struct RepositoryDamageTests {
  private static func items(_ count: Int, seed: UInt64) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    var items: [String: [UInt8]] = [:]
    for index in 0..<count { items["key\(1_000 + index)"] = random.bytes(3_000) }
    return items
  }

  private static func fixture() throws -> (RepositoryFixture, BackupSet, [String: [UInt8]]) {
    let fixture = try RepositoryFixture()
    let items = items(30, seed: 1)
    try fixture.publish([.messages: items], as: "alice")
    try fixture.publish([.messages: Self.items(5, seed: 2)], as: "bob")
    return (fixture, try fixture.backUp().set, items)
  }

  @Test("Rows 85-87: a flipped byte is EIO at the read and named by verify, the other files read")
  func flippedByte() throws {
    let (fixture, set, items) = try Self.fixture()
    fixture.repository.close()
    let path = fixture.folder + "/backup/backup.db"
    var file = try Data(contentsOf: URL(filePath: path))
    let victim = try #require(items["key1003"])
    let range = try #require(file.range(of: Data(victim[100..<140])))
    file[range.lowerBound] ^= 0xFF
    try file.write(to: URL(filePath: path))
    try fixture.reopenRepository()
    let view = try fixture.repository.view(of: set)
    let error = #expect(throws: OfficeError.self) {
      try RepositoryFixture.document(view, "alice", .messages)
    }
    #expect(error?.code == .inputOutput)
    #expect(try RepositoryFixture.document(view, "bob", .messages) != nil)
    let faults = try fixture.repository.verify { _, _ in }
    #expect(
      faults.contains { $0.files == ["backup/by-date/\(set.name)/users/alice.udb"] }, "\(faults)")
    #expect(!faults.contains { $0.files.contains { $0.hasSuffix("bob.udb") } })
  }

  @Test(
    "Row 87: a set or a hold that damage of the log takes back is noticed, and nothing is written over it",
    arguments: ["set", "hold"])
  func lostCommit(what: String) throws {
    let (fixture, _, _) = try Self.fixture()
    try fixture.reopenRepository()
    let set: BackupSet
    if what == "hold" {
      set = try fixture.backUp().set
      let before = try fixture.logSize()
      try fixture.repository.hold(set, as: "kept")
      try fixture.damageLog(from: before)
    } else {
      set = try fixture.backUp().set
      // What makes the set visible is the last that its backup writes.
      try fixture.damageLog(from: fixture.logSize() - 1)
    }
    let error = #expect(throws: OfficeError.self) {
      try fixture.damaged { repository in
        #expect(repository.failure?.code == .inputOutput)
        try repository.setTime(5, of: set)
      }
    }
    #expect(error?.code == .readOnly)
  }

  @Test(
    "Rows 85-87: a number changed in any table's row is found",
    arguments: [
      "UPDATE cell SET died = 2 WHERE area = 4", "UPDATE cell SET size = size + 1 WHERE area = 4",
      "UPDATE item SET born = 9", "UPDATE file SET padded = padded + 512",
      "UPDATE total SET items = items + 1 WHERE area = 4", "UPDATE sets SET slot = 3",
      "UPDATE name SET id = 'mallory' WHERE number = 1", "UPDATE chunk SET refs = 7 WHERE id = 1",
      "DELETE FROM item WHERE key = (SELECT max(key) FROM item)", "DELETE FROM data WHERE id = 2",
    ])
  func changedRow(sql: String) throws {
    let (fixture, _, _) = try Self.fixture()
    fixture.repository.close()
    let queue = try DatabaseQueue(path: fixture.folder + "/backup/backup.db")
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
    try fixture.reopenRepository()
    #expect(try fixture.repository.verify { _, _ in } != [])
  }

  @Test(
    "Rows 82-83: a symbolic link in the repository's folder, or others' right to it, is refused")
  func strangers() throws {
    let (fixture, _, _) = try Self.fixture()
    fixture.repository.close()
    let folder = fixture.folder + "/backup"
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/link", withDestinationPath: "/tmp")
    let link = #expect(throws: OfficeError.self) { try Repository(at: folder) }
    #expect(link?.code == .invalid)
    try FileManager.default.removeItem(atPath: folder + "/link")
    chmod(folder, 0o755)
    let open = #expect(throws: OfficeError.self) { try Repository(at: folder) }
    #expect(open?.code == .notPermitted)
    chmod(folder, 0o700)
  }

  @Test(
    "Nobody is left out of a list without a word where the number of a version's first set is damaged",
    arguments: ["born + 100", "0"])
  func wrongBirth(value: String) throws {
    let (fixture, _, _) = try Self.fixture()
    // Two versions of alice; the newer one's number is what breaks.
    try fixture.publish([.messages: Self.items(3, seed: 3)], as: "alice")
    let set = try fixture.backUp(day: 20_001).set
    fixture.repository.close()
    let queue = try DatabaseQueue(path: fixture.folder + "/backup/backup.db")
    try queue.write { database in
      for table in ["file", "cell"] {
        try database.execute(
          sql: "UPDATE \(table) SET born = \(value) WHERE born = \(set.number)")
      }
    }
    try queue.close()
    try fixture.reopenRepository()
    let view = try fixture.repository.view(of: set)
    #expect(throws: OfficeError.self) { try view.users() }
    #expect(throws: OfficeError.self) { try view.column(.messages) }
    let page = try fixture.repository.files(in: set.number, after: nil, limit: 100)
    #expect(page.damaged > 0 && page.files.map(\.user.id.text) == ["bob"])
  }

  @Test("Row 84: a second opener is refused with the first one's process id")
  func secondOpener() throws {
    let (fixture, _, _) = try Self.fixture()
    let error = #expect(throws: OfficeError.self) {
      try Repository(at: fixture.folder + "/backup")
    }
    #expect(error?.code == .busy && error?.description.contains("\(getpid())") == true)
  }

  @Test("Row 88: a missing repository is never replaced by an empty one")
  func missing() throws {
    let (fixture, _, _) = try Self.fixture()
    let folder = fixture.folder + "/backup"
    fixture.repository.close()
    try FileManager.default.moveItem(
      atPath: folder + "/backup.db", toPath: folder + "/elsewhere")
    try Data().write(to: URL(filePath: folder + "/backup.db-wal"))
    #expect(throws: OfficeError.self) { try Repository(at: folder) }
    #expect(Repository.exists(at: folder))
    #expect(throws: OfficeError.self) { try Repository.create(at: folder) }
  }

  @Test("A repository that a newer officefs wrote is refused")
  func newer() throws {
    let (fixture, _, _) = try Self.fixture()
    fixture.repository.close()
    let queue = try DatabaseQueue(path: fixture.folder + "/backup/backup.db")
    try queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES('repository 99')")
    }
    try queue.close()
    let error = #expect(throws: OfficeError.self) {
      try Repository(at: fixture.folder + "/backup")
    }
    #expect(error?.code == .newerFormat)
  }
}
