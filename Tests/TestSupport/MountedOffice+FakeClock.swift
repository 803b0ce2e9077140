import Foundation

extension MountedOffice {
  /// Whether daemons can be given another clock here: it has to be compiled.
  public static var hasFakeClock: Bool { Subprocess.has("cc") }

  /// Starts the daemon anew with a clock that is `$CLOCK` ahead: a file in `work` that holds `+0d`, `+90m` and the like,
  /// and that may be written at any time.
  ///
  /// - Throws: `ToolFailure` if it can't be stopped or started.
  public func startWithFakeClock() throws {
    try stop()
    try sh(
      "echo +0d >clock; cc -O2 -shared -fPIC -o clock.so \"$PACKAGE/Tests/Clock/clock.c\"",
      timeout: 60)
    let preloaded = [ProcessInfo.processInfo.environment["LD_PRELOAD"], work + "/clock.so"]
    environment = [
      "LD_PRELOAD": preloaded.compactMap { $0 }.joined(separator: " "),
      "OFFICEFS_CLOCK": work + "/clock",
    ]
    try start()
  }
}
