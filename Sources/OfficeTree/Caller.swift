/// Who asks.
public struct Caller: Sendable, Equatable {
  /// A thread's id as the kernel gives it; 0 where it lies in another pid namespace.
  public var pid: Int32
  public var uid: UInt32
  public var gid: UInt32

  public init(pid: Int32, uid: UInt32, gid: UInt32) {
    self.pid = pid
    self.uid = uid
    self.gid = gid
  }
}

extension Caller: CustomStringConvertible {
  /// `cp[123] uid 0`, for logs.
  public var description: String {
    let (process, name) = ProcessTable.command(ofThread: pid)
    return "\(name)[\(process)] uid \(uid)"
  }
}
