import Foundation
import GRDB
import LiveStore
import OfficeModel
import OfficeTree
import TestSupport

/// A small office with backups as a kill left it: some of it in the databases, some in their logs.
final class SweptOffice {
  /// A file of the data directory.
  struct File {
    var path: String
    var bytes: [UInt8]
  }

  /// One byte of the data directory.
  struct Place {
    var file: Int
    var offset: Int
  }

  /// What is swept; the logs that administrators read and the reserve hold nothing of the office.
  private(set) var files: [File] = []
  /// What was right after each step, the latest last.
  private(set) var history: [OfficePicture] = []

  private let scratch: URL
  private var kept: [URL] = []
  private var copies = 0

  // A clock that stands still: nothing expires while damage is looked for.
  private static let clock = WallClock { 1_772_704_800_000_000_000 }
  private static let inMemory = URL(filePath: "/dev/shm")

  init(seed: UInt64) throws {
    scratch = SweptOffice.inMemory.appending(path: "officefs-sweep-\(UUID())")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    var random = SeededGenerator(seed: seed)
    let first = scratch.appending(path: "first").path
    try LiveStore.create(at: first, clock: SweptOffice.clock)
    do {
      let office = try SweptOffice.open(first)
      for id in ["alice", "bob", "carol"] { try SweptOffice.enter(id, &random, in: office) }
      try office.makeGroup("sales")
      try SweptOffice.backUp(office)
      history.append(try OfficePicture(of: office))
      office.backups?.close()
      office.store.close()
      for database in ["office.db", "backup/backup.db"] {
        try SweptOffice.pack("\(first)/\(database)")
      }
      try office.reopen()
      try SweptOffice.enter("alice", &random, in: office)
      history.append(try OfficePicture(of: office))
      try SweptOffice.enter("dave", &random, in: office)
      history.append(try OfficePicture(of: office))
      try office.remove("carol.udb")
      history.append(try OfficePicture(of: office))
      try SweptOffice.backUp(office)
      history.append(try OfficePicture(of: office))
      try keep(first)
    }
  }

  deinit { try? FileManager.default.removeItem(at: scratch) }

  private static func open(_ folder: String) throws -> TreeFixture {
    try TreeFixture(clock: clock, hasBackups: true, takingOver: folder)
  }

  private static func backUp(_ office: TreeFixture) throws {
    _ = try office.tree.change(
      office.node("backup/update/all"), handle: nil, to: AttributeChange(mtimeIsNow: true),
      caller: office.caller)
  }

  /// A user with items that stand in their rows and items whose content is kept apart.
  private static func enter(
    _ id: String, _ random: inout SeededGenerator, in office: TreeFixture
  ) throws {
    func words(_ count: Int) -> String {
      (0..<count).map { _ in String(random.next() % 1_000_000, radix: 36) }.joined(separator: " ")
    }
    var mail = ""
    for number in 0..<3 {
      mail += "From a@example.org Mon Jan  5 0\(number):00:00 2026\n"
      mail += "Message-ID: <\(words(1))@\(id)>\n"
      mail += "Subject: \(words(3))\n\n\(words(150))\n\n"
    }
    let sheet = (1...4).map { "2026-01-0\($0),08:00,17:00,\(words(4))\r\n" }.joined()
    let archive = try TreeFixture.archive(
      id,
      texts: [
        .user: "{\n\"id\":\"\(id)\",\n\"displayName\":\"\(words(2))\"\n}\n", .messages: mail,
        .timesheet: "date,in,out,note\r\n" + sheet,
        .whereabouts: "{\n\"status\":\"\(words(2))\"\n}\n",
      ])
    try office.copy(archive, to: "\(id).udb")
  }

  /// Writes a database anew with small pages, so that little of it is empty and a damaged page is not half of it.
  private static func pack(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { database in
      try database.execute(
        sql: """
          PRAGMA journal_mode=DELETE; PRAGMA page_size=1024; VACUUM; PRAGMA journal_mode=WAL;
          """)
    }
    try queue.close()
  }

  private func keep(_ folder: String) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    for name in names {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      if name.hasSuffix("reserve") {
        // Made once: it takes longer than all the rest.
        let link = scratch.appending(path: "reserve-\(kept.count)")
        try FileManager.default.linkItem(atPath: path, toPath: link.path)
        kept.append(link)
      } else if !name.hasSuffix(".log"), !name.hasSuffix("-shm") {
        let bytes = try Data(contentsOf: URL(filePath: path))
        files.append(File(path: name, bytes: [UInt8](bytes)))
      }
    }
  }

  /// Opens a copy in which one byte is another. Throws what refuses it.
  func open(damagedAt place: Place?) throws -> TreeFixture {
    copies += 1
    let copy = scratch.appending(path: "copy-\(copies)")
    let manager = FileManager.default
    for folder in ["", "/backup", "/spool"] {
      try manager.createDirectory(
        atPath: copy.path + folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    }
    for (index, file) in files.enumerated() {
      var bytes = file.bytes
      if let place, place.file == index { bytes[place.offset] ^= 0xFF }
      try Data(bytes).write(to: copy.appending(path: file.path))
    }
    for (link, name) in zip(kept, ["backup/reserve", "reserve"]) {
      try manager.linkItem(atPath: link.path, toPath: copy.appending(path: name).path)
    }
    do {
      return try SweptOffice.open(copy.path)
    } catch {
      try? manager.removeItem(at: copy)
      throw error
    }
  }

  /// The bytes around a place, as they were.
  func neighbours(of place: Place) -> ArraySlice<UInt8> {
    let bytes = files[place.file].bytes
    return bytes[max(0, place.offset - 12)..<min(bytes.count, place.offset + 12)]
  }
}
