import Synchronization
import Testing

@testable import OfficeTree

@Suite("Notices to the kernel")
struct KernelNoticesTests {
  private final class Counter: Sendable {
    let count = Atomic<Int>(0)
  }

  @Test("The millionth notice goes the same way as the first", .timeLimit(.minutes(1)))
  func million() {
    let notices = KernelNotices()
    let counter = Counter()
    notices.connect { _ in counter.count.wrappingAdd(1, ordering: .relaxed) }
    for _ in 0..<1_000_000 { notices.post(.inode(NodeID(.users))) }
    #expect(counter.count.load(ordering: .relaxed) == 1_000_000)
  }
}
