import Glibc

/// Asks a mount whether it is alive.
enum Probe {
  /// 0 or the errno of statfs(2) on `path`; nil if there is no answer within `milliseconds`.
  ///
  /// Not stat(2): the kernel answers that from what it remembers, even for a dead mount. The thread that asks can't be ended while the mount hangs, so it is left behind.
  static func status(of path: String, milliseconds: Int) -> Int32? {
    let answer = Monitor<Int32?>(nil)
    let thread = WorkerThread.start("probe") {
      var status = statvfs()
      let code = statvfs(path, &status) == 0 ? 0 : errno
      answer.withLock { $0 = code }
      answer.wakeAll()
    }
    guard let thread else { return nil }
    let code = answer.take(before: Deadline(milliseconds: milliseconds)) { $0 }
    if code != nil { thread.join() }
    return code
  }
}

/// Runs another program.
enum Program {
  /// The exit status of `words`, looked up in PATH or where Debian has it; -1 if it did not run or was killed.
  static func run(_ words: [String]) -> Int32 {
    let arguments = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var child = pid_t()
    // systemd gives no PATH.
    let found =
      posix_spawnp(&child, words[0], nil, nil, arguments + [nil], environ) == 0
      || posix_spawn(&child, "/usr/bin/\(words[0])", nil, nil, arguments + [nil], environ) == 0
    guard found else { return -1 }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return -1 }
    }
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
  }
}
