import OfficeModel

/// Lets callers go who were killed while the work for them can't end: the disk hangs, or it waits for who waits for the disk.
///
/// The kernel keeps a killed process until its request is answered. Work gives up by itself where it can; what is in a system
/// call can't. Then its caller is told EINTR and the work goes on: what it comes to is in the logs.
final class Watchdog: Sendable {
  private struct Entry: Sendable {
    let reply: PendingReply
    /// When the caller has to be let go; nil while it waits.
    var deadline: Deadline?
  }

  private struct State: Sendable {
    var entries: [Int: Entry] = [:]
    var nextTicket = 0
    var isClosed = false
  }

  private let monitor = Monitor(State())

  /// How long work may take to give up by itself, in milliseconds.
  private static let patience = 1_000
  /// Between two looks, in milliseconds.
  private static let interval = 250

  /// Watches a request until `forget`.
  func watch(_ reply: PendingReply) -> Int {
    let (ticket, isFirst) = monitor.withLock { state in
      defer { state.nextTicket += 1 }
      state.entries[state.nextTicket] = Entry(reply: reply)
      return (state.nextTicket, state.entries.count == 1)
    }
    if isFirst { monitor.wakeAll() }
    return ticket
  }

  func forget(_ ticket: Int) { monitor.withLock { $0.entries[ticket] = nil } }

  /// Looks until it is closed. Nil if there is no thread to be had.
  func start() -> WorkerThread? {
    WorkerThread.start("watchdog") { [self] in
      while !isClosed(asSoonAs: { !$0.entries.isEmpty }, before: nil) {
        if isClosed(asSoonAs: { _ in false }, before: Deadline(milliseconds: Watchdog.interval)) {
          return
        }
        Watchdog.release(due())
      }
    }
  }

  /// Lets everyone go: the mount ends.
  func releaseAll() { Watchdog.release(monitor.withLock { $0.entries.values.map(\.reply) }) }

  /// Ends the thread.
  func close() {
    monitor.withLock { $0.isClosed = true }
    monitor.wakeAll()
  }

  private func isClosed(
    asSoonAs condition: (State) -> Bool, before deadline: Deadline?
  ) -> Bool {
    monitor.take(before: deadline) { $0.isClosed ? true : condition($0) ? false : nil } ?? false
  }

  private func due() -> [PendingReply] {
    monitor.withLock { state in
      var due: [PendingReply] = []
      for (ticket, entry) in state.entries where entry.reply.isInterrupted {
        guard let deadline = entry.deadline else {
          state.entries[ticket]?.deadline = Deadline(milliseconds: Watchdog.patience)
          continue
        }
        if deadline.hasPassed { due.append(entry.reply) }
      }
      return due
    }
  }

  private static func release(_ replies: [PendingReply]) {
    for reply in replies { reply.take()?.send(ErrorCode.interrupted) }
  }
}
