import OfficeModel
import Synchronization

/// Who was told just now that what they opened has been superseded.
///
/// The kernel looks the name up and opens it once more, then gives up. Where imports follow each other that fast, the second
/// open gets what it asked for, which was the newest a moment ago, rather than an error.
final class StaleOpens: Sendable {
  private let clock: WallClock
  private let told = Mutex<[Int32: Int64]>([:])

  /// In nanoseconds.
  private static let life: Int64 = 1_000_000_000
  private static let most = 256

  init(clock: WallClock) { self.clock = clock }

  /// Whether this caller is back from such an answer; if not, they are given it now.
  func isSecond(_ caller: Caller) -> Bool {
    let now = clock.now()
    return told.withLock { told in
      if let time = told.removeValue(forKey: caller.pid), now - time < StaleOpens.life {
        return true
      }
      if told.count >= StaleOpens.most { told = [:] }
      told[caller.pid] = now
      return false
    }
  }
}
