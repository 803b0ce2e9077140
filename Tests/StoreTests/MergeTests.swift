import ItemStore
import LiveStore
import OfficeModel
import TestSupport
import Testing

@Suite("Merging cells")
struct MergeTests {
  private static func anyHeaders(_ one: [UInt8], _ other: [UInt8]) throws(OfficeError) {}

  @Test(
    "Random cells merge as lists do, whoever wins; merging the same again changes nothing",
    arguments: [21, 22, 23, 24])
  func randomCells(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let fixture = try StoreFixture()
    for round in 0..<60 {
      let comment: Comment = "seed \(seed) round \(round)"
      let id = try UserID("user\(round)")
      let (mine, theirs) = (
        MergeModel.random(using: &random), MergeModel.random(using: &random)
      )
      let winner: CellSide = Bool.random(using: &random) ? .staged : .current
      if !mine.items.isEmpty { try Self.put(mine, id, fixture.store) }
      let expected =
        mine.items.isEmpty ? theirs : mine.merged(with: theirs, winner: winner)
      let (publication, changes) = try Self.merge(theirs, id, winner, fixture.store)
      let document = try StoreFixture.document(fixture.store.view(), id.text, .scheduler)
      #expect(document == expected.document, comment)
      try Self.checkCounts(changes[0].comparison, mine, theirs, comment)
      #expect(publication.isUnchanged == (expected == mine && !mine.items.isEmpty), comment)
      let commit = fixture.store.commit
      let again = try Self.merge(theirs, id, winner, fixture.store)
      #expect(again.publication.isUnchanged && fixture.store.commit == commit, comment)
      let itself = try Self.merge(expected, id, winner, fixture.store)
      #expect(itself.publication.isUnchanged, comment)
      #expect(itself.changes[0].comparison.same == expected.objects.count, comment)
    }
    try fixture.reopen()
    #expect(try fixture.store.verify { _, _ in }.map(\.description) == [], "seed \(seed)")
  }

