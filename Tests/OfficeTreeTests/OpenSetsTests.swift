import BackupRepository
import OfficeModel
import TestSupport
import Testing

@testable import OfficeTree

@Suite("Which open set shows a file")
struct OpenSetsTests {
  @Test("Not one of a backup made since the file's row was read: it may have ended that version")
  func madeSince() throws {
    let fixture = try BackupFixture()
    let repository = fixture.backups.repository
    let alice = try UserID("alice")
    func backUp(_ day: Int) throws -> BackupSet {
      let rows = ["2026-03-0\(day),9:00,17:00"]
      try fixture.office.copy(TreeFixture.archive("alice", rows: rows), to: "alice.udb")
      fixture.pass(seconds: 60)
      return try fixture.backups.runner.backUp(process: "manual", caller: "test").set
    }
    let first = try backUp(1)
    let list = try repository.list()
    let file = try #require(try repository.file(of: alice, in: first.number))
    let open = OpenSets(repository)
    let second = try open.view(of: backUp(2))
    // The row that was read says nothing of its end.
    #expect(file.isShown(by: second.number))
    #expect(open.known(showing: file, in: list) == nil)
    let now = try repository.list()
    let next = try #require(try repository.file(of: alice, in: second.number))
    #expect(open.known(showing: next, in: now)?.number == second.number)
  }
}
