import Synchronization

/// Where notices to the kernel go; nowhere before the mount is there.
final class KernelNotices: Sendable {
  private let notifier = Mutex<(@Sendable (KernelNotice) -> Void)?>(nil)

  func connect(_ send: @escaping @Sendable (KernelNotice) -> Void) {
    notifier.withLock { $0 = send }
  }

  func post(_ notice: KernelNotice) {
    let send = notifier.withLock { $0 }
    send?(notice)
  }
}
