import Synchronization

/// Where notices to the kernel go; nowhere before the mount is there.
final class KernelNotices: Sendable {
  // A closure that stands in a generic value itself would be wrapped once more at each look, and each call go through all
  // of the wraps.
  private struct Receiver: Sendable {
    var send: @Sendable (KernelNotice) -> Void
  }

  private let receiver = Mutex<Receiver?>(nil)

  func connect(_ send: @escaping @Sendable (KernelNotice) -> Void) {
    receiver.withLock { $0 = Receiver(send: send) }
  }

  func post(_ notice: KernelNotice) { receiver.withLock { $0 }?.send(notice) }
}
