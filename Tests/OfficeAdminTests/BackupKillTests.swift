import BackupRepository
import Foundation
import LiveStore
import OfficeAdmin
import OfficeModel
import TestSupport
import Testing

@Suite("A backup that is killed", .enabled(if: Subprocess.has("strace"), "strace is not installed"))
struct BackupKillTests {
  private static let calls =
    "pwrite64,write,fdatasync,fsync,ftruncate,fallocate,unlink,rename,mkdir"

  /// The slots, and what each set of them reads as.
  private struct Slots: Equatable {
    var slots: [Int64: Int?] = [:]
    var contents: [Int64: Digest] = [:]

    init(of data: String) throws {
      let repository = try Repository(at: data + "/backup")
      defer { repository.close() }
      #expect(try repository.verify { _, _ in } == [])
      for entry in try repository.list().all {
        let view = try repository.view(of: entry.set)
        var text = ""
        for area in Area.allCases {
          for (id, cell) in try view.column(area) {
            var bytes = [UInt8](repeating: 0, count: Int(cell.size))
            if cell.size > 0 {
              try bytes.withUnsafeMutableBytes { try view.read(cell, at: 0, into: $0) }
            }
            text += "\(id) \(area.name) \(cell.mtime) \(Digest(of: bytes))\n"
          }
        }
        slots[entry.set.number] = entry.set.slot
        contents[entry.set.number] = Digest(of: Array(text.utf8))
      }
    }
  }

  /// An office with all slots taken by the days before, in which something changed since.
  private static func fill(_ data: String) throws {
    let now = WallClock.system.seconds
    for day in (1...9).reversed() {
      let clock = WallClock { (now - Int64(day) * 86_400) * 1_000_000_000 }
      if day == 9 {
        try LiveStore.create(at: data, clock: clock)
        try RepositoryLocation.create(for: data, in: nil)
      }
      let store = try LiveStore(directory: data, clock: clock)
      defer { store.close() }
      let repository = try RepositoryLocation.open(for: data, store)
      let journal = try Journal(path: data + "/audit.log", clock: clock)
      let backups = try OfficeBackups(
        store: store, repository: repository, settings: OfficeSettings(), clock: clock,
        audit: journal, errors: journal, notes: BackupNotes(of: data))
      defer { backups.close() }
      for id in ["alice", "bob"] { try publish(id, day: day, in: store) }
      if day == 5 { _ = try backups.runner.backUp([.todo], process: "manual", caller: "test") }
      if day > 1 {
        _ = try backups.runner.backUp(process: "scheduled", caller: "test")
      } else {
        try publish("carol", day: day, in: store)
        try store.delete(UserID("bob"), by: "test", group: 1)
      }
    }
  }

  private static func publish(_ id: String, day: Int, in store: LiveStore) throws {
    let stage = try store.stage()
    var random = SeededGenerator(seed: UInt64(day))
    for area in [Area.messages, .todo] {
      let cell = try stage.cell(area, mtime: Int64(day))
      for index in 0..<12 {
        try cell.write(index % 4 == day % 4 ? random.bytes(3_000) : [UInt8(index)])
        try cell.end(ItemKey(natural: Array("key\(100 + index)".utf8)))
      }
      _ = try cell.seal()
    }
    _ = try store.publish(stage, as: UserID(id), by: "test")
  }

  @Test(
    "At each call that writes: the slots are the old ones or the new ones, and read as before",
    .timeLimit(.minutes(10)))
  func eachCall() throws {
    let folder = "/dev/shm/officefs-kill-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let (template, data) = (folder + "/template", folder + "/data")
    try Self.fill(template)
    let before = try Slots(of: template)
    #expect(before.slots.values.count { $0 != nil } == 8)
    var after = before
    var isOver = false
    var states: Set<Bool> = []
    // The whole first: what the new state is. Then killed at every call, or every so many.
    let step = ProcessInfo.processInfo.environment["OFFICEFS_SEEDS"] == nil ? 5 : 1
    for call in [0] + Array(stride(from: 1, to: 1_000, by: step)) where !isOver {
      try Subprocess.run(["cp", "-a", template, data])
      defer { try? FileManager.default.removeItem(atPath: data) }
      var command = [Officefs.path, "backup", data]
      if call > 0 {
        command =
          [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(Self.calls)", "-e",
            "inject=\(Self.calls):signal=KILL:when=\(call)",
          ] + command
      }
      let outcome = try Subprocess.attempt(command)
      let found = try Slots(of: data)
      if call == 0 {
        after = found
        #expect(outcome.status == 0 && after.slots != before.slots, "\(outcome.errors)")
      } else {
        isOver = outcome.status == 0
        states.insert(found.slots == after.slots)
        #expect(found == before || found == after, "killed at call \(call)")
      }
      // What is left behind is no hindrance.
      if call % 10 == 0 || isOver { try Subprocess.run([Officefs.path, "backup", data, "--full"]) }
    }
    #expect(isOver && states == [true, false])
  }
}
