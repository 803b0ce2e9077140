import Synchronization

/// Which exports the kernel may give out again without asking: it keeps the pages of what was read to its end.
///
/// Such a reading is not seen here, only that the file was opened. So what the audit log says of it is that it may have been
/// read, once an hour of a version and a user: what looks into the head of every file does not flood the log.
final class CachedExports: Sendable {
  private struct Reader: Hashable {
    var node: NodeID
    var user: UInt32
  }

  private struct State {
    /// Versions that were read to their end, and when last, in seconds.
    var read: [NodeID: Int64] = [:]
    /// When a line was written last, in seconds.
    var told: [Reader: Int64] = [:]

    func isToTell(_ reader: Reader, at now: Int64) -> Bool {
      guard read[reader.node] != nil else { return false }
      guard let last = told[reader] else { return true }
      return !(0..<CachedExports.interval).contains(now - last)
    }
  }

  private let state = Mutex(State())

  /// Between two lines on one version and user, in seconds.
  static let interval: Int64 = 3_600
  private static let slack: Int64 = 600
  private static let most = 8_192

  /// A version was read to its end by a user, and the log has it.
  func note(_ node: NodeID, by user: UInt32, at now: Int64) {
    state.withLock { state in
      state.read[node] = now
      state.told[Reader(node: node, user: user)] = now
      CachedExports.trim(&state.read)
      CachedExports.trim(&state.told)
    }
  }

  /// Whether a user who opens a version may read it out of the kernel, and a line of that is due when they close it, if they
  /// have it open for no more than some minutes.
  func isToTell(_ node: NodeID, of user: UInt32, at now: Int64) -> Bool {
    state.withLock {
      $0.isToTell(Reader(node: node, user: user), at: now + CachedExports.slack)
    }
  }

  /// Whether it is to be told that a user who opened a version may have read it.
  func mayHaveRead(_ node: NodeID, by user: UInt32, at now: Int64) -> Bool {
    state.withLock { state in
      let reader = Reader(node: node, user: user)
      guard state.isToTell(reader, at: now) else { return false }
      state.told[reader] = now
      CachedExports.trim(&state.told)
      return true
    }
  }

  // The older half goes: the kernel does not keep pages for ever either.
  private static func trim<Key>(_ times: inout [Key: Int64]) {
    guard times.count > most else { return }
    let middle = times.values.sorted()[most / 2]
    times = times.filter { $0.value > middle }
  }
}
