import Glibc
import OfficeModel
import Synchronization

/// Holds changes of the office off while a restore puts its own, or for as long as an administrator asks for quiet.
///
/// Every change passes it around its commit, and only there: nobody waits here. LOCK ORDER: `state` is innermost.
public final class WriterGate: Sendable {
  /// The longest quiet, in seconds.
  public static let mostQuiet: Int64 = 600
  /// How long a restore waits for changes under way to be done, in seconds.
  private static let patience = 10
  private static let pause: UInt32 = 2_000

  private struct State {
    /// Changes that are being made.
    var passing = 0
    var isRestoring = false
    var quiets: [(number: Int64, since: Int64)] = []
    var last: Int64 = 0
  }

  private let clock: WallClock
  private let state = Mutex(State())

  /// `clock` tells when a quiet is over.
  public init(clock: WallClock) { self.clock = clock }

  /// Keeps others from changing anything for as long as it is held, at most ten minutes.
  public final class Quiet: Sendable {
    fileprivate let gate: WriterGate
    fileprivate let number: Int64
    /// When it began, in seconds since 1970.
    public let since: Int64

    fileprivate init(gate: WriterGate, number: Int64, since: Int64) {
      self.gate = gate
      self.number = number
      self.since = since
    }

    deinit { release() }

    /// Whether it still holds.
    public var isOver: Bool { !gate.holds(number) }

    /// Waits until the changes that had begun before it are done, at most ten seconds; what is read then stays.
    public func settle() { gate.settle() }

    /// Lets others change things again. Idempotent.
    public func release() { gate.release(number) }
  }

  /// Begins a quiet. Changes under way are done first; the next ones are refused.
  public func quiet() -> Quiet {
    let now = clock.seconds
    let number = state.withLock { state in
      expire(&state, at: now)
      state.last += 1
      state.quiets.append((state.last, now))
      return state.last
    }
    return Quiet(gate: self, number: number, since: now)
  }

  /// Whether changes are refused now.
  public var isClosed: Bool {
    let now = clock.seconds
    return state.withLock { state in
      expire(&state, at: now)
      return state.isRestoring || !state.quiets.isEmpty
    }
  }

  /// Runs a change. Throws `.busy` without running it while a quiet holds or a restore puts its cells.
  public func pass<T>(_ body: () throws(OfficeError) -> T) throws(OfficeError) -> T {
    let now = clock.seconds
    let refusal: OfficeError? = state.withLock { state in
      expire(&state, at: now)
      if state.isRestoring { return WriterGate.restoring }
      if !state.quiets.isEmpty { return WriterGate.quieted }
      state.passing += 1
      return nil
    }
    if let refusal { throw refusal }
    defer { state.withLock { $0.passing -= 1 } }
    return try body()
  }

  /// Runs the commit of a restore while no change is under way and none begins. `quiet` is the restore's own, if it has
  /// one. Throws `.busy` if another one holds or changes under way do not end.
  func close<T>(
    holding quiet: Quiet?, _ body: () throws(OfficeError) -> T
  ) throws(OfficeError) -> T {
    let now = clock.seconds
    let refusal: OfficeError? = state.withLock { state in
      expire(&state, at: now)
      if state.isRestoring { return WriterGate.restoring }
      if state.quiets.contains(where: { $0.number != quiet?.number }) { return WriterGate.quieted }
      state.isRestoring = true
      return nil
    }
    if let refusal { throw refusal }
    defer { state.withLock { $0.isRestoring = false } }
    guard settle() else {
      throw OfficeError(
        .busy, "changes of the office are being made", remedy: "confirm again when they are done")
    }
    return try body()
  }

  /// False if changes under way do not end in time.
  @discardableResult
  fileprivate func settle() -> Bool {
    for _ in 0..<(WriterGate.patience * 1_000_000 / Int(WriterGate.pause)) {
      if state.withLock({ $0.passing == 0 }) { return true }
      usleep(WriterGate.pause)
    }
    return false
  }

  fileprivate func release(_ number: Int64) {
    state.withLock { $0.quiets.removeAll { $0.number == number } }
  }

  fileprivate func holds(_ number: Int64) -> Bool {
    let now = clock.seconds
    return state.withLock { state in
      expire(&state, at: now)
      return state.quiets.contains { $0.number == number }
    }
  }

  // A clock that was set back must not make a quiet longer.
  private func expire(_ state: inout State, at now: Int64) {
    state.quiets.removeAll { !(0..<WriterGate.mostQuiet).contains(now - $0.since) }
  }

  private static let restoring = OfficeError(
    .busy, "a restore is putting back what it was told to", remedy: "try again in a moment")
  private static let quieted = OfficeError(
    .busy, "an administrator holds changes off while a restore is being prepared",
    remedy: "try again when restore/*/quiet is gone; it is over after 10 minutes at the latest")
}
