import Dispatch
import Glibc
import OfficeModel
import Synchronization

/// Runs the background work of one database, one piece at a time, and keeps why it failed.
public final class Sweeper: Sendable {
  private let queue: DispatchQueue
  private let isQueued = Atomic<Bool>(false)
  private let stopping = Atomic<Bool>(false)
  private let error = Mutex<OfficeError?>(nil)

  /// `label` names its queue in a debugger.
  public init(label: String) { queue = DispatchQueue(label: label, qos: .utility) }

  /// Whether work should end at its next bounded step.
  public var isStopping: Bool { stopping.load(ordering: .acquiring) }

  /// Whether some waits to begin.
  public var isWaiting: Bool { isQueued.load(ordering: .acquiring) }

  /// Why work failed last, a full disk apart: deletes make room, and then it goes on.
  public var failure: OfficeError? { error.withLock { $0 } }

  /// Does the work soon; nothing if some is waiting to begin already.
  public func run(_ work: @escaping @Sendable () throws(OfficeError) -> Void) {
    guard !isQueued.exchange(true, ordering: .acquiringAndReleasing) else { return }
    queue.async { [self] in
      standBack()
      isQueued.store(false, ordering: .releasing)
      do throws(OfficeError) {
        try work()
      } catch {
        if error.code != .noSpace { self.error.withLock { $0 = error } }
      }
    }
  }

  /// Does the work soon, whatever else waits; not once work is to end.
  public func enqueue(_ work: @escaping @Sendable () -> Void) {
    queue.async { [self] in
      if !isStopping { work() }
    }
  }

  // libdispatch gives its threads priorities of their own, for some before those who serve requests.
  private func standBack() {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Sweeper.nice)
  }

  /// As in nice(1).
  private static let nice: Int32 = 5

  /// Has work end at its next step. It may hold the last reference to the store, so waiting is apart.
  public func stop() { stopping.store(true, ordering: .releasing) }

  /// Waits until nothing is at work.
  public func wait() { queue.sync {} }
}

extension ItemDatabase {
  /// Removes, in bounded steps, what nothing shows any more, until there is none or the sweeper stops.
  public func sweep(until sweeper: Sweeper) throws(OfficeError) {
    while !sweeper.isStopping, try sweepStep() {}
    if !sweeper.isStopping, wantsCheckpoint { try checkpoint(truncate: false) }
  }
}
