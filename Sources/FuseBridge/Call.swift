import CFuse3
import OfficeModel
import OfficeTree

/// What a request is about, as `errors.log` will have it.
struct Operation: Sendable {
  let verb: String
  let node: NodeID
  let name: [UInt8]?
  let caller: Caller
}

/// Whether a request's caller waits no longer. Valid until the request is answered.
///
/// INVARIANT: libfuse's only call on the request here is fuse_req_interrupted, which takes the session's own lock.
struct Interrupts: @unchecked Sendable {
  fileprivate let request: fuse_req_t
  fileprivate let bridge: Bridge

  /// True once a signal reached the caller, or the mount ends.
  var hasCome: Bool { bridge.isHurried || fuse_req_interrupted(request) != 0 }
}

/// One request under way.
struct Call: ~Copyable {
  /// The work of a request: what it is answered with, or why it is refused.
  typealias Work = (Bridge, Operation) throws(OfficeError) -> Answer

  let bridge: Bridge
  let operation: Operation
  let interrupts: Interrupts
  private let reply: Reply

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
    interrupts = Interrupts(request: request, bridge: bridge)
    reply = Reply(request)
  }

  /// Does the work on this thread and answers.
  consuming func answer(_ work: Work) {
    Call.settle(reply, bridge, operation, work)
  }

  /// Has the work done, and the request answered, by a thread of the pool for `lane`.
  consuming func answer(
    on lane: Lane,
    _ work: @escaping @Sendable (Bridge, Operation) throws(OfficeError) -> Answer
  ) {
    let (bridge, operation) = (bridge, operation)
    let pending = PendingReply(reply)
    bridge.pool(lane).submit {
      guard let reply = pending.take() else { return }
      Call.settle(reply, bridge, operation, work)
    }
  }

  private static func settle(
    _ reply: consuming Reply, _ bridge: Bridge, _ operation: Operation, _ work: Work
  ) {
    do throws(OfficeError) {
      let answer = try work(bridge, operation)
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
      reply.send(error.code)
    }
  }
}

/// A reply on its way to another thread.
private final class PendingReply: @unchecked Sendable {
  // INVARIANT: written by who makes it and taken by the one job that has it, which the pool's lock keeps in order.
  private var reply: Reply?

  init(_ reply: consuming Reply) { self.reply = consume reply }

  func take() -> Reply? { reply.take() }
}

/// The bytes of a C string.
func nameBytes(_ name: UnsafePointer<CChar>) -> [UInt8] {
  var length = 0
  while name[length] != 0 { length += 1 }
  return [UInt8](UnsafeRawBufferPointer(start: name, count: length))
}
