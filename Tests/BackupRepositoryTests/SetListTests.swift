import Foundation
import OfficeModel
import Synchronization
import TestSupport
import Testing

@testable import BackupRepository
@testable import ItemStore

@Suite("The list of sets")
struct SetListTests {
  private static let item = ["key": Array("content".utf8)]

  @Test("Every change of the sets is told, after it is there and before the call returns")
  func changes() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.todo: Self.item], as: "alice")
    let repository = fixture.repository
    let told = Mutex<[(generation: Int64, sets: Int, held: Int)]>([])
    repository.observe {
      guard let list = try? repository.list() else { return }
      let held = list.all.count { $0.set.hold != nil }
      told.withLock { $0.append((list.generation, list.all.count, held)) }
    }
    func last() -> (generation: Int64, sets: Int, held: Int)? { told.withLock { $0.last } }
    let before = repository.generation
    let first = try fixture.backUp(day: 1).set
    #expect(try #require(last()).sets == 1 && repository.generation > before)
    let second = try fixture.backUp(day: 1).set
    #expect(try #require(last()).sets == 2)
    try repository.hold(first, as: "audit")
    #expect(try #require(last()).held == 1)
    #expect(try repository.list().held(as: "audit")?.set.number == first.number)
    try repository.release(hold: "audit", at: 0, until: 9)
    #expect(try #require(last()).held == 0)
    let generation = try repository.list().generation
    #expect(try repository.list().generation == generation && repository.generation == generation)
    try repository.drop(first)
    #expect(try #require(last()).sets == 1)
    let list = try repository.list()
    #expect(list.inSlot(0)?.set == second && list.named(second.name)?.set == second)
    #expect(list.numbered(first.number) == nil && list.newest?.set == second)
    #expect(list.all.map(\.items) == [1] && list.all.map(\.bytes) == [7])
  }

  @Test("A file names all sets that show its version; an updated area shows its own time")
  func files() throws {
    let fixture = try RepositoryFixture()
    try fixture.publish([.todo: Self.item, .messages: Self.item], as: "alice")
    try fixture.publish([.todo: Self.item], as: "bob")
    for day in 1...3 { try fixture.backUp(day: Int64(day), seconds: Int64(day) * 100) }
    try fixture.publish([.messages: ["key": [1, 2, 3]]], as: "alice")
    let last = try fixture.backUp([.messages], day: 4, seconds: 400).set
    let list = try fixture.repository.list()
    let repository = fixture.repository
    let bob = try #require(try repository.file(of: UserID("bob"), in: last.number))
    #expect(bob.sets(in: list) == list.all.map(\.set) && list.all.count == 4)
    let alice = try #require(try repository.file(of: UserID("alice"), in: last.number))
    #expect(alice.sets(in: list).map(\.number) == [last.number])
    #expect(try repository.file(of: UserID("carol"), in: last.number) == nil)
    #expect(try fixture.repository.file(version: bob.user.version) == bob)
    #expect(list.newest?.olderAreas.map(\.area) == Area.allCases.filter { $0 != .messages })
    #expect(list.newest?.olderAreas.allSatisfy { $0.stamp == 300 } == true)
    // In no list any more, yet readable for who has it open.
    let old = try fixture.repository.view(of: list.all[2].set)
    try fixture.repository.drop(list.all[2].set)
    #expect(bob.sets(in: try repository.list()).count == 3)
    let document = try RepositoryFixture.document(old, "alice", .messages)
    #expect(document == Array("content".utf8))
    let gone = #expect(throws: OfficeError.self) {
      try fixture.repository.view(of: list.all[2].set)
    }
    #expect(gone?.code == .stale)
  }

  @Test("Where there are many sets, listing them after a change of one reads little of the others")
  func manySets() throws {
    let fixture = try RepositoryFixture()
    let repository = fixture.repository
    /// Steps of SQLite's machine to list the sets once one of them is held.
    func cost() throws -> Int64 {
      let set = try #require(try repository.list().own.first?.set)
      try repository.hold(set, as: "audit")
      let before = repository.items.steps()
      #expect(try repository.list().held(as: "audit")?.set.number == set.number)
      let steps = repository.items.steps() - before
      try repository.release(hold: "audit", at: 0, until: 9)
      return steps
    }
    try fixture.publish([.todo: Self.item], as: "alice")
    for day in 1...5 { try fixture.backUp(day: Int64(day), keptBeside: 1 << 40) }
    let few = try cost()
    for day in 6...105 { try fixture.backUp(day: Int64(day), keptBeside: 1 << 40) }
    #expect(try repository.list().all.count == 105)
    let many = try cost()
    #expect(many - few < 100 * 10, "\(few) \(many)")
  }

  @Test("What is listed of areas is what the database says of them, also when it changes later")
  func areas() throws {
    let fixture = try RepositoryFixture()
    let repository = fixture.repository
    for id in ["alice", "bob"] { try fixture.publish([.todo: Self.item], as: id) }
    for day in 1...3 { try fixture.backUp(day: Int64(day)) }
    #expect(try repository.list().all.map(\.items) == [2, 2, 2])
    #expect(try repository.purge(user: UserID("bob")) > 0)
    #expect(try repository.list().all.map(\.items) == [1, 1, 1])
    try fixture.backUp(day: 4)
    let list = try repository.list()
    for listed in list.all {
      let stored = try repository.items.read { connection throws(OfficeError) in
        try TotalTable.areas(of: listed.set.number, in: connection)
      }
      #expect(listed.areas == stored)
    }
  }
}
