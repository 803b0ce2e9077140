import Dispatch
import OfficeModel
import Synchronization
import TestSupport
import Testing

@testable import LiveStore

@Suite("Numbers that are never given twice")
struct NumberSupplyTests {
  @Test("thousands are given while nothing can be written", .timeLimit(.minutes(1)))
  func given() throws {
    let fixture = try StoreFixture()
    let store = fixture.store
    store.keepNumbers()
    store.sweeper.wait()
    let first = try store.nextNumber()
    store.sweeper.wait()
    let given = Mutex<[Int64]>([])
    let isDone = DispatchSemaphore(value: 0)
    var inTime = DispatchTimeoutResult.timedOut
    try store.items.write(urgent: true) { _ throws(OfficeError) in
      DispatchQueue.global().async {
        for _ in 0..<NumberSupply.block {
          guard let number = try? store.nextNumber() else { break }
          given.withLock { $0.append(number) }
        }
        isDone.signal()
      }
      inTime = isDone.wait(timeout: .now() + 20)
    }
    #expect(inTime == .success)
    let numbers = given.withLock { $0 }
    #expect(numbers.count == Int(NumberSupply.block))
    #expect(Set(numbers + [first]).count == numbers.count + 1)
  }

  @Test("none comes back after a restart, however many were at hand")
  func restarts() throws {
    let fixture = try StoreFixture()
    var given: Set<Int64> = []
    for _ in 0..<5 {
      fixture.store.keepNumbers()
      for _ in 0..<100 {
        #expect(given.insert(try fixture.store.nextNumber()).inserted)
      }
      try fixture.reopen()
    }
  }
}
