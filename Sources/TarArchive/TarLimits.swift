/// How much of an archive is taken before it is refused.
public struct TarLimits: Sendable, Equatable {
  /// The most headers: files, directories and global pax headers together.
  public var entries: Int
  /// The largest archive, uncompressed, in bytes.
  public var archiveBytes: Int64
  /// The largest pax header or GNU long name of an entry, in bytes.
  public var headerBytes: Int
  /// How many times its size a compressed archive may grow; `TarLimits.alwaysExpanded` is always allowed.
  public var expansion: Int64

  /// What a compressed archive may grow to whatever its size, in bytes: tar's own padding compresses a hundredfold.
  public static let alwaysExpanded: Int64 = 1 << 20

  /// The largest dictionary of an .xz, in bytes, since it is held in memory; `xz -9` uses 64 MiB.
  public static let dictionaryBytes: Int64 = 64 << 20

  public init(
    entries: Int = 950_000, archiveBytes: Int64 = 64 << 30, headerBytes: Int = 64 << 10,
    expansion: Int64 = 200
  ) {
    self.entries = entries
    self.archiveBytes = archiveBytes
    self.headerBytes = headerBytes
    self.expansion = expansion
  }
}
