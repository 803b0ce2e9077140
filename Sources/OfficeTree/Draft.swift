import OfficeModel
import Synchronization

/// A small file being written in memory: a setting, a membership, the order for a backup.
final class Draft: Sendable {
  private struct State {
    var bytes: [UInt8]
    /// Written or emptied since it was settled.
    var isChanged: Bool
  }

  /// Makes what was written true, durably; throws what close(2) is to say.
  typealias Settle =
    @Sendable (_ bytes: [UInt8], _ caller: Caller, _ isInterrupted: () -> Bool) throws(OfficeError)
    -> Void

  private let state: Mutex<State>
  private let limit: Int
  private let opener: Int32?
  private let settle: Settle
  private let close: @Sendable () -> Void

  /// At most `limit` bytes can be written. A new file counts as changed: closing it makes it. `close` is called at the
  /// last close. With an `opener` (a process), only what that process closes is settled: `{ cat a; cat b; } >file`.
  init(
    _ bytes: [UInt8], isNew: Bool, limit: Int, opener: Int32? = nil, settle: @escaping Settle,
    close: @escaping @Sendable () -> Void = {}
  ) {
    state = Mutex(State(bytes: bytes, isChanged: isNew))
    self.limit = limit
    self.opener = opener
    self.settle = settle
    self.close = close
  }

  var size: Int64 { state.withLock { Int64($0.bytes.count) } }

  /// What was written so far.
  var bytes: [UInt8] { state.withLock { $0.bytes } }

  /// Whether there is something that was never settled.
  var isUnsettled: Bool { state.withLock { $0.isChanged } }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    state.withLock { state in
      guard offset >= 0, offset < Int64(state.bytes.count) else { return 0 }
      let slice = state.bytes[Int(offset)...].prefix(buffer.count)
      buffer.copyBytes(from: slice)
      return slice.count
    }
  }

  /// Throws `.tooLarge` beyond the limit.
  func write(at offset: Int64, _ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    let (end, hasOverflown) = offset.addingReportingOverflow(Int64(bytes.count))
    guard offset >= 0, !hasOverflown, end <= Int64(limit) else { throw tooLarge }
    state.withLock { state in
      if state.bytes.count < Int(end) {
        state.bytes += [UInt8](repeating: 0, count: Int(end) - state.bytes.count)
      }
      state.bytes.replaceSubrange(Int(offset)..<Int(end), with: bytes)
      state.isChanged = true
    }
  }

  /// Throws `.tooLarge` beyond the limit.
  func truncate(to size: Int64) throws(OfficeError) {
    guard size >= 0, size <= Int64(limit) else { throw tooLarge }
    state.withLock { state in
      let missing = Int(size) - state.bytes.count
      if missing > 0 {
        state.bytes += [UInt8](repeating: 0, count: missing)
      } else {
        state.bytes.removeLast(-missing)
      }
      state.isChanged = true
    }
  }

  /// close(2) of one descriptor, or fsync(2): once for each change. Throws what the owner says of the bytes; they are
  /// then not asked about again until they change.
  func flush(caller: Caller, isInterrupted: () -> Bool) throws(OfficeError) {
    if let opener, opener > 0, ProcessTable.process(ofThread: caller.pid) != opener { return }
    let bytes = state.withLock { state -> [UInt8]? in
      defer { state.isChanged = false }
      return state.isChanged ? state.bytes : nil
    }
    if let bytes { try settle(bytes, caller, isInterrupted) }
  }

  func release() { close() }

  private var tooLarge: OfficeError {
    OfficeError(.tooLarge, "more than the \(limit) bytes that this file may have")
  }
}
