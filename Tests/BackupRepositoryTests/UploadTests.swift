import Foundation
import GRDB
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import ItemStore

@Suite("Uploads in the repository")
struct UploadTests {
  private static func items(_ count: Int, seed: UInt64) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    var items: [String: [UInt8]] = [:]
    for index in 0..<count { items["key\(1_000 + index)"] = random.bytes(2_000) }
    return items
  }

  private static let office: RepositoryFixture.Office = [
    "alice": [.messages: items(20, seed: 1), .todo: [:]], "bob": [.messages: items(3, seed: 2)],
  ]

  private static func read(
    _ set: BackupSet, _ fixture: RepositoryFixture
  ) throws -> [String: [Area: [UInt8]]] {
    let view = try fixture.repository.view(of: set)
    var found: [String: [Area: [UInt8]]] = [:]
    for area in Area.allCases {
      for (id, cell) in try view.column(area) {
        found[id.text, default: [:]][area] = try RepositoryFixture.document(view, cell)
      }
    }
    return found
  }

  private static let documents = office.mapValues { $0.mapValues(RepositoryFixture.document) }

  @Test("An upload reads as what it holds, with exact sums, and is no backup of this office")
  func uploaded() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.messages: Self.items(5, seed: 2)], as: "bob")
    let own = try fixture.backUp(seconds: 100).set
    let set = try fixture.upload(Self.office, as: "other.sar", stamp: 4_000_000_000)
    #expect(try Self.read(set, fixture) == Self.documents)
    let list = try fixture.repository.list()
    #expect(list.own.map(\.set.number) == [own.number] && list.newest?.set.number == own.number)
    #expect(list.inSlot(0)?.set.number == own.number && list.named(set.name) == nil)
    #expect(list.archive(named: "other.sar")?.set == set && set.users == 2)
    #expect(list.archives.map(\.set.number) == [set.number, own.number])
    let areas = try #require(list.archive(named: "other.sar")?.areas)
    #expect(set.areas == [.messages, .todo])
    for area in areas {
      var sums = CellSums()
      for (id, cell) in try fixture.repository.view(of: set).column(area.area) {
        sums.add(size: cell.size, idLength: id.text.utf8.count)
      }
      #expect(sums == area.sums)
    }
    let view = try fixture.repository.view(of: set)
    for user in try view.users() {
      var sums = CellSums()
      for cell in try view.cells(of: user.number) {
        sums.add(size: cell.size, idLength: user.id.text.utf8.count)
      }
      #expect(sums == user.sums)
    }
    // An archive's time may be anything; the next backup's is now.
    #expect(try fixture.backUp(day: 20_001, seconds: 200).set.stamp == 200)
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test("Cells come in any order; the office's own stands beside the users")
  func anyOrder() throws {
    let fixture = try RepositoryFixture()
    var cells: [(String, Area)] = []
    for index in 0..<200 { for area in Area.allCases { cells.append(("u\(index)", area)) } }
    cells.append((UserID.office.text, .user))
    var random = SeededGenerator(seed: 4)
    cells.shuffle(using: &random)
    let stage = try fixture.repository.stageUpload()
    for (id, area) in cells {
      let sink = try stage.cell(UserID(stored: id), area, mtime: 1)
      try sink.write(Array("\(id) \(area.name)".utf8))
      try sink.end(ItemKey(natural: [1]))
      try stage.seal()
    }
    let set = try fixture.repository.publish(
      stage, as: UploadOrigin(name: ArchiveName("a.sar"), area: nil, fingerprint: nil), stamp: 1,
      at: 2, until: 3
    ).set
    let view = try fixture.repository.view(of: set)
    #expect(set.users == 200 && set.areas.count == 9)
    #expect(try view.users().count == 200)
    let office = try #require(try view.user(.office))
    let own = try RepositoryFixture.document(view, try view.cells(of: office.number)[0])
    #expect(own == Array("@office user".utf8))
    #expect(try RepositoryFixture.document(view, "u7", .todo) == Array("u7 todo".utf8))
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test(
    "The same archive again changes nothing; another one takes the name, the earlier is kept for its time"
  )
  func again() throws {
    let fixture = try RepositoryFixture()
    try fixture.backUp(seconds: 1)
    let first = try fixture.upload(Self.office, as: "a.sar", content: "one")
    #expect(try fixture.upload(Self.office, as: "a.sar", content: "one") == first)
    #expect(try fixture.repository.sets().count == 2)
    let second = try fixture.upload([:], as: "a.sar", at: 50, until: 60, content: "two")
    let list = try fixture.repository.list()
    #expect(list.archive(named: "a.sar")?.set == second && list.removed.count == 1)
    let old = try #require(list.removed.first?.set)
    #expect(old.path == "undo/1970-01-01T000050Z_upload/a.sar" && old.number == first.number)
    #expect(try Self.read(old, fixture) == Self.documents)
    #expect(try fixture.repository.areas(of: old).map(\.items).reduce(0, +) == 23)
    try fixture.repository.expire(at: 59)
    #expect(try Self.read(old, fixture) == Self.documents)
    try fixture.repository.expire(at: 60)
    #expect(throws: OfficeError.self) { try Self.read(old, fixture) }
  }

  @Test("A removed upload is in no list, readable for its time, then nothing of it is left")
  func removed() throws {
    let fixture = try RepositoryFixture()
    let own = try fixture.backUp(seconds: 100).set
    let empty = try Self.rows(fixture)
    let set = try fixture.upload(Self.office, as: "a.sar")
    #expect(throws: OfficeError.self) {
      try fixture.repository.remove(own, at: 1_000, until: 2_000)
    }
    let claim = try fixture.repository.claim(set)
    let busy = #expect(throws: OfficeError.self) {
      try fixture.repository.remove(set, at: 1_000, until: 2_000)
    }
    #expect(busy?.code == .busy)
    withExtendedLifetime(claim) {}
    _ = consume claim
    try fixture.repository.remove(set, at: 1_000, until: 2_000)
    #expect(try fixture.repository.sets() == [own])
    let removed = try #require(try fixture.repository.list().removed.first?.set)
    #expect(removed.removal == SetRemoval(seconds: 1_000, cause: .delete))
    let gone = #expect(throws: OfficeError.self) {
      try fixture.repository.remove(set, at: 1_000, until: 2_000)
    }
    #expect(gone?.code == .stale)
    // The name is free; two that go in one second are told apart.
    let other = try fixture.upload(Self.office, as: "a.sar")
    try fixture.repository.remove(other, at: 1_000, until: 1_500)
    let paths = Set(try fixture.repository.list().removed.map(\.set.path))
    #expect(paths.count == 2)
    #expect(try Self.read(removed, fixture) == Self.documents)
    try fixture.reopenRepository()
    #expect(try Self.read(removed, fixture) == Self.documents)
    try fixture.repository.expire(at: 2_000)
    #expect(try Self.rows(fixture) == empty)
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test(
    "A hold that is let go leaves its set readable for its time, unless something else keeps it")
  func released() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.messages: Self.items(5, seed: 2)], as: "bob")
    let first = try fixture.backUp(day: 1, seconds: 100).set
    try fixture.repository.hold(first, as: "kept")
    for day in 2...9 { try fixture.backUp(day: Int64(day), seconds: Int64(day) * 100) }
    try fixture.repository.release(hold: "kept", at: 1_000, until: 2_000)
    let removed = try #require(try fixture.repository.list().removed.first?.set)
    #expect(removed.number == first.number)
    #expect(
      removed.path == "undo/1970-01-01T001640Z_release/1970-01-01T000140Z_manual.sar")
    #expect(try fixture.repository.list().named(first.name) == nil)
    #expect(try fixture.repository.view(of: removed).users().map(\.id.text) == ["bob"])
    let latest = try #require(try fixture.repository.list().newest?.set)
    try fixture.repository.hold(latest, as: "other")
    try fixture.repository.release(hold: "other", at: 1_000, until: 2_000)
    #expect(try fixture.repository.list().newest?.set == latest)
    try fixture.repository.expire(at: 2_000)
    #expect(try fixture.repository.list().removed == [])
  }

  private static func rows(_ fixture: RepositoryFixture) throws -> [String: Int64] {
    fixture.repository.sweep()
    fixture.repository.sweeper.wait()
    var rows: [String: Int64] = [:]
    try fixture.repository.items.read { connection throws(OfficeError) in
      for table in ["sets", "total", "name", "file", "cell", "storage", "item", "past", "chunk"] {
        rows[table] = try connection.value("SELECT count(*) FROM \(table)")
      }
    }
    return rows
  }

  @Test("Of an upload that is given up, or was under way in a process that died, nothing is left")
  func givenUp() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.messages: Self.items(5, seed: 2)], as: "bob")
    try fixture.backUp(seconds: 100)
    let before = try Self.rows(fixture)
    let stage = try fixture.stage(Self.office)
    try stage.flush()
    #expect(try Self.rows(fixture) != before)
    stage.discard()
    #expect(try Self.rows(fixture) == before)
    // A process that dies leaves what was committed.
    let dying = try fixture.stage(Self.office)
    try dying.flush()
    try fixture.reopenRepository()
    #expect(try Self.rows(fixture) == before)
    withExtendedLifetime(dying) {}
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test("Two uploads and a backup at once do not disturb each other")
  func sideBySide() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.messages: Self.items(5, seed: 2)], as: "bob")
    let stages = [try fixture.stage(Self.office), try fixture.stage(Self.office)]
    for stage in stages { try stage.flush() }
    let own = try fixture.backUp(seconds: 100).set
    stages[0].discard()
    let set = try fixture.repository.publish(
      stages[1], as: UploadOrigin(name: ArchiveName("a.sar"), area: nil, fingerprint: nil),
      stamp: 1, at: 2, until: 3
    ).set
    #expect(set.number < own.number)
    try fixture.reopenRepository()
    #expect(fixture.repository.failure == nil)
    #expect(try Self.read(set, fixture) == Self.documents)
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test("A full disk refuses an upload, and nothing of it is left")
  func fullDisk() throws {
    let fixture = try RepositoryFixture()
    try fixture.backUp(seconds: 100)
    let before = try Self.rows(fixture)
    func limit(_ pages: Int64) throws {
      try fixture.repository.items.write(urgent: true) { connection throws(OfficeError) in
        try connection.execute("PRAGMA max_page_count=\(pages)")
      }
    }
    try limit(60)
    let large = ["alice": [Area.messages: Self.items(4_000, seed: 3)]]
    let error = #expect(throws: OfficeError.self) { try fixture.upload(large, as: "a.sar") }
    #expect(error?.code == .noSpace)
    try limit(1_000_000)
    // The next one clears away what could not be cleared away then.
    let set = try fixture.upload(large, as: "a.sar")
    try fixture.repository.drop(set)
    #expect(try Self.rows(fixture) == before)
    #expect(try fixture.repository.verify { _, _ in } == [])
  }

  @Test("An erased user is in no upload any more, and the same archive is then uploaded anew")
  func erased() throws {
    let fixture = try RepositoryFixture()
    let set = try fixture.upload(Self.office, as: "a.sar", content: "one")
    let removed = try fixture.upload(Self.office, as: "b.sar", content: "two")
    try fixture.repository.remove(removed, at: 10, until: 20)
    let stage = try fixture.repository.stageUpload()
    let busy = #expect(throws: OfficeError.self) {
      try fixture.repository.purge(user: UserID("alice"))
    }
    #expect(busy?.code == .busy)
    stage.discard()
    #expect(try fixture.repository.purge(user: UserID("alice")) == 2)
    for set in [set, removed] {
      #expect(try Self.read(set, fixture).keys.sorted() == ["bob"])
    }
    #expect(try fixture.repository.verify { _, _ in } == [])
    #expect(try fixture.upload(Self.office, as: "a.sar", content: "one").number != set.number)
  }

  @Test(
    "Rows 85-87: a number changed in any row of an upload is found, and the archive is named",
    arguments: [
      "UPDATE sets SET file = 'x.sar' WHERE file <> ''",
      "UPDATE sets SET area = 3 WHERE file <> ''",
      "UPDATE sets SET fingerprint = x'00' WHERE file <> ''",
      "UPDATE sets SET removed = 7 WHERE cause <> ''",
      "UPDATE sets SET cause = 'release' WHERE cause <> ''",
      "UPDATE cell SET died = 9 WHERE chain <> 0",
      "UPDATE cell SET size = size + 1 WHERE chain <> 0",
      "UPDATE file SET padded = padded + 512 WHERE chain <> 0",
      "UPDATE total SET items = items + 1 WHERE area = 4", "UPDATE item SET born = 9",
      "UPDATE chunk SET refs = 7 WHERE id = 1", "DELETE FROM data WHERE id = 2",
    ])
  func damage(sql: String) throws {
    let fixture = try RepositoryFixture()
    let removed = try fixture.upload(Self.office, as: "b.sar")
    try fixture.repository.remove(removed, at: 10, until: 20)
    try fixture.upload(Self.office, as: "a.sar", content: "one")
    #expect(try fixture.repository.verify { _, _ in } == [])
    fixture.repository.close()
    let queue = try DatabaseQueue(path: fixture.folder + "/backup/backup.db")
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
    try fixture.reopenRepository()
    let faults = try fixture.repository.verify { _, _ in }
    #expect(faults != [])
    if sql.hasPrefix("UPDATE cell SET size") {
      #expect(faults.contains { $0.files == ["archives/a.sar"] })
    }
  }

  @Test("A repository of before there were uploads is opened, and its sets read and verify")
  func older() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.messages: Self.items(5, seed: 2)], as: "bob")
    let set = try fixture.backUp(seconds: 100).set
    fixture.repository.close()
    let queue = try DatabaseQueue(path: fixture.folder + "/backup/backup.db")
    try queue.write {
      try $0.execute(
        sql: """
          DROP INDEX sets_file; DROP INDEX file_name;
          ALTER TABLE sets DROP COLUMN file; ALTER TABLE sets DROP COLUMN area;
          ALTER TABLE sets DROP COLUMN fingerprint; ALTER TABLE sets DROP COLUMN removed;
          ALTER TABLE sets DROP COLUMN cause;
          DELETE FROM grdb_migrations WHERE identifier = 'uploads 2';
          """)
    }
    try queue.close()
    try fixture.reopenRepository()
    #expect(try fixture.repository.sets() == [set])
    #expect(try fixture.repository.verify { _, _ in } == [])
    try fixture.upload(Self.office, as: "a.sar")
    #expect(try fixture.repository.sets().count == 2)
  }
}
