import CFuse
import Glibc

/// The threads that take requests from the kernel.
final class Crew: Sendable {
  private let threads: [WorkerThread]
  private let live: Monitor<Int>

  /// Only ever sent to our own workers, to get them out of a read.
  private static let wakeSignal = SIGUSR1

  /// Starts up to `count` workers on `channel`; there may be fewer, even none.
  init(_ count: Int, serving channel: Channel) {
    _ = cfuse_install_wake(Crew.wakeSignal)
    let live = Monitor(count)
    threads = (0..<count).compactMap { index in
      WorkerThread.start("worker-\(index)") {
        channel.serve()
        live.withLock { $0 -= 1 }
        live.wakeAll()
      }
    }
    let missing = count - threads.count
    live.withLock { $0 -= missing }
    self.live = live
  }

  /// Whether there is nobody.
  var isEmpty: Bool { threads.isEmpty }

  /// Waits until every worker has left the loop.
  func waitUntilGone() { _ = live.take(before: nil) { $0 == 0 ? () : nil } }

  /// Gets the workers of a channel that has ended out of their wait for a request. False if one is in a system call that does
  /// not end before `deadline`.
  func dismiss(before deadline: Deadline) -> Bool {
    // A signal may come between a worker's look at the channel and its read, so it is sent until all have left.
    repeat {
      for thread in threads { thread.send(signal: Crew.wakeSignal) }
      if live.take(before: Deadline(milliseconds: 5), { $0 == 0 ? () : nil }) != nil { return true }
    } while !deadline.hasPassed
    return false
  }

  /// Gives the threads back. INVARIANT: called once, after all others are done with them: a joined thread can't be signalled.
  func join() {
    for thread in threads { thread.join() }
  }
}
