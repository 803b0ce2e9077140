import Foundation

/// An office on a real mount: the built `officefs` serves it in the foreground, and it is unmounted whatever happens.
public final class MountedOffice {
  /// What the office holds at first.
  public enum Content: Sendable {
    case empty
    /// The sample office of seed 1 with that many users.
    case demo(users: Int)
  }

  /// Holds the data directory, the mount point and `work`, where tools run.
  public let scratch: ScratchDirectory
  /// The data directory.
  public let data: String
  /// Where it is mounted.
  public let mountPoint: String
  /// `-o` options of every start.
  public let options: [String]
  /// What the daemon finds in its environment from the next start on.
  public var environment: [String: String] = [:]
  private var daemon: Child?

  /// Makes the office and mounts it. `data` lies elsewhere where one is given. Nothing is
  /// backed up by itself.
  ///
  /// - Throws: `ToolFailure` if it can't be made or does not answer in time.
  public init(
    _ content: Content, data: String? = nil, options: [String] = []
  ) throws {
    scratch = try ScratchDirectory()
    self.data = data ?? scratch.path + "/data"
    self.options = options
    mountPoint = scratch.path + "/office"
    for directory in [mountPoint, scratch.path + "/work", scratch.path + "/bin"] {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
    }
    // Scripts call it by its name, whatever the file of OFFICEFS_BINARY is called.
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path + "/bin/officefs", withDestinationPath: Officefs.path)
    // A test makes its backups itself.
    let settings = scratch.path + "/settings.toml"
    try "[undo]\n# days = 30\n\n[backup]\nmode = \"remind\"\n"
      .write(toFile: settings, atomically: true, encoding: .utf8)
    switch content {
    case .empty: try command("init", self.data, "--settings", settings)
    case .demo(let users):
      try command(
        "demo", self.data, "--users", "\(users)", "--seed", "1", "--settings", settings,
        timeout: 300)
    }
    try start()
  }

  deinit { clean() }

  /// Runs the test on such an office, then unmounts it.
  ///
  /// - Throws: what the test throws; `ToolFailure` if the daemon died meanwhile or does not end as it should.
  public static func with(
    _ content: Content, options: [String] = [], _ test: (MountedOffice) throws -> Void
  ) throws {
    let office = try MountedOffice(content, options: options)
    defer { office.clean() }
    try test(office)
    try office.stop()
  }

  /// Where the users' files are.
  public var users: String { mountPoint + "/users" }
  /// Where tools run.
  public var work: String { scratch.path + "/work" }
  /// The daemon's process.
  public var pid: pid_t { daemon?.pid ?? 0 }
  /// What the daemon has written to standard error.
  public var complaints: String { daemon?.errors ?? "" }
  /// Whether the daemon is still there.
  public var isRunning: Bool { daemon?.isRunning ?? false }

  /// Mounts it and waits until it answers.
  ///
  /// - Throws: `ToolFailure` if it does not within 30 seconds.
  public func start() throws {
    let flags = options.isEmpty ? [] : ["-o", options.joined(separator: ",")]
    let child = try Child(
      [Officefs.path, "mount", data, mountPoint, "-f"] + flags, environment: environment)
    daemon = child
    let isMounted = Waiting.until(30) {
      !child.isRunning || MountTable.points().contains(mountPoint)
    }
    guard isMounted, child.isRunning else {
      throw ToolFailure("officefs mount did not mount: \(child.errors)")
    }
    // A dead mount stands in the table as well until the new daemon has cleared it.
    let answers = try Waiting.until(20) {
      try Subprocess.attempt(["stat", mountPoint + "/README.txt"], timeout: 20).status == 0
    }
    guard answers else { throw ToolFailure("the mount does not answer: \(child.errors)") }
  }

  /// Unmounts it and waits for the daemon's end.
  ///
  /// - Throws: `ToolFailure` if the daemon is dead already, or does not end by itself with exit code 0.
  public func stop() throws {
    guard let daemon else { return }
    guard daemon.isRunning else {
      throw ToolFailure("the daemon died: \(daemon.wait(timeout: 0).status) \(daemon.errors)")
    }
    // What a test killed may need a moment to close its files.
    let unmount = [Officefs.path, "unmount", mountPoint]
    let isUnmounted = try Waiting.until(10) {
      try Subprocess.attempt(unmount, timeout: 30).status == 0
    }
    guard isUnmounted else { throw ToolFailure("officefs unmount does not: \(daemon.errors)") }
    let outcome = daemon.wait(timeout: 30)
    guard outcome.status == 0 else {
      throw ToolFailure("the daemon ended with \(outcome.status): \(outcome.errors)")
    }
    self.daemon = nil
  }

  /// Sends the daemon a signal and waits for its end.
  ///
  /// - Returns: its exit code, or 128 + the signal.
  public func end(with signal: Int32) -> Int32 {
    daemon?.signal(signal)
    defer { daemon = nil }
    return daemon?.wait(timeout: 30).status ?? -1
  }

  /// Runs an `officefs` command that has to succeed.
  ///
  /// - Throws: `ToolFailure` with what it said if it doesn't.
  @discardableResult
  public func command(_ arguments: String..., timeout: Double = 60) throws -> Outcome {
    try Subprocess.run([Officefs.path] + arguments, in: scratch.path, timeout: timeout)
  }

  private func clean() {
    if MountTable.points().contains(mountPoint) {
      _ = try? Subprocess.attempt(["umount", "-l", mountPoint], timeout: 10)
    }
    guard let daemon, daemon.isRunning else { return }
    daemon.kill(SIGTERM)
    if daemon.wait(timeout: 5).isTimedOut { daemon.kill(SIGKILL) }
  }
}
