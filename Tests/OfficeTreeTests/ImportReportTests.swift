import Dispatch
import Foundation
import OfficeModel
import OfficeTree
import Synchronization
import TestSupport
import Testing

@Suite("Reports and merges under load")
struct ImportReportTests {
  private static func rows(_ range: Range<Int>, at time: String) -> [String] {
    range.map { "\(1_000_000 + $0),\(time),16:00" }
  }

  private static func report(_ office: TreeFixture) throws -> String {
    String(
      decoding: try office.read("alice.txt", in: try office.node("import/reports")), as: UTF8.self)
  }

  @Test("Merges of one user at once all arrive: each is worked out anew where another came first")
  func together() throws {
    let office = try TreeFixture()
    let days = (0..<4).map { writer in (0..<5).map { "2026-0\(writer + 1)-0\($0 + 1),8,9" } }
    let archives = try days.map { try $0.map { try TreeFixture.archive("x", rows: [$0]) } }
    let merge = try office.node("import/merge")
    let failures = Mutex<[String]>([])
    let (tree, caller) = (office.tree, office.caller)
    DispatchQueue.concurrentPerform(iterations: archives.count) { writer in
      for (index, bytes) in archives[writer].enumerated() {
        do {
          // A name of its own at first: one name has one writer at a time.
          let name = Array(".alice.udb.w\(writer)i\(index)".utf8)
          let opened = try tree.create(
            name, in: merge, flags: [.write, .exclusive], permissions: 0o600, caller: caller)
          try bytes.withUnsafeBytes { try tree.write(opened.1.handle, at: 0, $0) }
          try tree.flush(opened.1.handle, caller: caller, isInterrupted: { false })
          tree.release(opened.1.handle)
          while true {
            do throws(OfficeError) {
              try tree.rename(
                name, in: merge, to: Array("alice.udb".utf8), in: merge, flags: 0, caller: caller)
              break
            } catch {
              guard error.code == .busy else { throw error }
            }
          }
        } catch {
          failures.withLock { $0.append("writer \(writer), \(index): \(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let all = try TreeFixture.archive("alice", rows: days.flatMap(\.self).sorted())
    #expect(isEqual(try office.read("alice.udb"), all))
    let before = office.store.commit
    #expect(before == 20, "each merge is one commit")
  }

  @Test("A report names 1,000 objects and counts the rest")
  func capped() throws {
    let office = try TreeFixture()
    try office.copy(
      try TreeFixture.archive("alice", rows: Self.rows(0..<1_500, at: "08:00")), to: "alice.udb")
    let folder = try office.node("import/preview")
    try office.copy(
      try TreeFixture.archive("alice", rows: Self.rows(0..<1_500, at: "09:00")), to: "alice.udb",
      in: folder)
    let report = try Self.report(office)
    #expect(report.components(separatedBy: "timesheet changed: ").count == 1_001)
    #expect(report.hasSuffix("\n  and 500 more\n"))
    #expect(report.utf8.count < 100_000)
  }

  @Test("An import that is too large to compare while others wait is counted behind it")
  func behind() throws {
    let office = try TreeFixture()
    try office.copy(
      try TreeFixture.archive("alice", rows: Self.rows(0..<11_000, at: "08:00")), to: "alice.udb")
    let name = ".goutputstream-AB12CD"
    try office.copy(
      try TreeFixture.archive("alice", rows: Self.rows(10_000..<22_000, at: "08:00")), to: name)
    try office.rename(name, to: "alice.udb")
    #expect(try Self.report(office).contains("result   imported"))
    let isCounted = try Waiting.until(60) {
      try Self.report(office).contains("timesheet       11000        0    10000     1000        0")
    }
    let report = try Self.report(office)
    #expect(isCounted, "\(report.prefix(1_000))")
  }

  @Test("A writer that never came to an end leaves a report too")
  func abandoned() throws {
    let office = try TreeFixture()
    let merge = try office.node("import/merge")
    let bytes = try TreeFixture.archive("alice", rows: Self.rows(0..<9, at: "08:00"))
    let handle = try office.openToWrite("alice.udb", in: merge)
    try bytes.dropLast(700).withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
    office.tree.release(handle)
    let report = try Self.report(office)
    #expect(report.contains("refused, nothing was changed"))
    #expect(report.contains("closed without a whole archive"))
    #expect(try office.names().isEmpty)
  }
}
