import Glibc
import OfficeModel

/// The newest commit's number beside the database: a damaged write-ahead log silently takes commits back,
/// which no check within the database can tell.
///
/// Two slots, written in turn and made durable before a commit is acknowledged.
public final class CommitRecord: Sendable {
  private let path: String
  private let descriptor: Int32
  private static let slotSize: Int64 = 4_096

  /// Opens or makes the file. Throws what the disk says.
  public init(_ path: String) throws(OfficeError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw StoreDirectory.failure("the record of commits can't be opened", path)
    }
    // Both slots have their place from the start, so that a full disk refuses no change that the database took. An older
    // one may be on a disk that is full now.
    posix_fallocate(descriptor, 0, off_t(2 * CommitRecord.slotSize))
  }

  deinit { close(descriptor) }

  /// The newest commit that was acknowledged; nil in a new file.
  public func newest() -> Int64? {
    [slot(0), slot(1)].compactMap { $0 }.max()
  }

  /// Whether the database has all that was acknowledged; if not, it is made read-only. `newest` is the largest number
  /// it has, `noun` what is numbered. Called when it is opened.
  public func agrees(
    with newest: Int64, noun: String, in database: ItemDatabase
  ) throws(OfficeError) -> Bool {
    guard let acknowledged = self.newest(), acknowledged > newest else {
      try write(newest)
      return true
    }
    database.fail(
      OfficeError(
        .inputOutput,
        "\(noun) \(newest + 1) to \(acknowledged) are lost: the database or its log was damaged or put back",
        item: path,
        remedy: "keep a copy; if an older database was put back on purpose, remove \(path)"))
    return false
  }

  /// Called with the store's writer held. Durable when it returns.
  public func write(_ commit: Int64) throws(OfficeError) {
    let words = [commit.littleEndian, CommitRecord.mark(commit).littleEndian]
    let written = words.withUnsafeBytes { bytes in
      pwrite(descriptor, bytes.baseAddress, 16, off_t((commit & 1) * CommitRecord.slotSize))
    }
    guard written == 16, fdatasync(descriptor) == 0 else {
      let number = errno
      throw OfficeError(
        .inputOutput, "the record of commits could not be made durable",
        remedy: "check the disk and restart officefs", cause: SystemCause(number: number))
    }
  }

  private func slot(_ index: Int64) -> Int64? {
    var words: [Int64] = [0, 0]
    guard pread(descriptor, &words, 16, off_t(index * CommitRecord.slotSize)) == 16 else {
      return nil
    }
    let commit = Int64(littleEndian: words[0])
    return CommitRecord.mark(commit) == Int64(littleEndian: words[1]) ? commit : nil
  }

  private static func mark(_ commit: Int64) -> Int64 {
    var check = RowCheck(16)
    check.add(commit)
    return check.value
  }
}
