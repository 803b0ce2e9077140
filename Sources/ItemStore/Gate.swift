import Glibc

/// Lets one thread through at a time; who is urgent goes before who stages in bulk.
///
/// A publication so waits for at most one bounded step of bulk work. Whoever is through goes before other threads of the
/// machine, too, if the process may (CAP_SYS_NICE): many may wait behind them, in the kernel with a folder locked.
/// INVARIANT: all that changes is read and written with `mutex` held; `ownNice` by the thread that is through.
final class Gate: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let freed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isTaken = false
  private var urgentWaiting = 0
  /// What to give back to the thread that is through; nil if nothing was changed.
  private var ownNice: Int32?

  /// As in nice(1).
  private static let nice: Int32 = -10
  /// On Linux the calling thread, not its process (setpriority(2)).
  private static let thread = __priority_which_t(PRIO_PROCESS.rawValue)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(freed, nil)
  }

  deinit {
    pthread_cond_destroy(freed)
    pthread_mutex_destroy(mutex)
    freed.deallocate()
    mutex.deallocate()
  }

  /// Waits until the gate is free and takes it.
  func enter(urgent: Bool) {
    pthread_mutex_lock(mutex)
    if urgent {
      urgentWaiting += 1
      while isTaken { pthread_cond_wait(freed, mutex) }
      urgentWaiting -= 1
    } else {
      while isTaken || urgentWaiting > 0 { pthread_cond_wait(freed, mutex) }
    }
    isTaken = true
    pthread_mutex_unlock(mutex)
    let own = getpriority(Gate.thread, 0)
    ownNice = own > Gate.nice && setpriority(Gate.thread, 0, Gate.nice) == 0 ? own : nil
  }

  /// Frees the gate.
  func leave() {
    let own = ownNice
    defer { if let own { setpriority(Gate.thread, 0, own) } }
    pthread_mutex_lock(mutex)
    isTaken = false
    pthread_cond_broadcast(freed)
    pthread_mutex_unlock(mutex)
  }
}
