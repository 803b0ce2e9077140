import Glibc
import OfficeModel
import Synchronization

/// Lets few large imports stage at once: sixteen side by side finish no sooner, and take the processors from look-ups.
final class StagingGate: Sendable {
  private let free: Mutex<Int>

  /// A smaller archive (bytes) never waits: it is done before its turn would come.
  static let small: Int64 = 4 << 20

  init(width: Int) { free = Mutex(width) }

  /// All processors but one, since the single writer is the limit anyway.
  static var defaultWidth: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1) }

  /// Runs `body` when it is an archive of `size` bytes' turn. Throws `.interrupted` soon after `isCancelled` turns true.
  func pass<Value>(
    size: Int64, isCancelled: () -> Bool, _ body: () throws(OfficeError) -> Value
  ) throws(OfficeError) -> Value {
    guard size >= StagingGate.small else { return try body() }
    while !enter() {
      if isCancelled() { throw OfficeError(.interrupted, "the import was interrupted") }
      usleep(5_000)
    }
    defer { free.withLock { $0 += 1 } }
    return try body()
  }

  private func enter() -> Bool {
    free.withLock { free in
      guard free > 0 else { return false }
      free -= 1
      return true
    }
  }
}
