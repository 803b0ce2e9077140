import BackupRepository
import Foundation
import OfficeModel
import TestSupport
import Testing

@Suite("Erasing a user from the backups")
struct ErasingTests {
  private static func items(_ word: String, _ round: Int) -> [String: [UInt8]] {
    var items: [String: [UInt8]] = [:]
    for index in 0..<20 {
      let version = index % 4 == round % 4 ? round : 0
      let text = "\(word) \(index) \(version) "
      items["\(word)-key\(100 + index)"] = Array(
        String(repeating: text, count: 1 + index * 3).utf8)
    }
    return items
  }

  @Test("Nothing of an erased user is left in any file; all sets read on and verify, the next too")
  func erase() throws {
    let fixture = try RepositoryFixture()
    for round in 0..<5 {
      for (id, word) in [("alice", "mercury"), ("bob", "venus"), ("carol", "mars")] {
        try fixture.publish(
          [.messages: Self.items(word, round), .todo: ["same": Array("everyone".utf8)]], as: id)
      }
      if round == 3 { _ = try fixture.store.rename(UserID("carol"), to: UserID("cora"), by: "t") }
      try fixture.backUp(round == 2 ? [.messages] : Set(Area.allCases), day: Int64(round))
    }
    let before = try fixture.repository.list()
    let repository = fixture.repository
    for id in ["alice", "carol"] { #expect(try repository.purge(user: UserID(id)) > 0) }
    #expect(try repository.purge(user: UserID("alice")) == 0)
    #expect(try repository.verify { _, _ in } == [])
    _ = try fixture.store.purge(user: UserID("alice"))
    for entry in try repository.list().all {
      let view = try repository.view(of: entry.set)
      let others = try view.users().map(\.id.text)
      #expect(!others.contains("alice") && others.contains("bob"))
      let round = Int(entry.set.number - before.all[0].set.number)
      for (id, word) in [("bob", "venus"), ("cora", "mars")] where others.contains(id) {
        let document = try RepositoryFixture.document(view, id, .messages)
        let items = Self.items(word, id == "cora" ? 3 : round)
        #expect(document == RepositoryFixture.document(of: items))
      }
      let count = Int64(try view.column(.todo).count)
      #expect(count == entry.areas?[Int(Area.todo.rawValue) - 1].sums.cells)
    }
    try fixture.backUp(day: 9)
    #expect(try repository.verify { _, _ in } == [])
    fixture.repository.close()
    for name in ["backup.db", "backup.db-wal"] {
      let path = "\(fixture.folder)/backup/\(name)"
      guard let bytes = FileManager.default.contents(atPath: path) else { continue }
      for word in ["alice", "mercury"] {
        #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
      }
      #expect(bytes.range(of: Data("venus".utf8)) != nil || name != "backup.db")
    }
  }
}
