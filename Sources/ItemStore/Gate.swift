import Glibc

/// Lets one thread through at a time; who is urgent goes before who stages in bulk.
///
/// A publication so waits for at most one bounded step of bulk work.
/// INVARIANT: all that changes is read and written with `mutex` held.
final class Gate: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let freed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isTaken = false
  private var urgentWaiting = 0

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
  }

  /// Frees the gate.
  func leave() {
    pthread_mutex_lock(mutex)
    isTaken = false
    pthread_cond_broadcast(freed)
    pthread_mutex_unlock(mutex)
  }
}
