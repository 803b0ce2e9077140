import Glibc
import OfficeModel
import Synchronization

/// One process owns a data directory: a kernel lock on `lock`, which a crash releases by itself.
public final class DirectoryLock: Sendable {
  private let descriptor: Mutex<Int32>

  /// Throws `.busy` with the owner's process id if another one has it.
  public init(_ path: String) throws(OfficeError) {
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { throw StoreDirectory.failure("the lock can't be opened", path) }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let owner = DirectoryLock.owner(opened)
      defer { close(opened) }
      guard isTaken else { throw StoreDirectory.failure("the lock can't be taken", path) }
      throw OfficeError(
        .busy, "the data directory is in use by process \(owner)", item: path,
        remedy: "stop that officefs first, or work through its mount")
    }
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(opened, 0) != 0 || pwrite(opened, text, text.count, 0) != text.count {
      // Only the message of a second start would lack it.
      _ = ftruncate(opened, 0)
    }
    descriptor = Mutex(opened)
  }

  deinit { release() }

  /// Lets another process have the folder, at once.
  public func release() {
    descriptor.withLock { descriptor in
      guard descriptor >= 0 else { return }
      // A child that another thread has just forked holds the file until it runs its program; closing ours would leave the
      // lock to it for that long.
      flock(descriptor, LOCK_UN)
      close(descriptor)
      descriptor = -1
    }
  }

  private static func owner(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let digits = bytes.prefix(max(0, count)).prefix { (48...57).contains($0) }
    return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
  }
}
