import Glibc

/// What /proc (proc(5)) tells of the processes that use the mount.
enum ProcessTable {
  /// The process a thread belongs to; the id itself where /proc does not know it.
  static func process(ofThread id: Int32) -> Int32 {
    guard id > 0 else { return id }
    for line in read("/proc/\(id)/status").split(separator: 0x0A) {
      guard line.starts(with: Array("Tgid:".utf8)) else { continue }
      let digits = line.filter { $0 >= 0x30 && $0 <= 0x39 }
      return Int32(String(decoding: digits, as: UTF8.self)) ?? id
    }
    return id
  }

  /// The command's name, `?` where it is gone.
  static func command(of process: Int32) -> String {
    let name = read("/proc/\(process)/comm").prefix { $0 != 0x0A }
    return name.isEmpty ? "?" : String(decoding: name, as: UTF8.self)
  }

  private static func read(_ path: String) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(file, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }
}
