import OfficeModel
import OfficeTree
import Synchronization
import TestSupport
import Testing

@Suite("The folder of rsync --delay-updates")
struct ScratchFolderTests {
  /// A clock that a test moves on.
  private final class Hands: Sendable {
    private let seconds = Mutex<Int64>(0)
    func turn(minutes: Int64) { seconds.withLock { $0 += minutes * 60 } }
    var clock: WallClock {
      WallClock { WallClock.system.now() + self.seconds.withLock { $0 } * 1_000_000_000 }
    }
  }

  private static let name = Array(".~tmp~".utf8)

  private func make(in office: TreeFixture) throws -> NodeID {
    try office.tree.makeDirectory(
      ScratchFolderTests.name, in: office.users, permissions: 0o700, caller: office.caller
    ).node
  }

  @Test("is gone an hour after its last use, with what was left in it")
  func expires() throws {
    let hands = Hands()
    let office = try TreeFixture(clock: hands.clock)
    let folder = try make(in: office)
    hands.turn(minutes: 50)
    try office.copy(try TreeFixture.archive("alice"), to: "alice.udb", in: folder)
    hands.turn(minutes: 50)
    #expect(try office.names() == [".~tmp~"])
    #expect(try office.names(folder) == ["alice.udb"])
    hands.turn(minutes: 20)
    #expect(try office.names().isEmpty)
    #expect(code { _ = try office.node("users/.~tmp~") } == .notFound)
    #expect(try make(in: office) != folder)
  }

  @Test("is made anew where the old one is long forgotten, and stays while a file in it is open")
  func staysWhileOpen() throws {
    let hands = Hands()
    let office = try TreeFixture(clock: hands.clock)
    let folder = try make(in: office)
    let handle = try office.openToWrite("alice.udb", in: folder)
    hands.turn(minutes: 600)
    #expect(try office.names() == [".~tmp~"])
    #expect(code { _ = try make(in: office) } == .exists)
    office.tree.release(handle)
    hands.turn(minutes: 50)
    #expect(try office.names() == [".~tmp~"])
    hands.turn(minutes: 20)
    #expect(try make(in: office) != folder)
  }
}
