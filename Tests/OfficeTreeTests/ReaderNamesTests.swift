import Foundation
import TestSupport
import Testing

@testable import OfficeTree

@Suite("Who reads, as the audit log names them")
struct ReaderNamesTests {
  @Test("A command is found by any of its threads, with the name the kernel has, whatever is in it")
  func names() throws {
    let folder = try ScratchDirectory()
    for name in ["sleep", "we\\ird", "a b) Tgid: 1", "über"] {
      let path = "\(folder.path)/\(name)"
      try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: path)
      let process = Process()
      process.executableURL = URL(filePath: path)
      process.arguments = ["60"]
      try process.run()
      defer {
        // Not terminate(): where whoever runs the tests ignores SIGTERM, so does the child.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      let found = ProcessTable.command(ofThread: process.processIdentifier)
      #expect(found.process == process.processIdentifier)
      #expect(found.name == name)
    }
    let own = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
    let names = Set(own.compactMap { Int32($0) }.map { ProcessTable.command(ofThread: $0).name })
    #expect(own.count > 1 && names.count == 1, "threads have names of their own: \(names)")
    for thread in own.compactMap({ Int32($0) }) {
      #expect(ProcessTable.process(ofThread: thread) == getpid())
    }
    #expect(ProcessTable.command(ofThread: 0).name == "?")
  }

  @Test("A reader of what the kernel kept is looked up only when a line on them is due")
  func cachedReaders() {
    let exports = CachedExports()
    let node = NodeID(version: 7)
    #expect(!exports.isToTell(node, of: 0, at: 100), "never read to its end")
    exports.note(node, by: 0, at: 100)
    #expect(!exports.isToTell(node, of: 0, at: 101), "the log has just had it")
    #expect(exports.isToTell(node, of: 1_000, at: 101), "another user")
    #expect(exports.isToTell(node, of: 1_000, at: 101), "asking tells nothing")
    #expect(exports.mayHaveRead(node, by: 1_000, at: 102))
    #expect(!exports.isToTell(node, of: 1_000, at: 103))
    #expect(!exports.mayHaveRead(node, by: 1_000, at: 103))
    #expect(exports.isToTell(node, of: 0, at: 100 + CachedExports.interval), "an hour later")
    #expect(exports.isToTell(node, of: 0, at: 3_200), "it may be open until then")
    #expect(!exports.mayHaveRead(node, by: 0, at: 3_200))
  }

  @Test(
    "A waiting signal ends a thread's request if someone wants the program to end, or nobody can tell",
    arguments: [
      ("0000000000000000", "0000000000000000", false),
      ("0000000000000100", "0000000000000000", true),
      ("0000000000000000", "0000000000000002", true),
      ("0000000000000000", "0000000000004000", true),
      ("0000000000000000", "0000000008412000", false),
      ("", "0000000000000000", true),
    ])
  func endings(thread: String, process: String, isEnding: Bool) {
    let status = "Name:\tcp\nSigPnd:\t\(thread)\nShdPnd:\t\(process)\nSigBlk:\t0\n"
    #expect(ProcessTable.isEnding(status: Array(status.utf8)) == isEnding)
  }

  @Test("A thread for which no signal waits is not ending; one that /proc does not know is")
  func knownThreads() {
    #expect(!ProcessTable.isEnding(thread: getpid()))
    #expect(ProcessTable.isEnding(thread: 0))
    #expect(ProcessTable.isEnding(thread: .max))
  }
}
