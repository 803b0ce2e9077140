import Foundation

/// A thread of a daemon, looked at from outside.
public struct DaemonThread: Sendable {
  private let file: String
  private let stateOffset: off_t

  /// What proc(5) shows in `stat` behind the name: R, S, D ...; nil once it has ended.
  public var state: UInt8? {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var byte: UInt8 = 0
    return pread(descriptor, &byte, 1, stateOffset) == 1 ? byte : nil
  }

  init?(_ file: String, named name: String) {
    guard let stat = try? String(contentsOfFile: file, encoding: .utf8),
      let found = stat.range(of: "(\(name)) ")
    else { return nil }
    self.file = file
    stateOffset = off_t(stat[..<found.upperBound].utf8.count)
  }
}

extension MountedOffice {
  /// The daemon's thread of that name; nil if there is none.
  public func thread(_ name: String) -> DaemonThread? {
    let folder = "/proc/\(pid)/task"
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return tasks.lazy.compactMap { DaemonThread("\(folder)/\($0)/stat", named: name) }.first
  }
}