  @Test(
    "A large cell is matched on the disk: one change of many goes in as one item, many make a new storage",
    arguments: [3, 9_000])
  func largeCells(changed: Int) throws {
    let fixture = try StoreFixture()
    let id = try UserID("alice")
    let mine = (0..<22_000).map { Self.mail($0, "mine") }
    try Self.put(MergeModel(mine), id, fixture.store)
    // The same messages, of which some stand under another time and hold something else, and some are new.
    var theirs = (0..<changed).map { Self.mail($0 * 2, "theirs", time: 1) }
    theirs.append(Self.mail(-1, "new"))
    let merged = try Self.merge(MergeModel(theirs), id, .staged, fixture.store)
    let kept = mine.indices.filter { $0 % 2 == 1 || $0 / 2 >= changed }.map { mine[$0] }
    let document = try StoreFixture.document(fixture.store.view(), "alice", .scheduler)
    #expect(Self.isEqual(document, MergeModel(kept + theirs).document))
    let comparison = merged.changes[0].comparison
    #expect(
      [comparison.added, comparison.changed, comparison.same, comparison.removed]
        == [1, changed, 0, mine.count - changed])
    let (before, after) = (merged.publication.before, merged.publication.after)
    let isDelta = before[Area.scheduler.index].storage == after[Area.scheduler.index].storage
    #expect(isDelta == (changed == 3))
    #expect(try Self.merge(MergeModel(theirs), id, .staged, fixture.store).publication.isUnchanged)
    try fixture.reopen()
    #expect(try fixture.store.verify { _, _ in }.map(\.description) == [])
  }

  @Test("Twins beyond number are matched too")
  func manyTwins() throws {
    let fixture = try StoreFixture()
    let id = try UserID("alice")
    func twins(_ range: Range<Int>) -> MergeModel {
      MergeModel(
        range.map { MergeModel.Item(order: [1], natural: [7], content: Array("\($0);".utf8)) })
    }
    try Self.put(twins(0..<12_000), id, fixture.store)
    let merged = try Self.merge(twins(6_000..<18_001), id, .current, fixture.store)
    let comparison = merged.changes[0].comparison
    // 6,000 are equal; of the rest 6,000 on each side meet in order, and one is new.
    #expect(
      [comparison.same, comparison.changed, comparison.added, comparison.removed]
        == [6_000, 6_000, 1, 0])
    let document = try StoreFixture.document(fixture.store.view(), "alice", .scheduler)
    #expect(Self.isEqual(document, twins(0..<12_000).document + Array("18000;".utf8)))
  }

  @Test(
    "What changed between merging and publishing is not lost: publishing throws, and merging again takes it in"
  )
  func changedMeanwhile() throws {
    let fixture = try StoreFixture()
    let id = try UserID("alice")
    try Self.put(MergeModel([Self.mail(1, "a")]), id, fixture.store)
    let stage = try fixture.store.stage()
    try Self.fill(stage, with: MergeModel([Self.mail(2, "b")]))
    _ = try fixture.store.merge(stage, as: id, winner: .staged, headers: Self.anyHeaders)
    try Self.put(MergeModel([Self.mail(1, "a"), Self.mail(3, "c")]), id, fixture.store)
    let failure = #expect(throws: OfficeError.self) {
      try fixture.store.publish(stage, as: id, by: "test")
    }
    #expect(failure?.code == .stale)
    _ = try fixture.store.merge(stage, as: id, winner: .staged, headers: Self.anyHeaders)
    _ = try fixture.store.publish(stage, as: id, by: "test")
    let document = try StoreFixture.document(fixture.store.view(), "alice", .scheduler)
    let all = MergeModel([Self.mail(1, "a"), Self.mail(2, "b"), Self.mail(3, "c")])
    #expect(document == all.document)
    try fixture.reopen()
    #expect(try fixture.store.verify { _, _ in }.map(\.description) == [])
  }

  @Test("A report follows its user, is the newest of its id, and is gone with a purge")
  func reports() throws {
    let fixture = try StoreFixture()
    let (alice, bob) = (try UserID("alice"), try UserID("bob"))
    try fixture.publish(["a": [1]], as: "alice")
    try fixture.store.keep(report: Array("first".utf8), of: alice, mtime: 5)
    let first = try #require(try fixture.store.report(of: alice))
    try fixture.store.keep(report: Array("second".utf8), of: alice, mtime: 6)
    let second = try #require(try fixture.store.report(of: alice))
    #expect(second.number > first.number && second.mtime == 6 && second.size == 6)
    #expect(try fixture.store.report(first.number) == nil)
    _ = try fixture.store.rename(alice, to: bob, by: "test")
    try fixture.reopen()
    #expect(try fixture.store.reports(after: nil, limit: 9).map(\.id) == [bob])
    #expect(try fixture.store.reportText(second.number) == Array("second".utf8))
    _ = try fixture.store.purge(user: bob)
    #expect(try fixture.store.report(of: bob) == nil)
    try fixture.store.keep(report: Array("of nobody".utf8), of: alice, mtime: 7)
    _ = try fixture.store.purge(undoBefore: 1)
    #expect(try fixture.store.report(of: alice) == nil)
  }

  @Test("What is wrong with reports keeps nobody from changing anything")
  func lostReports() throws {
    let fixture = try StoreFixture()
    try fixture.execute("ALTER TABLE report RENAME TO lost")
    let alice = try UserID("alice")
    for number in 0..<300 {
      try? fixture.store.keep(report: Array("a report".utf8), of: alice, mtime: Int64(number))
    }
    try fixture.settle()
    try fixture.publish(["a": [1]], as: "alice")
    try fixture.publish(["a": [2]], as: "alice")
    #expect(try StoreFixture.document(fixture.store.view(), "alice") == Array("\u{2}".utf8))
  }

  private static func mail(_ number: Int, _ text: String, time: UInt8 = 0) -> MergeModel.Item {
    let key = Array("id\(1_000_000 + number)".utf8)
    let content = key + Array(repeating: UInt8(ascii: "."), count: number % 7 == 0 ? 120 : 5)
    return MergeModel.Item(order: [time], natural: key, content: content + Array(text.utf8))
  }

  private static func isEqual(_ left: [UInt8]?, _ right: [UInt8]) -> Bool { left == right }

  private static func checkCounts(
    _ found: CellComparison, _ mine: MergeModel, _ theirs: MergeModel, _ comment: Comment
  ) throws {
    let pairs = mine.pairs(with: theirs)
    let same = pairs.filter { mine.items[$0.mine] == theirs.items[$0.theirs] }.count
    #expect(found.same == same, comment)
    #expect(found.changed == pairs.count - same, comment)
    #expect(found.added == theirs.objects.count - pairs.count, comment)
    #expect(found.removed == mine.objects.count - pairs.count, comment)
  }

  private static func put(_ model: MergeModel, _ id: UserID, _ store: LiveStore) throws {
    let stage = try store.stage()
    try fill(stage, with: model)
    _ = try store.publish(stage, as: id, by: "test")
  }

  private static func fill(_ stage: Stage, with model: MergeModel) throws {
    let cell = try stage.cell(.scheduler, mtime: 7)
    for item in model.items {
      try cell.write(item.content)
      try cell.end(ItemKey(order: item.order, natural: item.natural))
    }
    _ = try cell.seal()
  }

  private static func merge(
    _ model: MergeModel, _ id: UserID, _ winner: CellSide, _ store: LiveStore
  ) throws -> (publication: Publication, changes: [CellChange]) {
    let stage = try store.stage()
    try fill(stage, with: model)
    let changes = try store.merge(stage, as: id, winner: winner, headers: anyHeaders)
    return (try store.publish(stage, as: id, by: "test"), changes)
  }
}
