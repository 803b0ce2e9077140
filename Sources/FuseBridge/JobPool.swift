import CFuse

/// Threads for requests that may take long, so that look-ups and reads never wait behind them.
///
/// Threads are started as they are needed, up to a limit, and kept. Jobs begin in the order in which they were submitted.
final class JobPool: Sendable {
  typealias Job = @Sendable () -> Void

  private struct State: Sendable {
    var waiting = Fifo<(ticket: Int, job: Job)>()
    var threads: [WorkerThread] = []
    var idle = 0
    var nextTicket = 0
    var unfinished: Set<Int> = []
    var isClosed = false
  }

  private let name: String
  private let limit: Int
  private let nice: Int32
  private let monitor = Monitor(State())

  /// A pool of at most `limit` threads called `name`, which stand back by `nice` (-20 to 19) when processors are short;
  /// below 0 they go before others, where the process may (CAP_SYS_NICE).
  init(name: String, limit: Int, nice: Int32 = 0) {
    self.name = name
    self.limit = limit
    self.nice = nice
  }

  /// Runs `job` on a thread of the pool; on the caller's if there is no thread to be had, or the pool is closed.
  func submit(_ job: @escaping Job) {
    let isTaken = monitor.withLock { state in
      guard !state.isClosed else { return false }
      if state.idle <= state.waiting.count && state.threads.count < limit,
        let thread = WorkerThread.start(name, { [self] in work() })
      {
        state.threads.append(thread)
      }
      guard !state.threads.isEmpty else { return false }
      state.unfinished.insert(state.nextTicket)
      state.waiting.append((state.nextTicket, job))
      state.nextTicket += 1
      return true
    }
    if isTaken { monitor.wakeOne() } else { job() }
  }

  /// Stands for all jobs submitted so far.
  func mark() -> Int { monitor.withLock { $0.nextTicket } }

  /// Whether the jobs that `mark` stands for have ended.
  func isDrained(to mark: Int) -> Bool {
    monitor.withLock { state in state.unfinished.allSatisfy { $0 >= mark } }
  }

  /// Runs what waits, then ends the threads. Jobs submitted later run on their caller's thread.
  func close() {
    let threads = monitor.withLock { state in
      state.isClosed = true
      defer { state.threads = [] }
      return state.threads
    }
    monitor.wakeAll()
    for thread in threads { thread.join() }
  }

  private func work() {
    cfuse_yield_to_others(nice)
    while true {
      monitor.withLock { $0.idle += 1 }
      let next = monitor.take(before: nil) { state -> (ticket: Int, job: Job)?? in
        if let next = state.waiting.popFirst() {
          state.idle -= 1
          return .some(next)
        }
        return state.isClosed ? .some(nil) : nil
      }
      guard case .some(.some(let next)) = next else { return }
      next.job()
      monitor.withLock { state in _ = state.unfinished.remove(next.ticket) }
    }
  }
}

/// First in, first out, at constant cost.
struct Fifo<Element> {
  private var incoming: [Element] = []
  private var outgoing: [Element] = []

  var count: Int { incoming.count + outgoing.count }

  mutating func append(_ element: Element) { incoming.append(element) }

  mutating func popFirst() -> Element? {
    if outgoing.isEmpty {
      outgoing = incoming.reversed()
      incoming.removeAll(keepingCapacity: true)
    }
    return outgoing.popLast()
  }
}

extension Fifo: Sendable where Element: Sendable {}
