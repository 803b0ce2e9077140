import DemoOffice
import Foundation
import Glibc
import OfficeAdmin
import OfficeArchive
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import ItemStore

@Suite("Archives uploaded")
struct ArchiveUploadTests {
  /// An office as another server would have it, its groups and settings with it.
  static func office(users: Int, seed: UInt64) throws -> DictionaryView {
    let demo = DemoOffice(DemoSettings(users: users, seed: seed, messages: 4, messageBytes: 900))
    var cells: [UserID: [Area: DictionaryView.Cell]] = [:]
    var record = OfficeRecord()
    var number: Int64 = 0
    func entry() -> OfficeRecord.Entry {
      number += 1
      return OfficeRecord.Entry(number: number, seconds: 5)
    }
    for name in demo.groups { try record.add(GroupName(name), entry()) }
    for index in 0..<users {
      let user = demo.user(at: index)
      for area in Area.allCases {
        var bytes: [UInt8] = []
        try demo.write(area, at: index) { bytes.append(contentsOf: $0) }
        cells[user.id, default: [:]][area] = DictionaryView.Cell(
          document: bytes, mtime: demo.mtime(of: area, at: index))
      }
      for name in user.groups { try record.add(user.id, to: .group(GroupName(name)), entry()) }
    }
    record.texts[.office] = OfficeRecord.Text(content: "[undo]\ndays = 8\n", seconds: 3)
    let sink = CollectingSink()
    try record.write(to: sink)
    cells[.office] = [.user: DictionaryView.Cell(document: sink.document, mtime: 9)]
    return DictionaryView(cells)
  }

  static func bytes(
    _ selection: ArchiveSelection, of view: any OfficeView
  ) throws -> [UInt8] {
    let layout = try ArchiveLayout(selection, of: view)
    var bytes = [UInt8](repeating: 0, count: Int(layout.size))
    let count = try bytes.withUnsafeMutableBytes { try layout.read(at: 0, into: $0) }
    #expect(count == bytes.count)
    return bytes
  }

  @discardableResult
  static func upload(
    _ bytes: [UInt8], as name: String, to office: BackupOffice, time: Int64? = nil
  ) throws -> BackupSet {
    let file = try UnnamedFile.make(in: "/dev/shm")
    defer { close(file) }
    _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    return try office.backups.upload(
      file: file, name: ArchiveName(name), time: time, caller: "test")
  }

  static func refusal(_ bytes: [UInt8], as name: String, by office: BackupOffice) -> OfficeError? {
    do {
      try upload(bytes, as: name, to: office)
      return nil
    } catch {
      return error as? OfficeError
    }
  }

  /// How many rows there are of everything.
  static func rows(_ office: BackupOffice) throws -> [String: Int64] {
    office.repository.sweep()
    office.repository.sweeper.wait()
    return try office.repository.items.read { connection throws(OfficeError) in
      var rows: [String: Int64] = [:]
      for table in ["sets", "total", "name", "file", "cell", "storage", "item", "past", "chunk"] {
        rows[table] = try connection.value("SELECT count(*) FROM \(table)")
      }
      return rows
    }
  }

  @Test(
    "An archive that was uploaded reads back as the same bytes, whole or a column", arguments: 1...4
  )
  func sameBytes(seed: UInt64) throws {
    let office = try BackupOffice()
    let view = try Self.office(users: Int(seed) * 3, seed: seed)
    let archive = try Self.bytes(.office, of: view)
    let set = try Self.upload(archive, as: "other.sar", to: office, time: 77)
    #expect(set.stamp == 77 && set.upload?.area == nil && set.isFull)
    let isSame = try Self.bytes(.office, of: office.repository.view(of: set)) == archive
    #expect(isSame, "seed \(seed)")
    for area in Area.allCases {
      let column = try Self.bytes(.area(area), of: view)
      let part = try Self.upload(column, as: "\(area.name).odb", to: office)
      #expect(part.upload?.area == area && part.areas == [area])
      let isSame = try Self.bytes(.area(area), of: office.repository.view(of: part)) == column
      #expect(isSame, "seed \(seed) \(area.name)")
      let sums = try #require(try office.repository.areas(of: part).first { $0.area == area }).sums
      #expect(ArchiveSize.area(area, sums: sums) == Int64(column.count))
    }
    #expect(try office.repository.verify { _, _ in } == [])
    #expect(try office.repository.list().own.isEmpty)
  }

