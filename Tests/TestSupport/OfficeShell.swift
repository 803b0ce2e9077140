import Foundation

/// How scripts are run: they end at the first command that fails.
enum OfficeShell {
  static func bash(_ script: String) -> [String] {
    ["bash", "-euo", "pipefail", "-c", "not() { ! \"$@\"; }\n" + script]
  }
}

/// What tests do on a mounted office with shell and Python.
extension MountedOffice {
  /// Runs a bash script in `work` and gives back how it ended. `$M` is the mount, `$U` its users folder, `$DATA` the
  /// data directory, `$PACKAGE` the package's root, `officefs` the built program; `not COMMAND` succeeds where the
  /// command fails (`! COMMAND` would not end the script).
  ///
  /// - Throws: `ToolFailure` if bash can't be started.
  public func attempt(
    _ script: String, _ variables: [String: String] = [:], timeout: Double = 60
  ) throws -> Outcome {
    try Subprocess.attempt(
      OfficeShell.bash(script), in: work,
      environment: self.variables.merging(variables) { _, given in given }, timeout: timeout)
  }

  /// Runs a bash script that has to succeed.
  ///
  /// - Throws: `ToolFailure` with what it said if it doesn't.
  @discardableResult
  public func sh(
    _ script: String, _ variables: [String: String] = [:], timeout: Double = 60
  ) throws -> Outcome {
    let outcome = try attempt(script, variables, timeout: timeout)
    guard outcome.status == 0 else { throw ToolFailure([script], outcome) }
    return outcome
  }

  /// Starts a bash script beside the test.
  ///
  /// - Throws: `ToolFailure` if bash can't be started.
  public func begin(_ script: String, _ variables: [String: String] = [:]) throws -> Child {
    try Child(
      OfficeShell.bash(script), in: work,
      environment: self.variables.merging(variables) { _, given in given })
  }

  /// Runs a Python program that has to succeed; the environment is that of `sh`.
  ///
  /// - Throws: `ToolFailure` with its traceback if it doesn't.
  @discardableResult
  public func python(
    _ program: String, _ arguments: [String] = [], timeout: Double = 60
  ) throws -> Outcome {
    try Subprocess.run(
      ["python3", "-c", program] + arguments, in: work, environment: variables,
      timeout: timeout)
  }

  /// The name of the errno with which a Python expression fails, or "OK". `p` is the path given.
  ///
  /// - Throws: `ToolFailure` if it fails in another way.
  public func errno(of expression: String, at path: String) throws -> String {
    try python(
      """
      import errno, os, sys
      p = os.fsencode(sys.argv[1]).decode('unicode_escape').encode('latin-1')
      try:
          \(expression)
          print('OK')
      except OSError as e:
          print(errno.errorcode[e.errno])
      """, [path]
    ).trimmed
  }

  /// The ids of all users, in the order of `ls`.
  ///
  /// - Throws: `ToolFailure` if they can't be listed.
  public func ids() throws -> [String] {
    try sh("ls \"$U\"").lines.filter { $0.hasSuffix(".udb") }.map { String($0.dropLast(4)) }
  }

  /// What stands in `status/errors.log`.
  ///
  /// - Throws: `ToolFailure` if it can't be read.
  public func errorLog() throws -> [String] { try sh("cat \"$M/status/errors.log\"").lines }

  private var variables: [String: String] {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return [
      "M": mountPoint, "U": users, "DATA": data, "PACKAGE": Officefs.package,
      "PID": "\(pid)", "PATH": "\(scratch.path)/bin:\(path):/usr/sbin:/sbin",
    ]
  }
}
