import Foundation

/// A new directory for one test; removed with all it holds, mounts beneath it first.
public final class ScratchDirectory {
  /// Absolute.
  public let path: String

  /// Where nothing waits for a disk.
  public static let memory = "/dev/shm"

  /// - Throws: `ToolFailure` if it can't be made.
  public init(in parent: String = NSTemporaryDirectory()) throws {
    var template = Array((parent + "/officefs-test-XXXXXX").utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made, let real = realpath(made, nil) else {
      throw ToolFailure("no scratch directory in \(parent)")
    }
    defer { free(real) }
    path = String(cString: real)
  }

  deinit {
    let beneath = MountTable.points().filter { $0.hasPrefix(path + "/") }
    for point in beneath.reversed() {
      _ = try? Subprocess.attempt(["umount", "-l", point], timeout: 10)
    }
    _ = try? Subprocess.attempt(["rm", "-rf", "--one-file-system", path], timeout: 60)
  }
}

/// What is mounted, as the kernel tells it; asks no filesystem.
public enum MountTable {
  /// The mount points in the order they were mounted; one that is stacked stands there twice.
  public static func points() -> [String] {
    let table = FileManager.default.contents(atPath: "/proc/self/mounts") ?? Data()
    return String(decoding: table, as: UTF8.self).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      return fields.count > 1 ? fields[1].replacingOccurrences(of: "\\040", with: " ") : nil
    }
  }
}
