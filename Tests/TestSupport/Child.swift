import Foundation

/// A process that runs beside the test, in a process group of its own, its output kept in files.
public final class Child {
  /// Also the number of its process group.
  public let pid: pid_t
  private let command: [String]
  private let outputFile: String
  private let errorFile: String
  private var ended: Int32?

  /// Starts it; standard input is empty.
  ///
  /// - Throws: `ToolFailure` if it can't be started.
  public init(
    _ command: [String], in directory: String? = nil, environment: [String: String] = [:]
  ) throws {
    self.command = command
    let stem = NSTemporaryDirectory() + "/officefs-child-\(UUID().uuidString)"
    outputFile = stem + ".out"
    errorFile = stem + ".err"
    let there = directory.map { ["env", "-C", $0] } ?? []
    pid = try Child.spawn(
      there + command, environment: environment, output: outputFile, errors: errorFile)
  }

  deinit {
    if isRunning { kill(SIGKILL) }
    unlink(outputFile)
    unlink(errorFile)
  }

  /// Whether it has not ended yet.
  public var isRunning: Bool {
    if ended != nil { return false }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return true }
    ended = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    return false
  }

  /// Sends a signal to it alone.
  public func signal(_ number: Int32) { _ = Glibc.kill(pid, number) }

  /// Sends a signal to it and to all it started.
  public func kill(_ number: Int32) { _ = Glibc.kill(-pid, number) }

  /// Waits for its end; kills it when the time (in seconds) is up.
  public func wait(timeout: Double) -> Outcome {
    let isTimedOut = !Waiting.until(timeout) { !self.isRunning }
    if isTimedOut {
      kill(SIGKILL)
      _ = Waiting.until(5) { !self.isRunning }
    }
    return Outcome(
      status: ended ?? 137, output: Child.content(of: outputFile), errors: errors,
      isTimedOut: isTimedOut)
  }

  /// What it has written to standard error so far.
  public var errors: String { String(decoding: Child.content(of: errorFile), as: UTF8.self) }

  private static func content(of file: String) -> [UInt8] {
    (FileManager.default.contents(atPath: file)).map { [UInt8]($0) } ?? []
  }

  private static func spawn(
    _ command: [String], environment: [String: String], output: String, errors: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let writing = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, writing, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, writing, 0o600)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var every = sigset_t()
    sigfillset(&every)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &every)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var variables = ProcessInfo.processInfo.environment
    variables["LC_ALL"] = "C.UTF-8"
    variables["PATH", default: "/usr/bin:/bin"] += ":/usr/sbin:/sbin"
    variables.merge(environment) { _, ours in ours }
    var arguments = command.map { strdup($0) } + [nil]
    var environs = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in arguments + environs { free(text) } }

    var pid: pid_t = 0
    let code = posix_spawnp(&pid, command[0], &actions, &attributes, &arguments, &environs)
    guard code == 0 else {
      throw ToolFailure("\(command[0]): \(String(cString: strerror(code)))")
    }
    return pid
  }
}