  @Test("The list is newest first, uploads under their names and times, and says who made each")
  func list() throws {
    let office = try BackupOffice()
    try office.publish("one", as: "alice")
    let made = try office.backups.runner.backUp(process: "manual", caller: "test").set
    let archive = try Self.bytes(.office, of: Self.office(users: 2, seed: 1))
    let (later, earlier) = (made.stamp + 10, made.stamp - 10)
    try Self.upload(archive, as: "b.sar", to: office, time: later)
    try Self.upload(archive, as: "a.sar", to: office, time: earlier)
    let names = try office.backups.archives().map(\.set.archiveName)
    #expect(names == ["b.sar", "\(made.name)_manual.sar", "a.sar"])
    #expect(try office.repository.list().latestArchive?.set.archiveName == "b.sar")
    let taken = Self.refusal(archive, as: "\(made.name)_manual.sar", by: office)
    #expect(taken?.code == .busy)
    let set = try #require(try office.repository.list().archive(named: "b.sar")?.set)
    try office.backups.remove(set, caller: "test")
    #expect(try office.backups.archives().count == 2)
    let removed = try #require(try office.repository.list().removed.first?.set)
    #expect(removed.until == office.clock + 30 * 86_400)
    office.clock += 30 * 86_400
    office.backups.look()
    #expect(try office.repository.list().removed.isEmpty)
    let audit = try String(contentsOfFile: office.folder + "/audit.log", encoding: .utf8)
    #expect(audit.contains("test uploaded b.sar: 2 users"))
    #expect(audit.contains("test removed the archive b.sar"))
  }

  @Test("The same archive again, also compressed, changes nothing; a changed one takes the name")
  func again() throws {
    let office = try BackupOffice()
    let archive = try Self.bytes(.office, of: Self.office(users: 2, seed: 1))
    let first = try Self.upload(archive, as: "a.sar", to: office)
    let rows = try Self.rows(office)
    #expect(try Self.upload(archive, as: "a.sar", to: office) == first)
    #expect(try Self.upload(try Self.packed(archive), as: "a.sar", to: office) == first)
    #expect(try Self.rows(office) == rows)
    let other = try Self.bytes(.office, of: Self.office(users: 3, seed: 2))
    let second = try Self.upload(other, as: "a.sar", to: office)
    #expect(try office.repository.list().archive(named: "a.sar")?.set == second)
    let old = try #require(try office.repository.list().removed.first?.set)
    let isSame = try Self.bytes(.office, of: office.repository.view(of: old)) == archive
    #expect(old.removal?.cause == .upload && isSame)
  }

  private static func packed(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = try ScratchDirectory()
    let path = folder.path + "/a"
    try Data(bytes).write(to: URL(filePath: path))
    try Subprocess.run(["gzip", path])
    return Array(try Data(contentsOf: URL(filePath: path + ".gz")))
  }

