import Glibc
import OfficeModel
import TarArchive

// The container speaks of tar; here its words become the office's.

extension OfficeError {
  /// A container's fault with the errno and the advice that fit it.
  init(_ error: TarError) {
    let item = error.place.map { "\($0)" }
    switch error {
    case .damaged:
      self.init(.badArchive, error.reason, item: item, remedy: ArchiveFile.advice)
    case .unsupported:
      self.init(
        .badArchive, error.reason, item: item,
        remedy:
          "an archive holds plain files only: pack it again with tar --dereference and without --sparse"
      )
    case .limit:
      self.init(
        .tooLarge, error.reason, item: item,
        remedy: "raise the limit in the settings if the archive is to be trusted")
    case .inputOutput(let errno, _):
      let full = errno == ENOSPC || errno == EDQUOT
      self.init(full ? .noSpace : errno == EFBIG ? .tooLarge : .inputOutput, error.reason)
    case .cancelled: self.init(.interrupted, "the import was interrupted")
    }
  }
}

extension TarLimits {
  init(_ limits: Limits) {
    self.init(
      entries: limits.archiveEntries, archiveBytes: limits.archiveBytes,
      headerBytes: limits.headerBytes, expansion: limits.expansion)
  }
}

extension TarReader {
  static func opening(file: Int32, limits: TarLimits) throws(OfficeError) -> TarReader {
    do throws(TarError) {
      _ = try TarStructure.check(file: file, limits: limits)
      return try TarReader(file: file, limits: limits)
    } catch {
      throw OfficeError(error)
    }
  }

  func nextEntry() throws(OfficeError) -> TarEntry? {
    do throws(TarError) { return try next() } catch { throw OfficeError(error) }
  }

  /// Reads more of the entry's data; 0 at its end.
  func readData(into buffer: inout [UInt8]) throws(OfficeError) -> Int {
    do throws(TarError) {
      return try buffer.withUnsafeMutableBufferPointer { (bytes) throws(TarError) in
        try read(into: UnsafeMutableRawBufferPointer(bytes))
      }
    } catch {
      throw OfficeError(error)
    }
  }
}
