import OfficeModel
import Testing

@testable import LiveStore

@Suite("The times of files")
struct FileTimeTests {
  /// A second, in the unit of file times.
  private let second: Int64 = 1_000_000_000

  @Test("versions made within one second have times in different seconds, so that rsync sees each")
  func differInSeconds() throws {
    let time = TestTime()
    let fixture = try StoreFixture(clock: time.clock)
    var users: Set<Int64> = []
    var columns: Set<Int64> = []
    for round in 0..<8 {
      try fixture.publish(["key": [UInt8(round)]], as: "alice")
      users.insert(try #require(try fixture.store.user(UserID("alice"))).mtime / second)
      columns.insert(try fixture.store.column(.messages).mtime / second)
    }
    #expect(users.count == 8)
    #expect(columns.count == 8)
  }

  @Test("a name that was deleted, renamed away or renamed to gets a time of its own second too")
  func namesNotUsers() throws {
    let time = TestTime()
    let fixture = try StoreFixture(clock: time.clock)
    let alice = try UserID("alice")
    var seconds: [Int64] = []
    try fixture.publish(["key": [1]], as: "alice")
    seconds.append(try #require(try fixture.store.user(alice)).mtime / second)
    try fixture.store.delete(alice, by: "test")
    try fixture.publish(["key": [2]], as: "alice")
    seconds.append(try #require(try fixture.store.user(alice)).mtime / second)
    try fixture.store.delete(alice, by: "test")
    try fixture.publish(["key": [3]], as: "bob")
    _ = try fixture.store.rename(UserID("bob"), to: alice, by: "test")
    seconds.append(try #require(try fixture.store.user(alice)).mtime / second)
    #expect(Set(seconds).count == 3)
  }

  @Test("any time that a tool has set is followed by a time of now, or by a later one")
  func farOff() throws {
    let tick = 1_700_000_000 * second
    for previous in [Int64.min, .min + 1, -tick, -1, 0, .max - 1, .max] {
      #expect(FileTime.next(tick, after: previous) == tick, "\(previous)")
    }
    let time = TestTime()
    let fixture = try StoreFixture(clock: time.clock)
    for (round, mtime) in [Int64.min, .max, -1].enumerated() {
      try fixture.publish(["key": [UInt8(round)]], as: "alice")
      _ = try fixture.store.add(UserID("alice"), mtime: mtime, by: "test")
      #expect(try fixture.store.user(UserID("alice"))?.mtime == mtime)
    }
    try fixture.publish(["key": [9]], as: "alice")
    #expect(try fixture.store.verify { _, _ in }.isEmpty)
  }

  @Test("times always rise, and never run more than ten seconds ahead of the clock")
  func bounded() {
    let tick = 1_700_000_000 * second
    var previous: Int64?
    for step in 0..<1_000 {
      let next = FileTime.next(tick + Int64(step), after: previous)
      #expect(next > previous ?? 0)
      #expect(next - tick <= FileTime.mostAhead + 1_000)
      previous = next
    }
  }

  @Test("a time that a tool set far in the future does not stick")
  func farFuture() {
    let tick = 1_700_000_000 * second
    #expect(FileTime.next(tick, after: tick + 100 * second) == tick)
    #expect(FileTime.next(tick, after: -5 * second) == tick)
  }
}
