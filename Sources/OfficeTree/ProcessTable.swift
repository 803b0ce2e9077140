import Glibc

/// What /proc (proc(5)) tells of the processes that use the mount.
public enum ProcessTable {
  /// Signals by which someone wants a program to end. One that is to die of another has a SIGKILL waiting as well.
  private static let endings = [SIGKILL, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGXCPU]
    .reduce(0) { $0 | UInt64(1) << UInt64($1 - 1) }

  /// Whether a signal waits for a thread by which someone wants it to end; true where /proc does not know the thread.
  ///
  /// The kernel interrupts a request for any signal: that a window has another size, that a child has ended, that Go wants
  /// its threads to pause. No other file system gives up its work for these.
  public static func isEnding(thread id: Int32) -> Bool {
    guard id > 0 else { return true }
    return isEnding(status: read("/proc/\(id)/status"))
  }

  /// The same of a text of `/proc/…/status`.
  static func isEnding(status: [UInt8]) -> Bool {
    let sets = ["\nSigPnd:\t", "\nShdPnd:\t"].map { label in
      field(label, of: status).flatMap { UInt64(String(decoding: $0, as: UTF8.self), radix: 16) }
    }
    return sets.contains { $0.map { $0 & endings != 0 } ?? true }
  }

  /// The process a thread belongs to; the id itself where /proc does not know it.
  static func process(ofThread id: Int32) -> Int32 { processAndName(ofThread: id).process }

  /// The process a thread belongs to and the command's name, `?` where it is gone.
  static func command(ofThread id: Int32) -> (process: Int32, name: String) {
    let (process, threadName) = processAndName(ofThread: id)
    // A process' first thread has its number and its name.
    if process == id, let threadName { return (process, threadName) }
    let name = read("/proc/\(process)/comm").prefix { $0 != 0x0A }
    return (process, name.isEmpty ? "?" : String(decoding: name, as: UTF8.self))
  }

  /// The name is nil where the kernel wrote it with escapes, or none.
  private static func processAndName(ofThread id: Int32) -> (process: Int32, name: String?) {
    guard id > 0 else { return (id, nil) }
    let status = read("/proc/\(id)/status")
    let shown = field("Name:\t", of: status) ?? []
    let isPlain = !shown.isEmpty && !shown.contains(UInt8(ascii: "\\"))
    let name = isPlain ? String(decoding: shown, as: UTF8.self) : nil
    let process = field("\nTgid:\t", of: status).flatMap {
      Int32(String(decoding: $0, as: UTF8.self))
    }
    return (process ?? id, name)
  }

  /// What stands behind the first `label` on its line.
  private static func field(_ label: StaticString, of text: [UInt8]) -> ArraySlice<UInt8>? {
    label.withUTF8Buffer { label in
      var start = 0
      while start + label.count <= text.count {
        if label.indices.allSatisfy({ text[start + $0] == label[$0] }) {
          return text[(start + label.count)...].prefix { $0 != 0x0A }
        }
        start += 1
      }
      return nil
    }
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
