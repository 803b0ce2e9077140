import Foundation
import LiveStore
import OfficeModel
import TestSupport
import Testing

@Suite("The office's own cell")
struct OfficeCellTests {
  private func publish(
    _ text: String, in fixture: StoreFixture, over version: Int64?, what: String = "groups",
    joins: Bool = false
  ) throws -> UserState {
    let stage = try fixture.store.stage()
    let cell = try stage.cell(.user, mtime: 1)
    for line in text.split(separator: "\n") {
      try cell.write(Array("\(line)\n".utf8))
      try cell.end(ItemKey(natural: Array(line.utf8)))
    }
    _ = try cell.seal()
    return try fixture.store.publishOffice(
      stage, expecting: version, what: what, joins: joins, by: "test", group: 1)
  }

  @Test("On a full disk a change is ENOSPC; a new stage is taken once the reserve is given up")
  func fullDisk() throws {
    let fixture = try StoreFixture()
    let first = try publish("a\n", in: fixture, over: nil)
    let pages = try fixture.value("PRAGMA page_count")
    try fixture.execute("PRAGMA max_page_count=\(pages)")
    let text = (0..<3_000).map { "member \(10_000 + $0)\n" }.joined()
    let error = #expect(throws: OfficeError.self) {
      try publish(text, in: fixture, over: first.version)
    }
    #expect(error?.code == .noSpace)
    #expect(fixture.store.releaseReserve() && !fixture.store.releaseReserve())
    try fixture.execute("PRAGMA max_page_count=1000000")
    _ = try publish(text, in: fixture, over: first.version)
    #expect(try self.text(fixture.store.view()) == text)
  }

  private func text(_ view: LiveView) throws -> String? {
    guard let user = try view.user(.office) else { return nil }
    let cell = try view.cells(of: user.number)[0]
    var bytes = [UInt8](repeating: 0, count: Int(cell.size))
    try bytes.withUnsafeMutableBytes { try view.read(cell, at: 0, into: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("It is in no list, count, sum or column, and survives reopening, verify and purge")
  func isApart() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.items(3), as: "alice")
    let sums = try Area.allCases.map { try fixture.store.column($0).sums }
    let totals = try fixture.store.totals()
    let first = try publish("a\nb\n", in: fixture, over: nil)
    _ = try publish("a\nc\n", in: fixture, over: first.version)
    #expect(try fixture.store.users(after: "", limit: 10).users.map(\.id.text) == ["alice"])
    #expect(try fixture.store.view().users().map(\.id.text) == ["alice"])
    #expect(try fixture.store.view(at: first.born).users().map(\.id.text) == ["alice"])
    #expect(try fixture.store.view().column(.user).map(\.id.text) == ["alice"])
    #expect(try Area.allCases.map { try fixture.store.column($0).sums } == sums)
    #expect(try fixture.store.totals() == totals)
    try fixture.reopen()
    #expect(try text(fixture.store.view()) == "a\nc\n")
    #expect(try text(fixture.store.view(at: first.born)) == "a\nb\n")
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
    _ = try fixture.store.purge(undoBefore: .max)
    try fixture.settle()
    #expect(try text(fixture.store.view()) == "a\nc\n")
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
    #expect(throws: OfficeError.self) { try UserID("@office") }
  }

  @Test("A change of one line of many is one item that was superseded")
  func isSmall() throws {
    let fixture = try StoreFixture()
    let lines = (0..<500).map { "line\($0 + 1000)" }
    let first = try publish(lines.joined(separator: "\n"), in: fixture, over: nil)
    let other = (lines.dropLast() + ["other"]).joined(separator: "\n")
    _ = try publish(other, in: fixture, over: first.version)
    #expect(try fixture.value("SELECT count(*) FROM past") == 1)
  }

  @Test("Changes that join leave in undo what the first found; others are each an entry of undo")
  func undo() throws {
    let fixture = try StoreFixture()
    var version = try publish("a\n", in: fixture, over: nil).version
    for text in ["b\n", "c\n", "d\n"] {
      version = try publish(text, in: fixture, over: version, joins: true).version
    }
    let groups = try fixture.store.undoGroups()
    #expect(groups.count == 1)
    let file = try #require(try fixture.store.undoFiles(of: groups[0].number).first)
    #expect(file.id == .office)
    #expect(try text(fixture.store.view(at: file.commit)) == "a\n")
    version = try publish("e\n", in: fixture, over: version).version
    version = try publish("f\n", in: fixture, over: version).version
    #expect(try fixture.store.undoGroups().count == 3)
    #expect(throws: OfficeError.self) { try publish("g\n", in: fixture, over: version - 1) }
    #expect(try text(fixture.store.view()) == "f\n")
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
  }
}
