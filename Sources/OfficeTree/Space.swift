/// What statfs(2) shows: the room on the disk that holds the office.
public struct Space: Sendable {
  /// In bytes.
  public var blockSize: Int64
  public var blocks: Int64
  public var free: Int64
  public var available: Int64
  public var files: Int64
  public var freeFiles: Int64
}
