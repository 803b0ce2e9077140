import ArgumentParser
import FuseBridge
import Glibc
import OfficeModel

/// `officefs unmount MOUNTPOINT`
struct UnmountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmount", abstract: "Unmount an office; its daemon ends.")

  @Argument(help: "Where it is mounted.")
  var mountPoint: String

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      let data = MountPoint.source(of: mountPoint)
      if let data { MountedData.releaseKilled(data) }
      try MountPoint.unmount(mountPoint)
      if let data { UnmountCommand.waitForEnd(of: data) }
    }
  }

  /// Until the daemon has let go of its data directory, so that whoever comes next finds it free; 10 seconds at most.
  private static func waitForEnd(of data: String) {
    let lock = open("\(data)/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard lock >= 0 else { return }
    defer { close(lock) }
    for _ in 0..<1_000 {
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { return }
      usleep(10_000)
    }
  }
}
