import Glibc
import OfficeModel
import Synchronization

/// Those who wait for their turn at what only one may do at a time, in the order in which they came.
final class TurnLine: Sendable {
  private struct State {
    /// Who has the turn is the first.
    var tickets: [Int64] = []
    var last: Int64 = 0
  }

  private static let pause: UInt32 = 2_000
  private let state = Mutex(State())

  /// Runs `body` when those before are done. Throws `.interrupted` without running it soon after `isCancelled` turns true
  /// while it waits.
  func take<T>(
    isCancelled: () -> Bool = { false }, _ body: () throws(OfficeError) -> T
  ) throws(OfficeError) -> T {
    let ticket = state.withLock { state in
      state.last += 1
      state.tickets.append(state.last)
      return state.last
    }
    defer { state.withLock { $0.tickets.removeAll { $0 == ticket } } }
    while state.withLock({ $0.tickets.first != ticket }) {
      if isCancelled() { throw OfficeError(.interrupted, "the caller gave up waiting") }
      usleep(TurnLine.pause)
    }
    return try body()
  }

  /// Returns once all who are in the line now are done.
  func wait() {
    let last = state.withLock { $0.last }
    while state.withLock({ $0.tickets.contains { $0 <= last } }) { usleep(TurnLine.pause) }
  }
}
