import ArgumentParser
import FuseBridge
import OfficeModel

/// `officefs unmount MOUNTPOINT`
struct UnmountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmount", abstract: "Unmount an office; its daemon ends.")

  @Argument(help: "Where it is mounted.")
  var mountPoint: String

  func run() throws {
    try Terminal.run { () throws(OfficeError) in try MountPoint.unmount(mountPoint) }
  }
}
