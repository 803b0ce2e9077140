import CArchive
import Glibc

/// Takes one layer of gzip, zstd or xz off a file.
public enum Decompression {
  /// Writes what the compressed `file` holds to `output`, an empty file, from its start on.
  ///
  /// False if `file` is not compressed; nothing is written then. What comes out may itself be compressed: it is not looked at.
  /// `cancelled` is asked at least once for each 16 MiB that are written. Throws `.damaged`, `.limit` (growth, memory),
  /// `.cancelled` or `.inputOutput`; what was written until then is of no use.
  public static func plain(
    file: Int32, into output: Int32, limits: TarLimits, cancelled: () -> Bool
  ) throws(TarError) -> Bool {
    let place = TarPlace(entry: 1, offset: 0)
    let size = try FileWindow.size(of: file)
    guard let compression = try Compression(of: file, size: size) else { return false }
    if let memory = compression.dictionary, memory > TarLimits.dictionaryBytes {
      throw .limit(
        "it needs \(memory) bytes of memory, more than the limit of \(TarLimits.dictionaryBytes)",
        at: place)
    }
    let (grown, over) = size.multipliedReportingOverflow(by: limits.expansion)
    let most = min(limits.archiveBytes, over ? .max : max(grown, TarLimits.alwaysExpanded))
    let handle = try ArchiveHandle(filter: compression.filter, of: file)
    var header: OpaquePointer?
    guard archive_read_next_header(handle.pointer, &header) >= ARCHIVE_WARN else {
      throw handle.failure(at: place)
    }
    var written: Int64 = 0
    while true {
      guard !cancelled() else { throw .cancelled }
      var block: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let status = archive_read_data_block(handle.pointer, &block, &count, &offset)
      if status == ARCHIVE_EOF { break }
      guard status >= ARCHIVE_WARN else { throw handle.failure(at: place) }
      guard Int64(count) <= most - written else {
        throw .limit("it grows to more than \(most) bytes when decompressed", at: place)
      }
      try write(UnsafeRawBufferPointer(start: block, count: count), to: output, at: written)
      written += Int64(count)
    }
    guard archive_filter_bytes(handle.pointer, -1) == size else {
      throw .damaged("something stands behind the end of the compressed archive", at: place)
    }
    return true
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to output: Int32, at offset: Int64
  ) throws(TarError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let put = pwrite(output, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      if put > 0 {
        done += put
      } else if put == 0 || errno != EINTR {
        throw .inputOutput(
          errno: put == 0 ? EIO : errno, during: "writing the decompressed archive")
      }
    }
  }
}
