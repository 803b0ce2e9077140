/// One name in a folder.
public struct DirectoryEntry: Sendable {
  public var name: [UInt8]
  public var attributes: Attributes
  /// The cookie with which reading goes on behind this entry.
  public var next: Int64
}
