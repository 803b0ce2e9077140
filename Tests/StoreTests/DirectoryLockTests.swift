import Foundation
import ItemStore
import OfficeModel
import TestSupport
import Testing

@Suite("The lock of a data directory")
struct DirectoryLockTests {
  @Test("It is had by one, and free at once when let go, also while a forked child holds the file")
  func forked() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/lock"
    let lock = try DirectoryLock(path)
    let refused = #expect(throws: OfficeError.self) { try DirectoryLock(path) }
    #expect(refused?.code == .busy && refused?.reason.contains("\(getpid())") == true)
    // What a fork leaves to its child: the same open file.
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    let open = try #require(
      descriptors.compactMap { Int32($0) }.first {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
      })
    let inherited = dup(open)
    defer { close(inherited) }
    lock.release()
    try DirectoryLock(path).release()
  }
}
