import OfficeModel

/// The options of mount(8), as in `-o allow_other,ro`.
public enum MountOptions {
  /// Applies comma-separated `options` to `settings`. Those that mount(8), fstab(5) and mount.fuse pass along and that change
  /// nothing here are swallowed. Throws `.invalid` naming the first one that is unknown or has no allowed value.
  public static func apply(
    _ options: String, to settings: inout MountSettings
  ) throws(OfficeError) {
    for option in split(options) where !option.isEmpty {
      let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      try apply(name, parts.count == 2 ? String(parts[1]) : nil, to: &settings)
    }
  }

  private static func apply(
    _ name: String, _ value: String?, to settings: inout MountSettings
  ) throws(OfficeError) {
    switch (name, value) {
    case ("allow_other", nil): settings.allowsOthers = true
    case ("ro", nil): settings.isReadOnly = true
    case ("rw", nil): settings.isReadOnly = false
    case ("auto_unmount", nil): settings.unmountsAtCrash = true
    case ("fsname", .some(let source)): settings.source = source
    case ("max_threads", .some(let text)): settings.workers = try number(text, name, 1...64)
    case ("backup_wait", .some(let text)):
      settings.backupWait = try number(text, name, 1...3_600)
    case ("max_readahead", .some(let text)):
      settings.readAhead = try number(text, name, 0...(1 << 30)) / 1_024
    case ("max_read", .some(let text)), ("max_write", .some(let text)):
      // 1 MiB always: smaller ones only make more requests of the same bytes.
      _ = try number(text, name, 1...Int(Int32.max))
    case ("subtype", .some), ("max_idle", .some), ("max_idle_threads", .some), ("comment", .some):
      break
    default:
      guard value == nil && swallowed.contains(name) || name.hasPrefix("x-") || name.hasPrefix("X-")
      else {
        throw OfficeError(
          .invalid, "unknown mount option", item: value.map { "\(name)=\($0)" } ?? name,
          remedy:
            "allowed are allow_other, ro, rw, auto_unmount, fsname=, max_threads=, backup_wait=")
      }
    }
  }

  // The first line: what holds here anyway. The second: what mount.fuse adds for root, whatever was asked; nosuid, nodev and
  // noexec hold all the same. The rest: for mount(8), or about times that are only ever changed by what is written.
  private static let swallowed: Set<String> = [
    "default_permissions", "nosuid", "nodev", "noexec", "splice_read", "clone_fd",
    "suid", "dev", "exec", "defaults",
    "nofail", "_netdev", "auto", "noauto", "user", "nouser", "users", "nousers", "owner", "noowner",
    "group", "nogroup", "silent", "loud",
    "atime", "noatime", "relatime", "norelatime", "strictatime", "nostrictatime", "lazytime",
    "nolazytime", "diratime", "nodiratime", "sync", "async", "dirsync", "mand", "nomand",
  ]

  private static func number(
    _ text: String, _ name: String, _ range: ClosedRange<Int>
  ) throws(OfficeError) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw OfficeError(
        .invalid, "not an allowed value of a mount option", item: "\(name)=\(text)",
        remedy: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  // A comma behind a backslash belongs to its option, as libfuse has it.
  private static func split(_ options: String) -> [String] {
    var parts = [""]
    var isQuoted = false
    for scalar in options.unicodeScalars {
      if isQuoted {
        parts[parts.count - 1].unicodeScalars.append(scalar)
        isQuoted = false
      } else if scalar == "\\" {
        isQuoted = true
      } else if scalar == "," {
        parts.append("")
      } else {
        parts[parts.count - 1].unicodeScalars.append(scalar)
      }
    }
    return parts
  }
}
