import CArchive
import Glibc

/// Reads the files of a plain tar archive in order, through libarchive.
///
/// INVARIANT: libarchive never sees a header that our own walk has not accepted, and both must agree on where an entry
/// begins, what it is and how large it is. Names come from the walk, since libarchive's depend on the process's locale.
/// To be used by one thread at a time. The file must stay open and unchanged; its own offset does not matter.
public final class TarReader {
  private var walk: TarWalk
  private let handle: ArchiveHandle
  private var current: TarStep?
  private var rest: Int64 = 0

  /// `file` is a plain archive. Throws `.damaged`, `.limit` or `.inputOutput`.
  public init(file: Int32, limits: TarLimits) throws(TarError) {
    walk = try TarWalk(file: file, limits: limits)
    handle = try ArchiveHandle(tar: file)
  }

  /// The next file, whether or not the one before was read; nil at the end, which was then found right.
  ///
  /// Directories are left out. Throws as `TarStructure.check` does; nothing may be asked for after that.
  public func next() throws(TarError) -> TarEntry? {
    current = nil
    rest = 0
    while let step = try walk.next() {
      var header: OpaquePointer?
      let status = archive_read_next_header(handle.pointer, &header)
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN else {
        throw handle.failure(at: step.place)
      }
      guard let header, agrees(header, with: step) else {
        throw .damaged("its header can be understood in two ways", at: step.place)
      }
      guard step.isFile else { continue }
      current = step
      rest = step.entry.size
      return step.entry
    }
    return nil
  }

  /// Fills `buffer` with what comes next of the current file and says how many bytes; 0 at its end only.
  ///
  /// Fewer than fit are delivered at the end only. Throws `.damaged` or `.inputOutput`.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(TarError) -> Int {
    guard let current else { return 0 }
    let wanted = Int(min(Int64(buffer.count), rest))
    var done = 0
    while done < wanted {
      let got = archive_read_data(
        handle.pointer, buffer.baseAddress?.advanced(by: done), wanted - done)
      guard got >= 0 else { throw handle.failure(at: current.place) }
      guard got > 0 else { throw .damaged("it is shorter than it states", at: current.place) }
      done += got
    }
    rest -= Int64(done)
    return done
  }

  private func agrees(_ header: OpaquePointer, with step: TarStep) -> Bool {
    guard archive_read_header_position(handle.pointer) == step.start,
      archive_entry_size(header) == step.entry.size,
      (archive_entry_filetype(header) == Glibc.S_IFREG) == step.isFile
    else { return false }
    guard step.isFile, step.name.allSatisfy({ $0 < 0x80 }),
      let name = archive_entry_pathname(header)
    else { return true }
    return step.name.elementsEqual(String(cString: name).utf8)
  }
}
