import OfficeModel
import Synchronization

/// Long work: a backup, a plan, a restore. What is under way, and how the last ones ended.
///
/// LOCK ORDER: innermost.
public final class JobTable: Sendable {
  private struct State {
    var jobs: [Job] = []
    var last: Int64 = 0
  }

  /// How many that have ended are remembered.
  private static let remembered = 50

  private let clock: WallClock
  private let state = Mutex(State())

  public init(clock: WallClock = .system) { self.clock = clock }

  /// Begins a job. `what` says what is done, as in `backup of everything`, `who` for whom.
  public func begin(_ what: String, by who: String) -> Job {
    state.withLock { state in
      state.last += 1
      let job = Job(state.last, what, who, clock)
      let ended = state.jobs.filter(\.hasEnded)
      if ended.count >= JobTable.remembered, let oldest = ended.first {
        state.jobs.removeAll { $0 === oldest }
      }
      state.jobs.append(job)
      return job
    }
  }

  /// Those under way and those that ended last, in the order in which they began.
  public var jobs: [Job] { state.withLock { $0.jobs } }

  public subscript(number: Int64) -> Job? {
    state.withLock { $0.jobs.first { $0.number == number } }
  }
}

/// One piece of long work. LOCK ORDER: innermost.
public final class Job: Sendable {
  private struct State {
    var done: Int64 = 0
    var total: Int64 = 0
    var step: String?
    var result: (text: String, seconds: Int64)?
  }

  /// From 1 on, in this process.
  public let number: Int64
  /// What is done.
  public let what: String
  /// For whom.
  public let who: String
  /// When it began, in seconds since 1970.
  public let since: Int64
  private let clock: WallClock
  private let state = Mutex(State())

  fileprivate init(_ number: Int64, _ what: String, _ who: String, _ clock: WallClock) {
    self.number = number
    self.what = what
    self.who = who
    self.clock = clock
    since = clock.seconds
  }

  /// Notes how much was done, and of how much, in which step; the unit is the job's own.
  public func note(_ done: Int64, of total: Int64, step: String?) {
    state.withLock { state in
      state.done = done
      state.total = total
      state.step = step
    }
  }

  /// Notes how much was done, and of how much; the unit is the job's own.
  public func note(_ done: Int64, of total: Int64) { note(done, of: total, step: nil) }

  /// Notes how it ended, in one line.
  public func end(_ result: String) {
    let seconds = clock.seconds
    state.withLock { $0.result = (Escaped.line(result), seconds) }
  }

  public var hasEnded: Bool { state.withLock { $0.result != nil } }

  /// The text of `status/jobs/<number>.txt`: `name value`, one each.
  public var text: String {
    let state = state.withLock { $0 }
    var lines = ["what \(what)", "who \(who)", "since \(Stamp.text(seconds: since))"]
    if let (text, seconds) = state.result {
      lines += ["ended \(Stamp.text(seconds: seconds))", "result \(text)"]
    } else {
      let percent = state.total > 0 ? min(100, state.done * 100 / state.total) : 0
      let step = state.step.map { "\($0) " } ?? ""
      lines.append("progress \(step)\(percent) % (\(state.done) of \(state.total))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
