import Foundation

/// Kills a program at its calls that write, one run after another, each on a fresh copy of the same folder.
public enum KillLoop {
  private static let calls =
    "pwrite64,write,fdatasync,fsync,ftruncate,fallocate,unlink,rename,mkdir"

  /// Runs `command` on `data`, a copy of `template`, killed at each `step`th call from `first` on, up to the run that ends
  /// by itself; after each, `check` looks at what is left. Needs strace(1).
  ///
  /// - Parameter most: The last call at which it is killed.
  /// - Throws: what `check` throws; `ToolFailure` if none of the runs ends by itself.
  public static func run(
    _ command: [String], on data: String, from template: String, first: Int = 1, step: Int,
    most: Int, check: (_ call: Int, _ isOver: Bool) throws -> Void
  ) throws {
    for call in stride(from: first, through: most, by: step) {
      try Subprocess.run(["cp", "-a", template, data])
      defer { try? FileManager.default.removeItem(atPath: data) }
      let outcome = try Subprocess.attempt(
        [
          "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e",
          "inject=\(calls):signal=KILL:when=\(call)",
        ] + command)
      let isOver = outcome.status == 0
      try check(call, isOver)
      if isOver { return }
    }
    throw ToolFailure("\(command) was never done within \(most) calls")
  }

  /// Every so many calls; each one where OFFICEFS_SEEDS asks for a long run.
  public static func step(_ many: Int) -> Int {
    ProcessInfo.processInfo.environment["OFFICEFS_SEEDS"] == nil ? many : 1
  }
}
