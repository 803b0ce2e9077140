/// One file of an archive.
public struct TarEntry: Sendable, Equatable {
  /// The name without leading `./`: relative, valid UTF-8, without control characters, `.` or `..`; bytes as they came.
  public var path: [UInt8]
  /// In bytes; the file is known to hold as many.
  public var size: Int64
  /// Whole seconds since 1970, rounded down and brought into `TarLayout.times`.
  public var mtime: Int64

  public init(path: [UInt8], size: Int64, mtime: Int64) {
    self.path = path
    self.size = size
    self.mtime = mtime
  }
}

/// What a check of an archive's structure found.
public struct TarShape: Sendable, Equatable {
  /// How many files; directories are not counted.
  public var entries: Int
  /// Σ of the files' sizes, in bytes.
  public var dataBytes: Int64
  /// Bytes before the end blocks.
  public var end: Int64
}
