import CFuse3
import OfficeTree

/// Tells the kernel what it must no longer believe, from a thread of its own.
///
/// LOCK ORDER: a notice may wait for the kernel's lock on the parent directory, which a process in CREATE, UNLINK, RENAME, MKDIR,
/// RMDIR or a look-up holds until we answer it. So none of those is ever answered on this thread or waits for it.
final class Notifier: Sendable {
  private struct State: Sendable {
    var waiting = Fifo<KernelNotice>()
    var posted = 0
    var sent = 0
    var isClosed = false
    var hasEnded = false
  }

  private let monitor = Monitor(State())

  /// Queues a notice; from any thread, never waits. After `close` it is dropped.
  func post(_ notice: KernelNotice) {
    monitor.withLock { state in
      guard !state.isClosed else { return }
      state.waiting.append(notice)
      state.posted += 1
    }
    monitor.wakeAll()
  }

  /// Stands for all notices posted so far.
  func mark() -> Int { monitor.withLock { $0.posted } }

  /// Waits until what was posted since `mark` was sent, at most `milliseconds`; not at all if nothing was.
  func drain(since mark: Int, milliseconds: Int) {
    let posted = self.mark()
    guard posted > mark else { return }
    _ = monitor.take(before: Deadline(milliseconds: milliseconds)) { state in
      state.sent >= posted || state.hasEnded ? () : nil
    }
  }

  /// Sends the notices of `channel`'s mount until it is closed. Nil if there is no thread to be had.
  func start(on channel: Channel) -> WorkerThread? {
    WorkerThread.start("notifier") { [self] in
      while let notice = next() {
        send(notice, on: channel)
        monitor.withLock { $0.sent += 1 }
        monitor.wakeAll()
      }
      monitor.withLock { $0.hasEnded = true }
      monitor.wakeAll()
    }
  }

  /// Ends the thread once it has sent what waits. False if `deadline` came first.
  func close(before deadline: Deadline) -> Bool {
    monitor.withLock { $0.isClosed = true }
    monitor.wakeAll()
    return monitor.take(before: deadline) { $0.hasEnded ? () : nil } != nil
  }

  private func next() -> KernelNotice? {
    monitor.take(before: nil) { state -> KernelNotice?? in
      if let notice = state.waiting.popFirst() { return .some(notice) }
      return state.isClosed ? .some(nil) : nil
    } ?? nil
  }

  // What comes back is of no use: ENOENT means that the kernel did not know it, ENODEV that it is gone.
  private func send(_ notice: KernelNotice, on channel: Channel) {
    switch notice {
    case .entry(let parent, let name):
      // The byte behind the name is sent as well.
      (name + [0]).withUnsafeBytes { bytes in
        _ = fuse_lowlevel_notify_inval_entry(
          channel.session, parent.rawValue, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
          name.count)
      }
    case .inode(let node):
      _ = fuse_lowlevel_notify_inval_inode(channel.session, node.rawValue, 0, 0)
    }
  }
}
