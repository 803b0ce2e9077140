import CFuse3
import OfficeModel
import OfficeTree
import Synchronization

/// What a request is about, as `errors.log` will have it.
struct Operation: Sendable {
  let verb: String
  let node: NodeID
  let name: [UInt8]?
  let caller: Caller
}

/// Whether a request's caller waits no longer.
struct Interrupts: Sendable {
  fileprivate let reply: PendingReply
  fileprivate let bridge: Bridge

  /// True once a signal reached the caller that wants it to end, or the mount ends.
  var hasCome: Bool { bridge.isHurried || reply.isInterrupted }
}

/// One request under way.
struct Call: ~Copyable {
  /// The work of a request: what it is answered with, or why it is refused.
  typealias Work = (Bridge, Operation) throws(OfficeError) -> Answer

  let bridge: Bridge
  let operation: Operation
  let interrupts: Interrupts
  private let reply: PendingReply

  /// Nil if libfuse passes no request, which it never does.
  init?(
    _ request: fuse_req_t?, _ verb: String, _ node: fuse_ino_t, _ name: UnsafePointer<CChar>? = nil
  ) {
    guard let request, let raw = fuse_req_userdata(request), let context = fuse_req_ctx(request)
    else { return nil }
    bridge = Unmanaged<Bridge>.fromOpaque(raw).takeUnretainedValue()
    operation = Operation(
      verb: verb, node: NodeID(rawValue: node), name: name.map(nameBytes),
      caller: Caller(
        pid: context.pointee.pid, uid: context.pointee.uid, gid: context.pointee.gid))
    reply = PendingReply(Reply(request), for: context.pointee.pid)
    interrupts = Interrupts(reply: reply, bridge: bridge)
  }

  /// Does the work on this thread and answers.
  consuming func answer(_ work: Work) {
    Call.settle(reply, bridge, operation, work)
  }

  /// Has the work done, and the request answered, by a thread of the pool for `lane`. A caller who is killed while the work
  /// can't end, since the disk hangs, is let go by the watchdog; the work goes on.
  consuming func answer(
    on lane: Lane,
    _ work: @escaping @Sendable (Bridge, Operation) throws(OfficeError) -> Answer
  ) {
    let (bridge, operation, reply) = (bridge, operation, reply)
    let ticket = bridge.watchdog.watch(reply)
    bridge.pool(lane).submit {
      Call.settle(reply, bridge, operation, work)
      bridge.watchdog.forget(ticket)
    }
  }

  private static func settle(
    _ pending: PendingReply, _ bridge: Bridge, _ operation: Operation, _ work: Work
  ) {
    do throws(OfficeError) {
      let answer = try work(bridge, operation)
      guard let reply = pending.take() else {
        bridge.abandon(answer)
        // The kernel was told that nothing was done.
        if let name = operation.name {
          bridge.notifier.post(.entry(parent: operation.node, name: name))
        }
        return
      }
      // Before it is sent: from then on the kernel may forget.
      bridge.refer(answer, count: 1)
      if !reply.send(answer) {
        bridge.refer(answer, count: -1)
        bridge.abandon(answer)
      }
    } catch {
      // Recorded first: whoever sees the refusal finds its reason.
      bridge.tree.record(
        error, operation: operation.verb, node: operation.node, name: operation.name,
        caller: operation.caller)
      if let reply = pending.take() { reply.send(error.code) }
    }
  }
}

/// The one right to answer a request, for whoever takes it first: the work, or the watchdog.
///
/// LOCK ORDER: before libfuse's own lock, which is taken to ask for an interrupt.
final class PendingReply: Sendable {
  private let reply: Mutex<Reply?>
  private let thread: Int32

  /// `thread` is the caller's.
  init(_ reply: consuming Reply, for thread: Int32) {
    self.reply = Mutex(reply)
    self.thread = thread
  }

  /// Nil if it was taken.
  func take() -> Reply? { reply.withLock { $0.take() } }

  /// Whether its caller waits no longer.
  var isInterrupted: Bool {
    guard let hasSignal = reply.withLock({ $0?.isInterrupted }) else { return true }
    return hasSignal && ProcessTable.isEnding(thread: thread)
  }
}

/// The bytes of a C string.
func nameBytes(_ name: UnsafePointer<CChar>) -> [UInt8] {
  var length = 0
  while name[length] != 0 { length += 1 }
  return [UInt8](UnsafeRawBufferPointer(start: name, count: length))
}
