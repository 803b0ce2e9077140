import OfficeModel
import Synchronization

/// Handles given to the kernel: numbers that are never reused while the mount lives.
final class HandleTable<Value: Sendable>: Sendable {
  private struct Content {
    var values: [UInt64: Value] = [:]
    var last: UInt64 = 0
  }

  private let content = Mutex(Content())

  func insert(_ value: Value) -> UInt64 {
    content.withLock { content in
      content.last += 1
      content.values[content.last] = value
      return content.last
    }
  }

  /// Throws `.inputOutput` for a handle that was never given or is closed.
  subscript(handle: UInt64) -> Value {
    get throws(OfficeError) {
      guard let value = content.withLock({ $0.values[handle] }) else {
        throw OfficeError(.inputOutput, "no such open file")
      }
      return value
    }
  }

  func remove(_ handle: UInt64) -> Value? {
    content.withLock { $0.values.removeValue(forKey: handle) }
  }

  var values: [Value] { content.withLock { Array($0.values.values) } }
}
