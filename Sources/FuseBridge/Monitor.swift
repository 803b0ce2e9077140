import Glibc

/// A value under a lock that threads can wait on until it says what they need.
///
/// `Mutex` has no condition to wait for; this is pthread's pair of both.
/// INVARIANT: all that changes is read and written with `mutex` held.
final class Monitor<State: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  // INVARIANT: read and written only while `mutex` is held.
  private var state: State

  init(_ state: State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Reads or changes the value; wakes nobody.
  func withLock<Result>(_ body: (inout State) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&state)
  }

  /// Lets one waiting thread look again.
  func wakeOne() { pthread_cond_signal(condition) }

  /// Lets all waiting threads look again.
  func wakeAll() { pthread_cond_broadcast(condition) }

  /// Asks `body` at once and after each wake-up until it gives something; nil once `deadline` has passed.
  func take<Result>(before deadline: Deadline?, _ body: (inout State) -> Result?) -> Result? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      if let deadline {
        var time = deadline.time
        if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return body(&state) }
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
  }
}

/// A moment on the clock that nobody can set.
struct Deadline: Sendable {
  fileprivate let time: timespec

  /// That many milliseconds from now.
  init(milliseconds: Int) {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let nanoseconds = now.tv_nsec + milliseconds % 1_000 * 1_000_000
    time = timespec(
      tv_sec: now.tv_sec + milliseconds / 1_000 + nanoseconds / 1_000_000_000,
      tv_nsec: nanoseconds % 1_000_000_000)
  }

  /// Whether it has come.
  var hasPassed: Bool {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return (now.tv_sec, now.tv_nsec) >= (time.tv_sec, time.tv_nsec)
  }
}
