import Glibc

/// systemd's side of a service of `Type=notify` (sd_notify(3)).
public enum ServiceManager {
  /// Tells systemd a state such as `READY=1` or `STOPPING=1`. Does nothing where NOTIFY_SOCKET names no socket.
  public static func tell(_ state: String) {
    guard let value = getenv("NOTIFY_SOCKET") else { return }
    var path = Array(String(cString: value).utf8)
    guard let first = path.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@") else {
      return
    }
    // An abstract name is written with "@" and begins with a zero byte.
    if first == UInt8(ascii: "@") { path[0] = 0 }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    guard path.count < MemoryLayout<sockaddr_un>.size - offset else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return }
    defer { close(socket) }
    let length = socklen_t(offset + path.count)
    let text = Array(state.utf8)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(socket, text, text.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
