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

  /// Whether any process has a file open whose path ends with `path`, which begins with a slash.
  ///
  /// Costs a look at every descriptor of every process: for what happens rarely. Looks at no file itself.
  static func hasOpen(_ path: String) -> Bool {
    entries(of: "/proc").filter { $0.allSatisfy(\.isNumber) }.contains { process in
      let folder = "/proc/\(process)/fd"
      return entries(of: folder).contains { number in
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("\(folder)/\(number)", &target, target.count)
        let shown = String(decoding: target.prefix(max(0, count)), as: UTF8.self)
        return shown.hasSuffix(path) || shown.hasSuffix(path + " (deleted)")
      }
    }
  }

  private static func entries(of folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
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
