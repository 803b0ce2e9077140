import Glibc
import OfficeModel

/// A folder that an office is mounted on.
public enum MountPoint {
  /// How long an earlier mount has to answer before it counts as hung, in milliseconds.
  static let patience = 5_000

  /// Whether an office is mounted exactly at `path`, be its process alive or not.
  public static func isMounted(_ path: String) -> Bool { source(of: path) != nil }

  /// What the office mounted at `path` was given as its source, which is its data directory; nil if there is none.
  public static func source(of path: String) -> String? {
    guard let canonical = canonical(path), let entry = MountTable.current().top(at: canonical),
      entry.type == MountTable.officeType
    else { return nil }
    return entry.source
  }

  /// Unmounts the office at `path`. Throws `.invalid` if there is none, `.busy` if something uses it, `.notPermitted` if the
  /// caller may not. `lazily` takes the path away at once, whoever is inside.
  public static func unmount(_ path: String, lazily: Bool = false) throws(OfficeError) {
    guard let canonical = canonical(path), isMounted(canonical) else {
      throw OfficeError(.invalid, "no office is mounted at \(path)")
    }
    try detach(canonical, lazily: lazily)
  }

  /// Makes `path` ready to be mounted on and gives it free of links: a dead office is cleared away. Throws `.busy` if a live
  /// one is there or an earlier one hangs, `.notFound`, `.notDirectory` or `.notEmpty` if it is no empty folder.
  static func prepare(_ path: String) throws(OfficeError) -> String {
    guard let canonical = canonical(path) else {
      throw OfficeError(
        .notFound, "the mount point \(path) does not exist", remedy: "make the folder first")
    }
    try clearDead(canonical)
    try requireEmptyFolder(canonical)
    return canonical
  }

  /// Takes away mounts at `canonical` whose process died ("Transport endpoint is not connected"): else a new one would stack on top.
  static func clearDead(_ canonical: String) throws(OfficeError) {
    for _ in 0..<16 {
      guard let top = MountTable.current().top(at: canonical), top.type.hasPrefix("fuse") else {
        return
      }
      switch Probe.status(of: canonical, milliseconds: patience) {
      case ENOTCONN, ECONNABORTED, ESHUTDOWN:
        try detach(canonical, lazily: true)
      case nil:
        throw OfficeError(
          .busy, "an earlier mount at \(canonical) does not answer",
          remedy: "end its process, or umount -l \(canonical)")
      default:
        guard top.type == MountTable.officeType else { return }
        throw OfficeError(
          .busy, "an office is already mounted at \(canonical)", item: top.source,
          remedy: "officefs unmount \(canonical)")
      }
    }
    throw OfficeError(
      .busy, "too many dead mounts at \(canonical)", remedy: "umount -l \(canonical)")
  }

  /// Cuts the connection of `entry`: every request under way fails with ECONNABORTED.
  static func abort(_ entry: MountTable.Entry) {
    let file = open("/sys/fs/fuse/connections/\(entry.minor)/abort", O_WRONLY | O_CLOEXEC)
    if file >= 0 {
      defer { close(file) }
      if write(file, "1", 1) == 1 { return }
    }
    // Where that file system is not mounted; only root may.
    guard entry.isOnTop else { return }
    umount2(String(decoding: entry.path, as: UTF8.self), Int32(MNT_FORCE | MNT_DETACH))
  }

  private static func requireEmptyFolder(_ path: String) throws(OfficeError) {
    guard let folder = opendir(path) else {
      switch errno {
      case ENOENT:
        throw OfficeError(
          .notFound, "the mount point \(path) does not exist", remedy: "make the folder first")
      case ENOTDIR:
        throw OfficeError(.notDirectory, "the mount point \(path) is no folder")
      case let code:
        throw OfficeError(
          ErrorCode(rawValue: code), "can't open the mount point \(path): \(message(code))")
      }
    }
    defer { closedir(folder) }
    var count = 0
    // Every folder has "." and "..", so a third name is one too many.
    while count < 3, readdir(folder) != nil { count += 1 }
    if count == 3 {
      throw OfficeError(
        .notEmpty, "the mount point \(path) is not empty", remedy: "mount on an empty folder")
    }
  }

  private static func detach(_ path: String, lazily: Bool) throws(OfficeError) {
    let flags = UMOUNT_NOFOLLOW | (lazily ? MNT_DETACH : 0)
    if umount2(path, Int32(flags)) == 0 { return }
    let code = errno
    if code == EBUSY {
      throw OfficeError(
        .busy, "the office at \(path) is in use", remedy: "leave its folders and close its files")
    }
    guard code == EPERM else {
      throw OfficeError(ErrorCode(rawValue: code), "can't unmount \(path): \(message(code))")
    }
    // The owner of a mount that is not root has to ask fusermount3, which says why on stderr.
    let status = Program.run(["fusermount3", "-u", "-q"] + (lazily ? ["-z"] : []) + ["--", path])
    guard status == 0 || !isMounted(path) else {
      throw OfficeError(.notPermitted, "can't unmount \(path): fusermount3 refused or is missing")
    }
  }

  /// Absolute and free of links. The last part is not followed: on a dead mount that fails.
  private static func canonical(_ path: String) -> String? {
    if let whole = resolved(path) { return whole }
    var trimmed = Substring(path)
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    let cut = trimmed.lastIndex(of: "/")
    let parent = cut.map { trimmed[...$0] } ?? "."
    let name = cut.map { trimmed[trimmed.index(after: $0)...] } ?? trimmed
    guard !name.isEmpty, name != ".", name != "..", let folder = resolved(String(parent)) else {
      return nil
    }
    return folder == "/" ? "/\(name)" : "\(folder)/\(name)"
  }

  private static func resolved(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  private static func message(_ code: Int32) -> String { String(cString: strerror(code)) }
}
