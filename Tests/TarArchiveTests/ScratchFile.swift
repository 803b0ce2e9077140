import Foundation
import Glibc

/// A file in a folder of its own, gone with this object.
final class ScratchFile {
  let folder: URL
  let url: URL
  let descriptor: Int32

  init(_ bytes: [UInt8] = [], name: String = "scratch.tar") throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "officefs-tar-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    url = folder.appending(path: name)
    try Data(bytes).write(to: url)
    descriptor = open(url.path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
  }

  deinit {
    close(descriptor)
    try? FileManager.default.removeItem(at: folder)
  }

  var bytes: [UInt8] {
    get throws { [UInt8](try Data(contentsOf: url)) }
  }

  /// Writes over a part of the file, in place.
  func patch(_ bytes: [UInt8], at offset: Int64) {
    let put = bytes.withUnsafeBytes {
      pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset))
    }
    precondition(put == bytes.count)
  }

  func resize(to size: Int64) {
    let status = ftruncate(descriptor, off_t(size))
    precondition(status == 0)
  }
}
