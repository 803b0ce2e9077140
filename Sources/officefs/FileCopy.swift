import Glibc
import OfficeModel

/// A copy that is whole and durable, or an error: the partial file is removed.
struct FileCopy {
  let source: String
  let target: String

  init(from source: String, to target: String) {
    self.source = source
    self.target = target
  }

  func run() throws(OfficeError) {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw FileCopy.failure("can't read \(source)") }
    defer { close(input) }
    var status = stat()
    guard fstat(input, &status) == 0 else { throw FileCopy.failure("can't read \(source)") }
    try FileCopy.write(to: target, size: Int64(status.st_size)) {
      (offset, buffer) throws(OfficeError) in
      let count = pread(input, buffer.baseAddress, buffer.count, Int(offset))
      guard count >= 0 else { throw FileCopy.failure("can't read \(source)") }
      return count
    }
  }

  /// Writes what `read` gives until it gives nothing; `-` is standard output.
  static func write(
    to target: String, size: Int64,
    read: (Int64, UnsafeMutableRawBufferPointer) throws(OfficeError) -> Int
  ) throws(OfficeError) {
    let isStandard = target == "-"
    let output =
      isStandard ? STDOUT_FILENO : open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw failure("can't write \(target)") }
    do throws(OfficeError) {
      try copy(to: output, named: target, size: size, read: read)
      if !isStandard {
        guard fsync(output) == 0 else { throw failure("can't write \(target)") }
        guard close(output) == 0 else { throw failure("can't write \(target)") }
      }
    } catch {
      if !isStandard {
        close(output)
        unlink(target)
      }
      throw error
    }
  }

  private static func copy(
    to output: Int32, named target: String, size: Int64,
    read: (Int64, UnsafeMutableRawBufferPointer) throws(OfficeError) -> Int
  ) throws(OfficeError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var progress = Progress("copying")
    defer { progress.end() }
    var offset: Int64 = 0
    while true {
      let count = try read(offset, buffer)
      if count == 0 { break }
      var done = 0
      while done < count {
        let written = Glibc.write(output, buffer.baseAddress?.advanced(by: done), count - done)
        guard written > 0 else { throw failure("can't write \(target)") }
        done += written
      }
      offset += Int64(count)
      progress.show(offset, of: size)
    }
  }

  static func failure(_ what: String) -> OfficeError {
    OfficeError(ErrorCode(rawValue: errno), "\(what): \(String(cString: strerror(errno)))")
  }
}
