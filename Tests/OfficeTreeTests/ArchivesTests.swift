import BackupRepository
import Foundation
import OfficeAdmin
import OfficeModel
import Synchronization
import TestSupport
import Testing

@testable import OfficeTree

@Suite("archives/")
struct ArchivesTests {
  private static func fixture() throws -> BackupFixture {
    let fixture = try BackupFixture()
    for id in ["alice", "bob"] {
      let rows = ["2026-03-0\(id.count),9:00,17:00"]
      try fixture.office.copy(TreeFixture.archive(id, rows: rows), to: "\(id).udb")
    }
    return fixture
  }

  /// A whole office of these users.
  private static func archive(_ ids: [String]) throws -> [UInt8] {
    var office: [UserID: [Area: DictionaryView.Cell]] = [:]
    for id in ids {
      office[try UserID(id)] = TreeFixture.cells(id, ["2026-01-01,8:00,9:00"], id, 1_700_000_000)
    }
    return try TreeFixture.archive(.office, of: office)
  }

  private static func link(_ fixture: BackupFixture) throws -> String {
    let tree = fixture.office.tree
    return String(
      decoding: try tree.target(ofLink: fixture.office.node("archives/latest.sar")),
      as: UTF8.self)
  }

  @Test("Each set is a file whose name tells the process, whose time is the set's, of exact size")
  func sets() throws {
    let fixture = try Self.fixture()
    #expect(try fixture.names("archives").isEmpty)
    for (index, process) in ["scheduled", "manual", "before-restore"].enumerated() {
      if index > 0 { fixture.pass(seconds: 86_400) }
      _ = try fixture.backups.runner.backUp(process: process, caller: "test")
    }
    let names = try fixture.names("archives")
    #expect(
      names == [
        "2026-03-05T100000Z_scheduled.sar", "2026-03-06T100000Z_manual.sar",
        "2026-03-07T100000Z_before-restore.sar", "latest.sar",
      ])
    for name in names.dropLast() {
      let attributes = try fixture.attributes("archives/\(name)")
      let bytes = try fixture.read("archives/\(name)")
      #expect(attributes.size == Int64(bytes.count))
      #expect(attributes.permissions & 0o077 == 0)
      #expect("\(Stamp.text(seconds: attributes.mtime / 1_000_000_000))" == name.prefix(18))
    }
    // What was made before a restore is not what one restores next.
    #expect(try Self.link(fixture) == names[1])
    let link = try fixture.attributes("archives/latest.sar")
    #expect(link.isLink && link.size == Int64(names[1].utf8.count))
    let record = try fixture.read("backup/office.json")
    let newest = try fixture.read("archives/\(names[1])")
    #expect(Array(newest[512...].prefix(record.count)) == record)
  }

  @Test("The kernel is told which names of archives/ stand for something else")
  func notices() throws {
    let fixture = try Self.fixture()
    let notices = Mutex<[KernelNotice]>([])
    fixture.office.tree.connect { notice in notices.withLock { $0.append(notice) } }
    func told() -> Set<String> {
      notices.withLock { list in
        defer { list = [] }
        return Set(
          list.compactMap { notice in
            guard case .entry(ArchivesBranch.root, let name) = notice else { return nil }
            return String(decoding: name, as: UTF8.self)
          })
      }
    }
    _ = try fixture.backups.runner.backUp(process: "manual", caller: "test")
    #expect(told() == ["2026-03-05T100000Z_manual.sar", "latest.sar"])
    let folder = try fixture.office.node("archives")
    fixture.pass(seconds: 60)
    try fixture.office.copy(Self.archive(["zoe"]), to: "new.sar", in: folder)
    #expect(told() == ["new.sar", "latest.sar"])
    try fixture.office.remove("new.sar", in: folder)
    #expect(told() == ["new.sar", "latest.sar"])
  }

  @Test("An archive that is copied here reads back byte by byte, and so does a column")
  func uploads() throws {
    let fixture = try Self.fixture()
    let folder = try fixture.office.node("archives")
    let bytes = try Self.archive(["zoe", "yan"])
    try fixture.office.copy(bytes, to: "there.sar", in: folder)
    #expect(isEqual(try fixture.read("archives/there.sar"), bytes))
    #expect(try Self.link(fixture) == "there.sar")
    let column = try fixture.office.read("timesheet.odb", in: fixture.office.node("areas"))
    try fixture.office.copy(column, to: "timesheet.odb", in: folder)
    #expect(isEqual(try fixture.read("archives/timesheet.odb"), column))
    #expect(try fixture.names("archives") == ["latest.sar", "there.sar", "timesheet.odb"])
    // The same again is no change.
    let node = try fixture.office.node("archives/there.sar")
    try fixture.office.copy(bytes, to: "there.sar", in: folder)
    #expect(try fixture.office.node("archives/there.sar") == node)
    #expect(try fixture.names("undo").allSatisfy { !$0.hasSuffix("_upload") })
  }

  @Test("A backup's file is the backup's, also while an upload with the same users is open")
  func uploadBesideBackup() throws {
    let fixture = try Self.fixture()
    try fixture.touch("backup/update/all")
    let kept = try fixture.office.read("alice.udb", in: fixture.office.users)
    fixture.pass(seconds: 60)
    // Of the same sizes, so that no sum tells.
    let uploaded = try Self.archive(["alice", "bob"])
    try fixture.office.copy(
      uploaded, to: "other.sar", in: fixture.office.node("archives"))
    let reader = try fixture.office.tree.open(
      fixture.office.node("archives/other.sar"), flags: [], caller: fixture.office.caller)
    let found = try fixture.read("backup/users/alice.udb")
    fixture.office.tree.release(reader.handle)
    #expect(isEqual(found, kept))
  }

  @Test("What is replaced and what is removed is in undo/, for thirty days, read-only")
  func undo() throws {
    let fixture = try Self.fixture()
    let folder = try fixture.office.node("archives")
    let (first, second) = (try Self.archive(["zoe"]), try Self.archive(["yan"]))
    try fixture.office.copy(first, to: "x.sar", in: folder)
    try fixture.office.copy(second, to: "x.sar", in: folder)
    #expect(isEqual(try fixture.read("undo/2026-03-05T100000Z_upload/x.sar"), first))
    try fixture.office.remove("x.sar", in: folder)
    #expect(try fixture.names("archives").isEmpty)
    #expect(isEqual(try fixture.read("undo/2026-03-05T100000Z_delete/x.sar"), second))
    #expect(try fixture.names("undo/2026-03-05T100000Z_delete") == ["x.sar"])
    let group = try fixture.office.node("undo/2026-03-05T100000Z_delete")
    #expect(code { try fixture.office.remove("x.sar", in: group) } == .readOnly)
    // What goes in the same second is in the same folder.
    try fixture.office.remove("alice.udb")
    #expect(try fixture.names("undo/2026-03-05T100000Z_delete") == ["alice.udb", "x.sar"])
    #expect(isEqual(try fixture.read("undo/2026-03-05T100000Z_delete/x.sar"), second))
    fixture.pass(seconds: 30 * 86_400 + 1)
    fixture.backups.look()
    for folder in try fixture.names("undo") {
      #expect(try !fixture.names("undo/\(folder)").contains("x.sar"))
    }
  }

  @Test("A set that a hold has kept alone is in undo/ once that is let go, under its name here")
  func released() throws {
    let fixture = try Self.fixture()
    let set = try fixture.backups.runner.backUp(process: "manual", caller: "test").set
    let holds = try fixture.office.node("backup/hold")
    _ = try fixture.office.tree.makeDirectory(
      Array("kept".utf8), in: holds, permissions: 0o700, caller: fixture.office.caller)
    let bytes = try fixture.read("archives/\(set.name)_manual.sar")
    for _ in 0..<9 {
      fixture.pass(seconds: 86_400)
      _ = try fixture.backups.runner.backUp(process: "manual", caller: "test")
    }
    #expect(try fixture.names("archives").contains("\(set.name)_manual.sar"))
    try fixture.office.tree.removeDirectory(
      Array("kept".utf8), in: holds, caller: fixture.office.caller)
    #expect(try !fixture.names("archives").contains("\(set.name)_manual.sar"))
    let path = "undo/\(Stamp.text(seconds: fixture.now))_release/\(set.name)_manual.sar"
    #expect(isEqual(try fixture.read(path), bytes))
  }

  @Test("A set of the office's own can be neither written over, nor removed, nor renamed: EBUSY")
  func ownSets() throws {
    let fixture = try Self.fixture()
    _ = try fixture.backups.runner.backUp(process: "manual", caller: "test")
    let folder = try fixture.office.node("archives")
    let name = "2026-03-05T100000Z_manual.sar"
    let before = try fixture.read("archives/\(name)")
    let tree = fixture.office.tree
    let caller = fixture.office.caller
    #expect(code { try fixture.office.copy([1], to: name, in: folder) } == .busy)
    #expect(code { try fixture.office.remove(name, in: folder) } == .busy)
    #expect(code { try fixture.office.remove("latest.sar", in: folder) } == .busy)
    try fixture.office.copy(Self.archive(["zoe"]), to: ".x.sar.Ab12Cd", in: folder)
    for (old, new) in [(name, "y.sar"), (".x.sar.Ab12Cd", name), ("latest.sar", "y.sar")] {
      #expect(
        code {
          try tree.rename(
            Array(old.utf8), in: folder, to: Array(new.utf8), in: folder, flags: 0, caller: caller)
        } == .busy, "\(old) to \(new)")
    }
    #expect(isEqual(try fixture.read("archives/\(name)"), before))
    #expect(try fixture.names("archives") == [".x.sar.Ab12Cd", name, "latest.sar"])
  }

  @Test(
    "Umlauts, blanks, special characters and other endings are EINVAL at once",
    arguments: [
      "Büro.sar", "my office.sar", "a+b.sar", "a:b.sar", "x.tar", "x", "x.udb",
      ".Büro.sar.Ab12Cd", "Büro.sar.part", String(repeating: "a", count: 129) + ".sar",
    ])
  func names(_ name: String) throws {
    let fixture = try Self.fixture()
    let folder = try fixture.office.node("archives")
    #expect(
      code { try fixture.office.copy(Self.archive(["zoe"]), to: name, in: folder) } == .invalid)
    #expect(try fixture.names("archives").isEmpty)
  }

  @Test(
    "Where there is no archive yet, latest.sar is an upload that is named by its time, and the link to it; then it is EBUSY"
  )
  func latest() throws {
    let fixture = try Self.fixture()
    let folder = try fixture.office.node("archives")
    let (first, second) = (try Self.archive(["zoe"]), try Self.archive(["yan"]))
    let name = "2026-03-05T100000Z_upload.sar"
    #expect(
      code { try fixture.office.copy(Array(first.dropLast(3000)), to: "latest.sar", in: folder) }
        == .badArchive)
    #expect(try fixture.names("archives").isEmpty)
    try fixture.office.copy(first, to: "latest.sar", in: folder)
    #expect(try fixture.names("archives") == [name, "latest.sar"])
    #expect(try Self.link(fixture) == name)
    #expect(isEqual(try fixture.read("archives/\(name)"), first))
    // The kernel follows the link; who does not would take its place.
    let tree = fixture.office.tree
    let caller = fixture.office.caller
    let latest = Array("latest.sar".utf8)
    let create = code {
      _ = try tree.create(latest, in: folder, flags: [.write], permissions: 0o600, caller: caller)
    }
    #expect(create == .busy)
    try fixture.office.copy(second, to: ".latest.sar.Ab12Cd", in: folder)
    func rename() throws {
      try tree.rename(
        Array(".latest.sar.Ab12Cd".utf8), in: folder, to: latest, in: folder, flags: 0,
        caller: caller)
    }
    #expect(code { try rename() } == .busy)
    #expect(code { try fixture.office.remove("latest.sar", in: folder) } == .busy)
    try fixture.office.remove(name, in: folder)
    #expect(code { try fixture.office.remove("latest.sar", in: folder) } == .notFound)
    fixture.pass(seconds: 5)
    try rename()
    #expect(
      try fixture.names("archives") == ["2026-03-05T100005Z_upload.sar", "latest.sar"])
    #expect(isEqual(try fixture.read("archives/2026-03-05T100005Z_upload.sar"), second))
  }

  @Test("A refused upload that a tool unlinked the earlier one for puts that back")
  func putBack() throws {
    let fixture = try Self.fixture()
    let folder = try fixture.office.node("archives")
    let bytes = try Self.archive(["zoe"])
    try fixture.office.copy(bytes, to: "x.sar", in: folder)
    try fixture.office.remove("x.sar", in: folder, caller: fixture.office.caller)
    #expect(
      code { try fixture.office.copy(Array(bytes.dropLast(3000)), to: "x.sar", in: folder) }
        == .badArchive)
    #expect(isEqual(try fixture.read("archives/x.sar"), bytes))
    #expect(try fixture.names("archives") == ["latest.sar", "x.sar"])
  }
}
