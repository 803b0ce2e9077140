import Foundation

/// Waiting for something outside this process, never without a bound.
public enum Waiting {
  /// Asks again and again until the answer is true or the time (in seconds) is up; gives back the last answer.
  public static func until(_ timeout: Double, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = ProcessInfo.processInfo.systemUptime + timeout
    var pause: UInt32 = 500
    while try !condition() {
      if ProcessInfo.processInfo.systemUptime > end { return false }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
    return true
  }
}

extension Waiting {
  /// Sleeps so long.
  public static func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
}
