import BackupRepository
import Foundation
import LiveStore
import OfficeAdmin
import OfficeModel
import TestSupport
import Testing

@Suite("A backup that is killed", .enabled(if: Subprocess.has("strace"), "strace is not installed"))
struct BackupKillTests {
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
    let folder = try ScratchDirectory(in: ScratchDirectory.memory)
    defer { withExtendedLifetime(folder) {} }
    let (template, data) = (folder.path + "/template", folder.path + "/data")
    try Self.fill(template)
    let before = try Slots(of: template)
    #expect(before.slots.values.count { $0 != nil } == 8)
    try Subprocess.run(["cp", "-a", template, data])
    try Subprocess.run([Officefs.path, "backup", data])
    let after = try Slots(of: data)
    try FileManager.default.removeItem(atPath: data)
    #expect(after.slots != before.slots)
    var states: Set<Bool> = []
    try KillLoop.run(
      [Officefs.path, "backup", data], on: data, from: template, step: KillLoop.step(5),
      most: 1_000
    ) { call, isOver in
      let found = try Slots(of: data)
      states.insert(found.slots == after.slots)
      #expect(found == before || found == after, "killed at call \(call)")
      // What is left behind is no hindrance.
      if call % 10 == 0 || isOver { try Subprocess.run([Officefs.path, "backup", data, "--full"]) }
    }
    #expect(states == [true, false])
  }
}