  @Test("Rows 20-35: what is refused leaves nothing behind", arguments: 1...3)
  func refused(seed: UInt64) throws {
    let office = try BackupOffice()
    let archive = try Self.bytes(.office, of: Self.office(users: 2, seed: seed))
    let before = try Self.rows(office)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<12 {
      let place = Int.random(in: 0..<archive.count, using: &random)
      #expect(Self.refusal(Array(archive[..<place]), as: "a.sar", by: office) != nil)
      var flipped = archive
      flipped[place] ^= UInt8.random(in: 1...255, using: &random)
      #expect(Self.refusal(flipped, as: "a.sar", by: office) != nil, "seed \(seed) at \(place)")
    }
    #expect(Self.refusal(archive, as: "a.odb", by: office)?.code == .badArchive)
    let column = try Self.bytes(.area(.todo), of: Self.office(users: 2, seed: seed))
    #expect(Self.refusal(column, as: "a.sar", by: office)?.code == .badArchive)
    #expect(try Self.rows(office) == before)
    #expect(try office.backups.archives().isEmpty)
  }

  @Test(
    "Rows 1-6, 11 and 24-25: entries no office has, and bombs, are refused",
    arguments: [
      "ln -s /etc/passwd alice/todo.ics", "ln office.json alice/todo.ics", "mkfifo alice/todo.ics",
      "mkdir alice/more && touch alice/more/todo.ics", "touch alice/notes.txt",
      "mkdir ALICE && touch ALICE/todo.ics", "touch -- -x",
      "head -c 300000000 /dev/zero >alice/messages.mbox",
    ])
  func hostile(command: String) throws {
    let office = try BackupOffice()
    let before = try Self.rows(office)
    let folder = try ScratchDirectory()
    let script = """
      set -e; mkdir alice; printf '{"format":1,"kind":"office"}' >office.json
      printf '{}' >alice/user.json
      \(command)
      find . -type f ! -name SHA256SUMS | sort | xargs sha256sum >SHA256SUMS
      tar cf - office.json $(ls -A | grep -v -e SHA -e office.json | sed 's,^,./,') SHA256SUMS | gzip
      """
    let outcome = try Subprocess.run(["sh", "-c", script], in: folder.path)
    let error = Self.refusal(outcome.output, as: "a.sar", by: office)
    #expect(error?.code == .badArchive || error?.code == .tooLarge, "\(String(describing: error))")
    #expect(try Self.rows(office) == before)
  }

  @Test("A full disk refuses an upload with nothing left, and later takes it")
  func fullDisk() throws {
    let office = try BackupOffice()
    let archive = try Self.bytes(.office, of: Self.office(users: 8, seed: 1))
    let before = try Self.rows(office)
    try office.fillRepository()
    #expect(Self.refusal(archive, as: "a.sar", by: office)?.code == .noSpace)
    try office.makeRoom()
    #expect(Self.refusal(Array(archive.dropLast(600)), as: "a.sar", by: office) != nil)
    #expect(try Self.rows(office) == before)
    #expect(try Self.upload(archive, as: "a.sar", to: office).users == 8)
  }

  @Test(
    "While a large archive is uploaded, neither memory nor the write-ahead log grows with it",
    .disabled(if: Sanitizer.isOn, "a sanitizer takes memory of its own"))
  func flat() throws {
    let office = try BackupOffice()
    let line = String(repeating: "0123456789abcdef", count: 60) + "\n"
    var mail: [UInt8] = []
    for index in 0..<48 {
      mail += Array("From a Mon Jan  5 10:15:\(10 + index) 2026\nSubject: \(index)\n\n".utf8)
      let body = Array("\(index)\n\(String(repeating: line, count: 1_000))\n".utf8)
      mail += body
    }
    let archive = try Self.bytes(
      .office,
      of: DictionaryView([
        UserID("alice"): [.messages: DictionaryView.Cell(document: mail, mtime: 1)]
      ]))
    mail = []
    let file = try UnnamedFile.make(in: "/dev/shm")
    defer { close(file) }
    _ = archive.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    let before = Self.memory()
    var (most, log) = (Int64(0), Int64(0))
    let set = try office.backups.upload(
      file: file, name: ArchiveName("a.sar"), time: nil, caller: "test",
      progress: { _, _ in
        most = max(most, Self.memory() - before)
        var status = stat()
        if stat(office.folder + "/backup/backup.db-wal", &status) == 0 {
          log = max(log, Int64(status.st_size))
        }
      })
    #expect(archive.count > 46_000_000 && set.users == 1)
    #expect(log > 0 && log < 48 << 20, "\(log)")
    #expect(most < 24 << 20, "\(most)")
  }

