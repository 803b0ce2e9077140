import Glibc

/// The kernel's read-ahead of one mount, without which requests are 128 KiB each.
enum ReadAhead {
  /// Sets it for the file system of `path`, in KiB. Only root may; failure costs speed and nothing else.
  static func set(kibibytes: Int, of path: String) {
    var attributes = stat()
    guard stat(path, &attributes) == 0 else { return }
    let device = attributes.st_dev
    let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
    let minor = device & 0xFF | device >> 12 & ~0xFF
    let file = open("/sys/class/bdi/\(major):\(minor)/read_ahead_kb", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    let text = Array("\(kibibytes)\n".utf8)
    _ = write(file, text, text.count)
  }
}
