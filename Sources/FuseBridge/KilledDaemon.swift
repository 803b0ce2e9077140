import Glibc

/// A process that served an office and was killed.
public enum KilledDaemon {
  /// How long it may take to end once nothing holds it, in milliseconds.
  private static let patience = 5_000

  /// Lets `process` end if it was killed and can't: a thread of it that tells the kernel of a change waits for a process
  /// that waits for an answer, and neither signal nor time ends either. Until then the data directory `source` stays
  /// locked and its mount answers nobody. Does nothing to a process that lives.
  public static func release(_ process: pid_t, of source: String) {
    guard isKilled(process) else { return }
    for entry in MountTable.current().entries
    where entry.type == MountTable.officeType && entry.source == source {
      MountPoint.abort(entry)
    }
    let deadline = Deadline(milliseconds: patience)
    while threads(of: process) > 1, !deadline.hasPassed { usleep(10_000) }
  }

  // Whether the first thread has ended, which of ours never does before the others (proc(5), stat).
  private static func isKilled(_ process: pid_t) -> Bool {
    let stat = readFile("/proc/\(process)/stat")
    guard let end = stat.lastIndex(of: UInt8(ascii: ")")), stat.count > end + 2 else {
      return false
    }
    return stat[end + 2] == UInt8(ascii: "Z")
  }

  private static func threads(of process: pid_t) -> Int {
    guard let folder = opendir("/proc/\(process)/task") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
      if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
    }
    return count
  }
}