  /// Resident bytes of this process (proc(5), statm), without shared memory, which is where the test's disk is.
  private static func memory() -> Int64 {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").compactMap { Int64($0) }
    return pages.count > 2 ? (pages[1] - pages[2]) * Int64(sysconf(Int32(_SC_PAGESIZE))) : 0
  }

  @Test("Cancelled at any step, nothing is left")
  func cancelled() throws {
    let office = try BackupOffice()
    let archive = try Self.bytes(.office, of: Self.office(users: 3, seed: 1))
    let before = try Self.rows(office)
    let file = try UnnamedFile.make(in: "/dev/shm")
    defer { close(file) }
    _ = archive.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    for step in stride(from: 1, to: 30, by: 7) {
      var asked = 0
      let isCancelled = {
        asked += 1
        return asked > step
      }
      let error = #expect(throws: OfficeError.self) {
        try office.backups.upload(
          file: file, name: ArchiveName("a.sar"), time: nil, caller: "test",
          isCancelled: isCancelled)
      }
      #expect(error?.code == .interrupted)
    }
    #expect(try Self.rows(office) == before)
  }

  @Test("A process that dies at any commit of an upload leaves the old state, clean")
  func dying() throws {
    let office = try BackupOffice()
    try office.publish("one", as: "alice")
    let own = try office.backups.runner.backUp(process: "manual", caller: "test").set
    let archive = try Self.bytes(.office, of: Self.office(users: 4, seed: 1))
    let earlier = try Self.upload(archive, as: "a.sar", to: office)
    let before = try Self.rows(office)
    let other = try Self.office(users: 4, seed: 2)
    let stage = try office.repository.stageUpload()
    for user in try other.users() {
      for (area, cell) in zip(Area.allCases, try other.cells(of: user.number)) {
        var bytes = [UInt8](repeating: 0, count: Int(cell.size))
        try bytes.withUnsafeMutableBytes { try other.read(cell, at: 0, into: $0) }
        let sink = try stage.cell(user.id, area, mtime: 1)
        try sink.write(bytes)
        try sink.end(ItemKey(natural: [1]))
        try stage.seal()
      }
      try stage.flush()
      let copy = "/dev/shm/officefs-dying-\(UUID())"
      defer { try? FileManager.default.removeItem(atPath: copy) }
      try Subprocess.run(["cp", "-a", office.folder + "/backup", copy])
      let repository = try Repository(at: copy)
      defer { repository.close() }
      repository.sweeper.wait()
      #expect(try repository.sets() == [own, earlier])
      #expect(try repository.verify { _, _ in } == [])
      let left = try repository.items.read { connection throws(OfficeError) in
        try connection.value("SELECT count(*) FROM cell")
      }
      #expect(left == before["cell"])
    }
    stage.discard()
    #expect(try Self.rows(office) == before)
  }

  @Test("Row 32: the frozen archive of format 0 is uploaded, and reads back in the current format")
  func formatZero() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "OfficeArchiveTests/Golden/format-0.sar")
    let office = try BackupOffice()
    let set = try Self.upload(Array(try Data(contentsOf: path)), as: "old.sar", to: office)
    let view = try office.repository.view(of: set)
    #expect(try view.users().map(\.id.text) == ["alice", "bob"] && set.isFull)
    #expect(try view.user(.office) == nil)
    let again = try Self.bytes(.office, of: view)
    let copy = try office.repository.view(
      of: Self.upload(again, as: "new.sar", to: office))
    let isSame = try Self.bytes(.office, of: copy) == again
    #expect(isSame)
    #expect(String(decoding: again, as: UTF8.self).contains("alice/whereabouts.json"))
  }
}
