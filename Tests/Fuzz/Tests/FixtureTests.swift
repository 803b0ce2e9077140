import Foundation
import FuzzTargets
import Testing

@Suite("What fuzzing has found")
struct FixtureTests {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")

  /// Found inputs by target, each named after what was wrong with it.
  private static let fixtures: [(target: String, name: String)] =
    FuzzTarget.all.flatMap { target in
      let names = try? FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: target.name).path)
      return (names ?? []).sorted().map { (target.name, $0) }
    }

  @Test("is read as it should be, within five seconds each", .timeLimit(.minutes(5)))
  func fixtures() throws {
    for (name, file) in Self.fixtures {
      let target = try #require(FuzzTarget(name: name))
      let bytes = try Data(contentsOf: Self.folder.appending(path: "\(name)/\(file)"))
      #expect(target.contradiction(Array(bytes)) == nil, "\(name)/\(file)")
    }
    #expect(!Self.fixtures.isEmpty)
  }

  @Test("No reader fails on nothing, on one byte, or on what another one reads")
  func others() throws {
    let inputs: [[UInt8]] = [[]] + (0...255).map { [UInt8($0)] }
    for target in FuzzTarget.all {
      for bytes in inputs { #expect(target.contradiction(bytes) == nil, "\(target.name) \(bytes)") }
      for (name, file) in Self.fixtures {
        let bytes = try Data(contentsOf: Self.folder.appending(path: "\(name)/\(file)"))
        #expect(target.contradiction(Array(bytes)) == nil, "\(target.name) \(name)/\(file)")
      }
    }
  }
}
