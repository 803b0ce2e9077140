import BackupRepository
import Foundation
import LiveStore
import OfficeAdmin
import OfficeModel
import Testing

@Suite("A backup that compares everything")
struct ComparingBackupTests {
  @Test("Damage in the repository is told as a defect and put right by copying anew")
  func repair() throws {
    let folder = "/dev/shm/officefs-full-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try LiveStore.create(at: folder + "/live", clock: .system)
    try Repository.create(at: folder + "/backup")
    let store = try LiveStore(directory: folder + "/live", clock: .system)
    defer { store.close() }
    let victim = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7 + $0) }
    for id in ["alice", "bob"] {
      let stage = try store.stage()
      let cell = try stage.cell(.messages, mtime: 1)
      try cell.write(id == "alice" ? victim : Array("another message".utf8))
      try cell.end(ItemKey(natural: Array("key".utf8)))
      _ = try cell.seal()
      _ = try store.publish(stage, as: UserID(id), by: "test")
    }
    func run() throws -> BackupResult {
      let repository = try Repository(at: folder + "/backup")
      defer { repository.close() }
      let runner = BackupRunner(
        store: store, repository: repository, calendar: OfficeCalendar(), clock: .system,
        audit: try Journal(path: folder + "/audit.log", clock: .system),
        notes: BackupNotes(of: folder))
      let result = try runner.backUpComparing(process: "manual", caller: "test") { _, _ in }
      let view = try repository.view(of: result.set)
      let alice = try #require(try view.user(UserID("alice")))
      let cell = try view.cells(of: alice.number)[Int(Area.messages.rawValue) - 1]
      var bytes = [UInt8](repeating: 0, count: Int(cell.size))
      try bytes.withUnsafeMutableBytes { try view.read(cell, at: 0, into: $0) }
      #expect(bytes == victim)
      return result
    }
    #expect(try run().defects == [])
    let path = folder + "/backup/backup.db"
    var file = try Data(contentsOf: URL(filePath: path))
    let range = try #require(file.range(of: Data(victim[100..<160])))
    file[range.lowerBound] ^= 0x10
    try file.write(to: URL(filePath: path))
    let result = try run()
    #expect(result.defects.count == 1 && result.defects[0].files[0].hasSuffix("users/alice.udb"))
    #expect(try run().defects == [])
  }
}
