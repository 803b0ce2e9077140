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
  ///
  /// A file gets its name only when it is whole and durable: an older one of that name stays until then.
  static func write(
    to target: String, size: Int64,
    read: (Int64, UnsafeMutableRawBufferPointer) throws(OfficeError) -> Int
  ) throws(OfficeError) {
    var status = stat()
    let isThere = stat(target, &status) == 0
    if target == "-" {
      try copy(to: STDOUT_FILENO, named: "standard output", size: size, read: read)
    } else if isThere, status.st_mode & S_IFMT != S_IFREG {
      // A device or a pipe: nothing to make durable, and nothing to remove.
      let output = open(target, O_WRONLY | O_CLOEXEC)
      guard output >= 0 else { throw failure("can't write \(target)") }
      defer { close(output) }
      try copy(to: output, named: target, size: size, read: read)
    } else {
      try writeFile(target, size: size, read: read)
    }
  }

  /// The name under which a file is written until it is whole.
  static func scratchName(of target: String) -> String { "\(target).part" }

  private static func writeFile(
    _ target: String, size: Int64,
    read: (Int64, UnsafeMutableRawBufferPointer) throws(OfficeError) -> Int
  ) throws(OfficeError) {
    let scratch = scratchName(of: target)
    let output = open(scratch, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw failure("can't write \(scratch)") }
    var isOpen = true
    do throws(OfficeError) {
      try copy(to: output, named: scratch, size: size, read: read)
      guard fsync(output) == 0 else { throw failure("can't write \(scratch)") }
      isOpen = false
      guard close(output) == 0 else { throw failure("can't write \(scratch)") }
      guard rename(scratch, target) == 0 else { throw failure("can't write \(target)") }
      try synchronizeFolder(of: target)
    } catch {
      if isOpen { close(output) }
      unlink(scratch)
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

  /// Makes the name of a file durable.
  static func synchronizeFolder(of file: String) throws(OfficeError) {
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("can't open \(folder)") }
    defer { close(descriptor) }
    // Some filesystems have no fsync of folders.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("can't write \(folder)") }
  }

  static func failure(_ what: String) -> OfficeError {
    OfficeError(ErrorCode(rawValue: errno), "\(what): \(String(cString: strerror(errno)))")
  }
}
