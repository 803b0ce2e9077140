import Glibc

/// The kernel's list of mounts, as this process sees them (proc(5), mountinfo).
struct MountTable: Sendable {
  /// One mount.
  struct Entry: Sendable, Equatable {
    /// Where it is mounted, as bytes.
    var path: [UInt8]
    /// The minor number of its device, which is also its name in /sys/fs/fuse/connections.
    var minor: String
    /// `fuse.officefs` for ours.
    var type: String
    /// What was given as fsname.
    var source: String

    /// Whether it is what its path shows now.
    var isOnTop: Bool {
      let top = MountTable.current().entries.last { $0.path == path }
      return top?.minor == minor && top?.type == type
    }
  }

  /// In the order in which they were mounted: of several at one path the last is on top.
  var entries: [Entry]

  static let officeType = "fuse.officefs"

  /// What the kernel says now; empty if /proc is not there.
  static func current() -> MountTable { MountTable(text: readFile("/proc/self/mountinfo")) }

  /// From the bytes of a mountinfo file; lines that are none are left out.
  init(text: [UInt8]) {
    entries = text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let fields = line.split(separator: UInt8(ascii: " "))
      guard let dash = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }),
        fields.count > dash + 2
      else { return nil }
      let device = fields[2].split(separator: UInt8(ascii: ":"))
      return Entry(
        path: MountTable.unescaped(fields[4]),
        minor: String(decoding: device.last ?? [], as: UTF8.self),
        type: String(decoding: fields[dash + 1], as: UTF8.self),
        source: String(decoding: MountTable.unescaped(fields[dash + 2]), as: UTF8.self))
    }
  }

  /// The mount on top at `path`, which has to be absolute and free of links.
  func top(at path: String) -> Entry? {
    let bytes = Array(path.utf8)
    return entries.last { $0.path == bytes }
  }

  // Blanks, tabs, line ends and backslashes stand as \040 and the like.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    var index = field.startIndex
    while index < field.endIndex {
      if field[index] == UInt8(ascii: "\\"), field.endIndex - index >= 4 {
        let digits = field[(index + 1)...(index + 3)].map { Int($0) - Int(UInt8(ascii: "0")) }
        let value = digits[0] * 64 + digits[1] * 8 + digits[2]
        if digits.allSatisfy({ (0...7).contains($0) }), let byte = UInt8(exactly: value) {
          out.append(byte)
          index += 4
          continue
        }
      }
      out.append(field[index])
      index += 1
    }
    return out
  }
}

/// A small file's bytes; empty if it can't be read.
func readFile(_ path: String) -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return [] }
  defer { close(file) }
  var out: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 16_384)
  while true {
    let count = read(file, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return out }
    out.append(contentsOf: buffer[..<count])
  }
}

/// How many processors there are to work on.
func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
