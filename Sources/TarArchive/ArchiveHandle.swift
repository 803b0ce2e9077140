import CArchive
import Glibc

/// One libarchive reader over a file, freed with this object.
final class ArchiveHandle {
  /// libarchive's `struct archive *`.
  let pointer: OpaquePointer
  private let source: ArchiveSource

  /// For a plain tar file.
  convenience init(tar file: Int32) throws(TarError) {
    try self.init(file) { archive in
      min(archive_read_support_format_tar(archive), archive_read_support_filter_none(archive))
    }
  }

  /// For whatever one layer of `filter` (ARCHIVE_FILTER_…) holds; nothing else is tried.
  convenience init(filter: Int32, of file: Int32) throws(TarError) {
    try self.init(file) { archive in
      min(archive_read_append_filter(archive, filter), archive_read_support_format_raw(archive))
    }
  }

  private init(_ file: Int32, _ setUp: (OpaquePointer) -> Int32) throws(TarError) {
    let source = ArchiveSource(file: file, size: try FileWindow.size(of: file))
    guard let pointer = archive_read_new() else {
      throw .inputOutput(errno: ENOMEM, during: "preparing to read the archive")
    }
    self.pointer = pointer
    self.source = source
    guard setUp(pointer) >= ARCHIVE_WARN else {
      throw failure(at: TarPlace(entry: 1, offset: 0))
    }
    // `source` outlives the reader: both belong to this object, and deinit frees the reader first.
    archive_read_set_callback_data(pointer, Unmanaged.passUnretained(source).toOpaque())
    archive_read_set_read_callback(pointer) { _, data, block in
      ArchiveSource.from(data)?.read(block) ?? -1
    }
    archive_read_set_skip_callback(pointer) { _, data, count in
      ArchiveSource.from(data)?.skip(count) ?? 0
    }
    guard archive_read_open1(pointer) >= ARCHIVE_WARN else {
      throw failure(at: TarPlace(entry: 1, offset: 0))
    }
  }

  deinit { archive_read_free(pointer) }

  /// What went wrong last: the disk if a read failed, else the archive in libarchive's words.
  func failure(at place: TarPlace) -> TarError {
    if source.failure != 0 {
      return .inputOutput(errno: source.failure, during: "reading the archive")
    }
    guard let text = archive_error_string(pointer) else {
      return .damaged("it can't be read", at: place)
    }
    return .damaged("it can't be read: \(String(cString: text))", at: place)
  }
}

/// Feeds libarchive by pread, so that the file's own offset does not matter.
private final class ArchiveSource {
  /// errno of the read that failed; 0 if none did.
  private(set) var failure: Int32 = 0
  private let file: Int32
  private let size: Int64
  private var offset: Int64 = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: ArchiveSource.block, alignment: 4096)

  /// Large enough to make system calls cheap, small enough to stay in the processor's cache.
  private static let block = 256 << 10

  init(file: Int32, size: Int64) {
    self.file = file
    self.size = size
  }

  deinit { buffer.deallocate() }

  static func from(_ data: UnsafeMutableRawPointer?) -> ArchiveSource? {
    data.map { Unmanaged<ArchiveSource>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Bytes read, 0 at the end, -1 for an error: `archive_read_callback`.
  func read(_ block: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
    block?.pointee = UnsafeRawPointer(buffer.baseAddress)
    let wanted = Int(min(Int64(buffer.count), size - offset))
    while true {
      let got = pread(file, buffer.baseAddress, wanted, off_t(offset))
      if got >= 0 {
        if got == 0 && wanted > 0 { break }
        offset += Int64(got)
        return got
      }
      guard errno == EINTR else {
        failure = errno
        return -1
      }
    }
    // The file became shorter since it was opened.
    failure = EIO
    return -1
  }

  /// Bytes skipped: `archive_skip_callback`.
  func skip(_ count: Int64) -> Int64 {
    let skipped = min(max(count, 0), size - offset)
    offset += skipped
    return skipped
  }
}
