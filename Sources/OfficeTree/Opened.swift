/// How a file is opened.
public struct OpenFlags: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// For writing, with or without reading.
  public static let write = OpenFlags(rawValue: 1)
  /// Emptied first (O_TRUNC).
  public static let truncate = OpenFlags(rawValue: 2)
  /// Only if the name is new (O_EXCL).
  public static let exclusive = OpenFlags(rawValue: 4)
  /// Each write at the end (O_APPEND).
  public static let append = OpenFlags(rawValue: 8)
}

/// An open file, as the kernel is told of it.
public struct Opened: Sendable {
  public var handle: UInt64
  /// The kernel keeps the pages of an earlier open: the node's bytes never change.
  public var keepsCache: Bool
  /// The kernel keeps no pages: the bytes are being written, or have no fixed size.
  public var isDirect: Bool
}
