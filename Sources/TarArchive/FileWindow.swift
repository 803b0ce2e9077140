import Glibc

/// Reads pieces of a file by their place, a window at a time; the file's own offset does not matter.
final class FileWindow {
  let file: Int32
  /// In bytes, when the window was made.
  let size: Int64
  private let buffer: UnsafeMutableRawBufferPointer
  private var start: Int64 = 0
  private var count = 0

  /// What is read at once although fewer bytes are asked for.
  private static let ahead = 32 << 10

  /// `largest` is the most bytes that will be asked for at once.
  init(file: Int32, largest: Int) throws(TarError) {
    size = try FileWindow.size(of: file)
    self.file = file
    buffer = .allocate(byteCount: max(FileWindow.ahead, largest), alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// `count` bytes from `offset` on, which must lie within the file. Valid until the next call.
  func bytes(at offset: Int64, count wanted: Int) throws(TarError) -> UnsafeRawBufferPointer {
    precondition(offset >= 0 && Int64(wanted) <= size - offset && wanted <= buffer.count)
    if offset < start || offset + Int64(wanted) > start + Int64(count) {
      count = 0
      let piece = Int(min(Int64(max(wanted, FileWindow.ahead)), size - offset))
      try FileWindow.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<piece]), file, offset)
      start = offset
      count = piece
    }
    let first = Int(offset - start)
    return UnsafeRawBufferPointer(rebasing: buffer[first..<first + wanted])
  }

  /// The size of a regular file, in bytes; throws for anything else.
  static func size(of file: Int32) throws(TarError) -> Int64 {
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw .inputOutput(errno: errno, during: "asking for the archive's size")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .inputOutput(errno: ESPIPE, during: "opening the archive, which is no regular file")
    }
    return Int64(status.st_size)
  }

  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, _ file: Int32, _ offset: Int64
  ) throws(TarError) {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let got = pread(file, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      if got > 0 {
        done += got
      } else if got == 0 {
        throw .inputOutput(errno: EIO, during: "reading the archive, which became shorter")
      } else if errno != EINTR {
        throw .inputOutput(errno: errno, during: "reading the archive")
      }
    }
  }
}
