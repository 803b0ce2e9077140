import CFuse
import CFuse3
import Glibc
import OfficeModel
import Synchronization

/// One libfuse session: its birth, its mount, its loop and its end.
final class Channel: @unchecked Sendable {
  // INVARIANT: valid from init to deinit. libfuse's calls on it are safe from any thread at once.
  let session: OpaquePointer
  private let spares: SpareMemory

  /// How long a worker waits for memory to receive a request in, in microseconds.
  private static let patience: UInt32 = 10_000

  /// Throws `.invalid` if libfuse refuses an option.
  init(settings: MountSettings, bridge: Bridge) throws(OfficeError) {
    FuseLog.install()
    var operations = fuseOperations()
    let words: [UnsafeMutablePointer<CChar>?] = ["officefs", "-o", settings.fuseOptions].map {
      (word: String) in strdup(word)
    }
    defer { for word in words { free(word) } }
    var argv = words + [nil]
    let session = argv.withUnsafeMutableBufferPointer { argv -> OpaquePointer? in
      var arguments = fuse_args(argc: 3, argv: argv.baseAddress, allocated: 0)
      defer { fuse_opt_free_args(&arguments) }
      return fuse_session_new(
        &arguments, &operations, MemoryLayout<fuse_lowlevel_ops>.size,
        Unmanaged.passUnretained(bridge).toOpaque())
    }
    guard let session else {
      throw OfficeError(.invalid, "libfuse refuses the mount's options", item: FuseLog.take())
    }
    self.session = session
    spares = bridge.spares
  }

  deinit { fuse_session_destroy(session) }

  /// Mounts at `path`, which has to be absolute and free of links, and gives what the kernel lists. Throws `.notPermitted` with
  /// what libfuse says.
  func mount(at path: String) throws(OfficeError) -> MountTable.Entry? {
    guard fuse_session_mount(session, path) == 0 else {
      throw OfficeError(
        .notPermitted, "can't mount at \(path)", item: FuseLog.take(),
        remedy: "/dev/fuse must be there, and fusermount3 unless this is root")
    }
    return MountTable.current().top(at: path)
  }

  /// Closes the connection and unmounts. Only where `entry` is still what its path shows: someone may have unmounted it, and
  /// libfuse would take away whatever is there by now. Then `deinit` closes the connection.
  func unmount(_ entry: MountTable.Entry?) {
    guard let entry, entry.isOnTop else { return }
    fuse_session_unmount(session)
    // After an abort libfuse leaves the path to what is now a dead mount.
    if entry.isOnTop { try? MountPoint.clearDead(String(decoding: entry.path, as: UTF8.self)) }
  }

  /// Takes requests and answers them until the session ends.
  func serve() {
    var buffer = fuse_buf()
    buffer.mem = spares.take()
    defer {
      free(buffer.mem)
      cfuse_thread_buffer_free()
    }
    while fuse_session_exited(session) == 0 {
      let count = fuse_session_receive_buf(session, &buffer)
      if count == -EINTR || count == -EAGAIN { continue }
      if count == -ENOMEM {
        // Asked for before the request was taken from the kernel, so it waits there.
        usleep(Channel.patience)
        buffer.mem = spares.take()
        continue
      }
      // 0: unmounted or aborted. Anything else negative: the device is of no more use.
      guard count > 0 else { break }
      cfuse_begin_request(buffer.mem)
      fuse_session_process_buf(session, &buffer)
      buffer.mem = cfuse_take_request_memory() ?? spares.take()
    }
    fuse_session_exit(session)
  }

  /// Lets every `serve` return before its next request; a thread that waits for one has to be woken by a signal.
  func end() { fuse_session_exit(session) }
}

/// libfuse's own messages, kept until somebody asks.
private enum FuseLog {
  private static let lines = Mutex<[String]>([])

  static func install() {
    cfuse_set_log { line in
      guard let line else { return }
      let text = String(cString: line)
      FuseLog.lines.withLock { lines in
        if lines.count >= 20 { lines.removeFirst() }
        lines.append(text)
      }
    }
  }

  static func take() -> String? {
    lines.withLock { lines in
      defer { lines = [] }
      return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }
  }
}
