import Glibc
import OfficeModel
import Synchronization

/// Space set aside so that deletes and checkpoints still work on a full disk.
///
/// SQLite needs space to free space: a delete first grows the log. The file is given up then, and made again when
/// four times its size is free.
public final class DiskReserve: Sendable {
  private let path: String
  private let held: Mutex<Bool>
  /// Bytes, at most 64 MiB and at most 1/16 of the disk.
  public let size: Int64

  /// Holds the reserve if there is room for it.
  public init(_ path: String, folder: String) throws(OfficeError) {
    self.path = path
    let disk = try DiskSpace(of: folder)
    size = min(64 << 20, disk.total / 16 / 4_096 * 4_096)
    held = Mutex(false)
    restore(disk)
  }

  /// Whether the space is set aside.
  public var isHeld: Bool { held.withLock { $0 } }

  /// Gives the space up; returns whether there was any.
  public func release() -> Bool {
    held.withLock { held in
      guard held else { return false }
      held = false
      return truncate(path, 0) == 0
    }
  }

  /// Sets the space aside again once there is plenty.
  public func restore(_ disk: DiskSpace) {
    held.withLock { held in
      guard !held, size > 0 else { return }
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { return }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return }
      if Int64(status.st_size) == size && Int64(status.st_blocks) * 512 >= size {
        held = true
      } else if disk.free >= 4 * size {
        held = posix_fallocate(descriptor, 0, off_t(size)) == 0
        if !held { ftruncate(descriptor, 0) }
      }
    }
  }
}

/// How full the disk of a folder is, in bytes.
public struct DiskSpace: Sendable {
  public var total: Int64
  /// What the caller may still use.
  public var free: Int64
  /// Inodes.
  public var files: Int64
  public var freeFiles: Int64

  /// Throws `.inputOutput` or what statvfs(3) gives.
  public init(of folder: String) throws(OfficeError) {
    var space = statvfs()
    guard statvfs(folder, &space) == 0 else {
      throw StoreDirectory.failure("the disk's space can't be read", folder)
    }
    let block = Int64(clamping: space.f_frsize)
    total = Int64(clamping: space.f_blocks) * block
    free = Int64(clamping: space.f_bavail) * block
    files = Int64(clamping: space.f_files)
    freeFiles = Int64(clamping: space.f_favail)
  }
}
