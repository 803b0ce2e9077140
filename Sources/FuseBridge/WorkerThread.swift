import CFuse
import Glibc

/// A thread of ours: named, joined, never detached.
struct WorkerThread: Sendable {
  private let id: pthread_t

  /// Starts `body` on a thread of its own; nil if the system has none to give. The name is cut at 15 bytes.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> WorkerThread? {
    let box = Unmanaged.passRetained(
      Body {
        cfuse_name_thread(name)
        body()
      })
    var id = pthread_t()
    guard pthread_create(&id, nil, runBody, box.toOpaque()) == 0 else {
      box.release()
      return nil
    }
    return WorkerThread(id: id)
  }

  /// Waits until it has ended. Call once.
  func join() { pthread_join(id, nil) }

  /// Sends it a signal; nothing happens if it has ended but is not joined yet.
  func send(signal: Int32) { pthread_kill(id, signal) }
}

private final class Body: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runBody(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let raw { Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run() }
  return nil
}
