import OfficeModel
import Synchronization

/// Who is logged in where, as front ends say it: in memory, and front ends touch their sessions again after a restart.
///
/// LOCK ORDER: innermost.
final class SessionTable: Sendable {
  struct Session: Sendable, Equatable {
    /// Of its node, never reused.
    let number: UInt64
    let name: SessionName
    /// Who made it.
    let owner: UInt32
    let group: UInt32
    /// When it was made, in seconds since 1970.
    let since: Int64
    /// When it was touched last, in nanoseconds since 1970.
    var lastSeen: Int64
  }

  private struct Content {
    var sessions: [UInt64: Session] = [:]
    /// In the order of their names' bytes.
    var order: [(name: [UInt8], number: UInt64)] = []
    var stamp: Int64 = 0

    /// Where a name stands or would stand.
    func place(of name: [UInt8]) -> (index: Int, isThere: Bool) {
      var low = 0
      var high = order.count
      while low < high {
        let middle = (low + high) / 2
        if order[middle].name.lexicographicallyPrecedes(name) {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return (low, low < order.count && order[low].name == name)
    }

    mutating func remove(at index: Int) {
      sessions[order.remove(at: index).number] = nil
      stamp += 1
    }
  }

  /// The most sessions there can be.
  static let most = 100_000

  private let content = Mutex(Content())

  /// Rises when a session comes or goes.
  var stamp: Int64 { content.withLock { $0.stamp } }

  var count: Int { content.withLock { $0.order.count } }

  subscript(number: UInt64) -> Session? { content.withLock { $0.sessions[number] } }

  subscript(name: [UInt8]) -> Session? {
    content.withLock { content in
      let (index, isThere) = content.place(of: name)
      return isThere ? content.sessions[content.order[index].number] : nil
    }
  }

  /// Those behind a name, nil for the first, in the order of their names' bytes.
  func sessions(after name: [UInt8]?, limit: Int) -> [Session] {
    content.withLock { content in
      var start = 0
      if let name {
        let (index, isThere) = content.place(of: name)
        start = isThere ? index + 1 : index
      }
      return content.order[start...].prefix(limit).compactMap { content.sessions[$0.number] }
    }
  }

  /// Throws `.exists` for a name that is taken, `.noSpace` if there are too many.
  func insert(_ session: Session) throws(OfficeError) {
    let failure = content.withLock { content -> OfficeError? in
      let name = session.name.bytes
      let (index, isThere) = content.place(of: name)
      if isThere { return OfficeError(.exists, "the session is there", item: session.name.text) }
      guard content.order.count < SessionTable.most else { return SessionTable.full }
      content.order.insert((name, session.number), at: index)
      content.sessions[session.number] = session
      content.stamp += 1
      return nil
    }
    if let failure { throw failure }
  }

  /// Notes that a session lives, at a time in nanoseconds since 1970. False for one that has ended.
  func refresh(_ number: UInt64, at time: Int64) -> Bool {
    content.withLock { content in
      content.sessions[number]?.lastSeen = time
      return content.sessions[number] != nil
    }
  }

  /// False if there is no such session.
  func remove(_ name: [UInt8]) -> Bool {
    content.withLock { content in
      let (index, isThere) = content.place(of: name)
      if isThere { content.remove(at: index) }
      return isThere
    }
  }

  /// All sessions of some users.
  func sessions(of users: (UserID) -> Bool) -> [Session] {
    content.withLock { content in
      content.order.compactMap { content.sessions[$0.number] }.filter { users($0.name.id) }
    }
  }

  private static let full = OfficeError(
    .noSpace, "there are \(most) sessions, and no more are kept",
    remedy: "remove those in sessions/ that are stale")
}
