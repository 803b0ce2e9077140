import Glibc
import OfficeModel
import Synchronization

/// An append-only log of one line per event, kept in the data directory and shown under `status/`.
///
/// INVARIANT: a line is written with one write(2), so lines never mix. Beyond `limit` bytes the file moves to `<name>.1`.
public final class Journal: Sendable {
  /// The file's path.
  public let path: String
  private let limit: Int64
  private let clock: WallClock
  private let onFailure: @Sendable (OfficeError) -> Void
  private let file: Mutex<Int32>

  /// Opens or creates the log. `limit` is in bytes; `onFailure` is told when the disk fails. Throws `.inputOutput`.
  public init(
    path: String, clock: WallClock, limit: Int64 = 8 << 20,
    onFailure: @escaping @Sendable (OfficeError) -> Void = { _ in }
  ) throws(OfficeError) {
    self.path = path
    self.onFailure = onFailure
    self.clock = clock
    self.limit = limit
    let descriptor = Journal.open(path)
    guard descriptor >= 0 else {
      throw OfficeError(.inputOutput, "can't open the log \(path)")
    }
    file = Mutex(descriptor)
  }

  deinit { file.withLock { _ = close($0) } }

  /// Appends `<stamp> <text>`; control characters are escaped. A full disk is no reason to refuse work, a failing one is.
  public func append(_ text: String) {
    let line = Array(
      "\(Stamp.text(seconds: clock.now() / 1_000_000_000)) \(Escaped.line(text))\n".utf8)
    let isFailing = file.withLock { descriptor in
      let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      let isFailing = count < 0 && errno == EIO
      if size(of: descriptor) > limit {
        rename(path, path + ".1")
        let fresh = Journal.open(path)
        if fresh >= 0 {
          close(descriptor)
          descriptor = fresh
        }
      }
      return isFailing
    }
    if isFailing { onFailure(OfficeError(.inputOutput, "a log can't be written", item: path)) }
  }

  /// The log's size in bytes.
  public var size: Int64 { file.withLock { size(of: $0) } }

  /// When a line was last added, in nanoseconds since 1970.
  public var mtime: Int64 {
    file.withLock { descriptor in
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return 0 }
      return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }
  }

  /// Reads up to `count` bytes at `offset`.
  public func read(at offset: Int64, count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = file.withLock { pread($0, &bytes, count, Int(offset)) }
    return Array(bytes.prefix(max(0, got)))
  }

  private func size(of descriptor: Int32) -> Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
  }

  private static func open(_ path: String) -> Int32 {
    Glibc.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
  }
}
