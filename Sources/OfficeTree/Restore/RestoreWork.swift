import Dispatch
import Glibc
import OfficeModel
import Synchronization

/// A plan being made or a restore being carried out, for which any number of callers may wait.
final class RestoreWork<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, OfficeError>?>(nil)
  private let cancelled = Atomic<Bool>(false)

  /// How it ended; nil while it has not.
  var result: Result<Value, OfficeError>? { outcome.withLock { $0 } }

  /// Asks it to end early.
  func cancel() { cancelled.store(true, ordering: .relaxed) }

  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  func end(_ result: Result<Value, OfficeError>) { outcome.withLock { $0 = result } }

  /// Waits for the end. Throws what it ended with, or `.interrupted` soon after `isInterrupted` turns true: the work goes on.
  func wait(isInterrupted: () -> Bool) throws(OfficeError) -> Value {
    while true {
      if let result { return try result.get() }
      if isInterrupted() { throw OfficeError(.interrupted, "the caller gave up waiting") }
      usleep(2_000)
    }
  }
}

/// Threads for what takes longer than a request may.
final class RestoreCrew: Sendable {
  private let queue = DispatchQueue(
    label: "officefs.restore", qos: .utility, attributes: .concurrent)
  private let group = DispatchGroup()
  private let stopping = Atomic<Bool>(false)

  /// Whether all work is to end.
  var isStopping: Bool { stopping.load(ordering: .relaxed) }

  func begin(_ body: @escaping @Sendable () -> Void) { queue.async(group: group, execute: body) }

  /// Runs something once, after a time in seconds.
  func later(_ seconds: Int, _ body: @escaping @Sendable () -> Void) {
    queue.asyncAfter(deadline: .now() + .seconds(seconds), execute: body)
  }

  /// Lets work under way give up, and waits until it has.
  func stop() {
    stopping.store(true, ordering: .relaxed)
    group.wait()
  }
}
