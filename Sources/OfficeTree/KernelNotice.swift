/// Something the kernel believes that is no longer so.
public enum KernelNotice: Sendable, Equatable {
  /// A name that stands for another node now.
  case entry(parent: NodeID, name: [UInt8])
  /// A node whose attributes or pages changed.
  case inode(NodeID)
}
