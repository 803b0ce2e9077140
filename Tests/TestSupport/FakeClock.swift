import Foundation

/// libfaketime, which lets a daemon live in another time. The one for threads: the other gives them each other's times.
public enum FakeClock {
  /// The library; nil where it is not installed.
  public static let library: String? = {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
    return folders.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
      .first { access($0, R_OK) == 0 }
  }()

  /// What to preload: it, and what this process was given.
  static let preloaded = [ProcessInfo.processInfo.environment["LD_PRELOAD"], library]
    .compactMap { $0 }.joined(separator: " ")
}

extension MountedOffice {
  /// Starts the daemon anew with a clock that is `$CLOCK` ahead: a file in `work` that holds `+0d`, `+90m` and the like,
  /// and that may be written at any time.
  ///
  /// - Throws: `ToolFailure` if it can't be stopped or started.
  public func startWithFakeClock() throws {
    try stop()
    try sh("echo +0d >clock")
    environment = [
      "LD_PRELOAD": FakeClock.preloaded, "FAKETIME_TIMESTAMP_FILE": work + "/clock",
      "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    ]
    try start()
  }
}
