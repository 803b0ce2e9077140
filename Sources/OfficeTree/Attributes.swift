/// What stat(2) shows of a node, and for how long the kernel may believe it.
public struct Attributes: Sendable, Equatable {
  public var node: NodeID
  /// st_ino: persistent, never reused, kept while a new version of the same name is being written.
  public var inode: UInt64
  public var isDirectory: Bool
  /// A symbolic link, whose size is that of its target.
  public var isLink = false
  /// The lower 12 bits of st_mode.
  public var permissions: UInt32
  public var owner: UInt32
  public var group: UInt32
  /// In bytes, exact.
  public var size: Int64
  public var links: UInt32 = 1
  /// Nanoseconds since 1970.
  public var mtime: Int64
  /// Seconds for which entry and attributes hold.
  public var timeout: Double
}

/// What a tool asks to change; nil where it leaves a thing alone.
public struct AttributeChange: Sendable {
  public var size: Int64?
  /// Nanoseconds since 1970; not before 1800, so that the time between it and any other can be told.
  public var mtime: Int64?
  /// The time is to be now.
  public var mtimeIsNow: Bool
  public var permissions: UInt32?
  public var owner: UInt32?
  public var group: UInt32?

  private static let earliest: Int64 = -5_364_662_400 * 1_000_000_000

  public init(
    size: Int64? = nil, mtime: Int64? = nil, mtimeIsNow: Bool = false, permissions: UInt32? = nil,
    owner: UInt32? = nil, group: UInt32? = nil
  ) {
    self.size = size
    self.mtime = mtime.map { max($0, AttributeChange.earliest) }
    self.mtimeIsNow = mtimeIsNow
    self.permissions = permissions
    self.owner = owner
    self.group = group
  }
}
