/// How an office is mounted.
public struct MountSettings: Sendable, Equatable {
  /// What `mount` and `df` show as the source; the data directory.
  public var source: String
  /// Whether users other than the one who mounted may enter. Modes and owners decide in any case.
  public var allowsOthers = false
  /// Whether the kernel refuses every write with EROFS.
  public var isReadOnly = false
  /// Whether fusermount3 unmounts if this process dies.
  public var unmountsAtCrash = false
  /// Threads that answer look-ups and reads, 1 to 64.
  public var workers = MountSettings.defaultWorkers
  /// How much the kernel reads ahead, in KiB. Raising it needs root; without, the kernel's own value stays.
  public var readAhead = 1_024

  /// Seconds from the mount to the first look whether a backup is due, and between looks; nil for the program's own.
  public var backupWait: Int?

  /// The largest single read and write, in bytes; also what libfuse 3.14 has buffers for.
  public static let maximumTransfer = 1 << 20

  /// Private to who mounts, writable, source `source`.
  public init(source: String) { self.source = source }

  /// Four, so that a few cold reads do not hold up a look-up; more where there are more processors.
  public static var defaultWorkers: Int { min(max(4, processorCount()), 16) }

  /// What `fuse_session_new` is given after `-o`.
  var fuseOptions: String {
    // default_permissions: without it the kernel asks nobody, and anyone could read anything.
    var options = [
      "default_permissions", "nosuid", "nodev", "noexec", "subtype=officefs",
      "max_read=\(MountSettings.maximumTransfer)", "fsname=\(MountSettings.quoted(source))",
    ]
    if allowsOthers { options.append("allow_other") }
    if isReadOnly { options.append("ro") }
    if unmountsAtCrash { options.append("auto_unmount") }
    return options.joined(separator: ",")
  }

  private static func quoted(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "," || scalar == "\\" { out.append("\\") }
      out.append(scalar)
    }
    return String(out)
  }
}
