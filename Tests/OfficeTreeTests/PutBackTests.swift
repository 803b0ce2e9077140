import Foundation
import OfficeModel
import OfficeTree
import Synchronization
import TestSupport
import Testing

@Suite("A user whom a tool deleted before it wrote")
struct PutBackTests {
  /// Looks a name up again and again, from a thread of its own.
  private final class Watcher: Sendable {
    private let isDone = Atomic(false)
    private let missed = Atomic(0)
    private let ended = DispatchSemaphore(value: 0)

    init(_ name: String, in office: TreeFixture) {
      let (tree, users, caller) = (office.tree, office.users, office.caller)
      Thread.detachNewThread { [self] in
        while !isDone.load(ordering: .relaxed) {
          if (try? tree.lookup(Array(name.utf8), in: users, caller: caller)) == nil {
            missed.add(1, ordering: .relaxed)
          }
        }
        ended.signal()
      }
    }

    /// How many times the name was not there.
    func end() -> Int {
      isDone.store(true, ordering: .relaxed)
      ended.wait()
      return missed.load(ordering: .relaxed)
    }
  }

  @Test(
    "is put back, when the new file is refused or given up, before the file goes: the name is always there",
    arguments: [true, false])
  func always(isRefused: Bool) throws {
    let office = try TreeFixture()
    let archive = try TreeFixture.archive("alice")
    try office.copy(archive, to: "alice.udb")
    for _ in 0..<10 {
      try office.remove("alice.udb", caller: office.caller)
      let handle = try office.openToWrite("alice.udb")
      let watcher = Watcher("alice.udb", in: office)
      let bytes = isRefused ? [UInt8](repeating: 0x61, count: 4096) : Array(archive.prefix(700))
      try bytes.withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
      if isRefused {
        #expect(
          code { try office.tree.flush(handle, caller: office.caller, isInterrupted: { false }) }
            == .badArchive)
      }
      office.tree.release(handle)
      #expect(watcher.end() == 0)
      #expect(isEqual(try office.read("alice.udb"), archive))
    }
  }
}
