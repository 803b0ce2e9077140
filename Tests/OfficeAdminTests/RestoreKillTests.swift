import BackupRepository
import Foundation
import LiveStore
import OfficeModel
import TestSupport
import Testing

@testable import OfficeAdmin

@Suite(
  "A restore that is killed", .enabled(if: Subprocess.has("strace"), "strace is not installed"))
struct RestoreKillTests {
  /// Makes a set of alice and bob, then changes alice in one item, bob in all, and adds carol.
  private static func fill(_ data: String) throws {
    try LiveStore.create(at: data, clock: .system)
    try RepositoryLocation.create(for: data, in: nil)
    let store = try LiveStore(directory: data, clock: .system)
    defer { store.close() }
    for id in ["alice", "bob"] { try publish(id, seed: 1, in: store) }
  }

  private static func publish(_ id: String, seed: UInt64, in store: LiveStore) throws {
    var random = SeededGenerator(seed: seed)
    let stage = try store.stage()
    let cell = try stage.cell(.messages, mtime: 7)
    for index in 0..<40 {
      try cell.write(id == "alice" && index > 0 ? [UInt8(index)] : random.bytes(3_000))
      try cell.end(ItemKey(natural: Array("key\(100 + index)".utf8)))
    }
    _ = try cell.seal()
    _ = try store.publish(stage, as: UserID(id), by: "test")
  }

  /// What the office shows; both databases have to be sound.
  private static func contents(of data: String) throws -> [String: Digest] {
    let store = try LiveStore(directory: data, clock: .system)
    defer { store.close() }
    #expect(try store.verify { _, _ in } == [])
    return try RestoreOffice.contents(of: store.view())
  }

  @Test(
    "At each call that writes: the office is wholly the old one or wholly the new one",
    .timeLimit(.minutes(10)))
  func eachCall() throws {
    let folder = try ScratchDirectory(in: ScratchDirectory.memory)
    defer { withExtendedLifetime(folder) {} }
    let (template, data) = (folder.path + "/template", folder.path + "/data")
    try Self.fill(template)
    let then = try Self.contents(of: template)
    try Subprocess.run([Officefs.path, "backup", template])
    do {
      let store = try LiveStore(directory: template, clock: .system)
      defer { store.close() }
      for (id, seed) in [("alice", UInt64(2)), ("bob", 3), ("carol", 4)] {
        try Self.publish(id, seed: seed, in: store)
      }
    }
    let before = try Self.contents(of: template)
    var states: Set<Bool> = []
    try KillLoop.run(
      [Officefs.path, "restore", data, "latest", "--remove-others", "--yes"], on: data,
      from: template, first: 3, step: KillLoop.step(9), most: 2_000
    ) { call, isOver in
      let found = try Self.contents(of: data)
      states.insert(found == then)
      #expect(found == before || found == then, "killed at call \(call)")
      // What is left behind is no hindrance.
      if call % 10 == 0 || isOver { try Subprocess.run([Officefs.path, "backup", data]) }
    }
    #expect(states == [true, false])
  }
}
