import Glibc

/// The signals that end a mount.
public enum Signals {
  /// Keeps SIGTERM, SIGINT and SIGHUP for the thread that waits for them, and ignores SIGPIPE.
  ///
  /// To be called on the main thread before anything starts a thread: others inherit it, and one that does not would be killed.
  public static func block() {
    var set = ending()
    pthread_sigmask(SIG_BLOCK, &set, nil)
    _ = signal(SIGPIPE, SIG_IGN)
  }

  static func ending() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
    return set
  }
}

/// The thread that waits for a signal and then ends the mount in good order.
///
/// LOCK ORDER: jobs end first, then the notifier, then the workers. A notice waits for a process that a worker or a job has to
/// answer; and while a notice waits, closing the connection would wait for it.
final class SignalStop: Sendable {
  /// How long jobs under way at a signal may take before they are interrupted, in milliseconds.
  static let grace = 10_000
  /// How long a look-up or read under way may take then, in milliseconds.
  private static let workersGrace = 5_000

  private let channel: Channel
  private let bridge: Bridge
  private let crew: Crew
  private let entry: MountTable.Entry?
  private let isOver = Monitor(false)

  /// `entry` is what the kernel lists of the mount.
  init(channel: Channel, bridge: Bridge, crew: Crew, entry: MountTable.Entry?) {
    self.channel = channel
    self.bridge = bridge
    self.crew = crew
    self.entry = entry
  }

  /// Starts waiting. Nil if there is no thread to be had.
  func start() -> WorkerThread? {
    WorkerThread.start("signals") { [self] in
      var set = Signals.ending()
      var number: Int32 = 0
      while sigwait(&set, &number) != 0 {}
      if !isOver.withLock({ $0 }) { stop() }
    }
  }

  /// Ends the thread: the mount is gone.
  func end(_ thread: WorkerThread) {
    isOver.withLock { $0 = true }
    thread.send(signal: SIGTERM)
    thread.join()
  }

  private func stop() {
    ServiceManager.tell("STOPPING=1")
    let marks = (bridge.directories.mark(), bridge.files.mark())
    let deadline = Deadline(milliseconds: SignalStop.grace)
    // A second signal means: at once.
    while !deadline.hasPassed
      && !(bridge.directories.isDrained(to: marks.0) && bridge.files.isDrained(to: marks.1))
      && !hasAnotherSignal(within: 20)
    {}
    bridge.endJobs()
    _ = bridge.notifier.close(before: Deadline(milliseconds: 2_000))
    channel.end()
    if !crew.dismiss(before: Deadline(milliseconds: SignalStop.workersGrace)), let entry {
      // The disk does not even answer reads: nobody is to wait for it at a mount that ends.
      MountPoint.abort(entry)
      try? MountPoint.unmount(String(decoding: entry.path, as: UTF8.self), lazily: true)
    }
  }

  private func hasAnotherSignal(within milliseconds: Int) -> Bool {
    var set = Signals.ending()
    var time = timespec(tv_sec: 0, tv_nsec: milliseconds * 1_000_000)
    return sigtimedwait(&set, nil, &time) > 0
  }
}
