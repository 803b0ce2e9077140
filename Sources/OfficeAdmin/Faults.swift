import OfficeModel
import Synchronization

/// Reads and writes that failed since the program started, because of the disk or of damage.
///
/// LOCK ORDER: innermost.
public final class Faults: Sendable {
  private let state = Mutex<(count: Int, latest: String)>((0, ""))

  public init() {}

  /// Remembers `error` if it is one of the disk.
  public func add(_ error: OfficeError, path: String) {
    guard error.code == .inputOutput else { return }
    state.withLock { $0 = ($0.count + 1, "\(path): \(error.reason)") }
  }

  /// What health says of them; nil without any.
  var finding: String? {
    let (count, latest) = state.withLock { $0 }
    guard count > 0 else { return nil }
    return "\(count) reads or writes failed on the disk or met damage, the last at \(latest)"
      + " - see status/errors.log, look at the disk, unmount and run officefs verify"
  }
}
