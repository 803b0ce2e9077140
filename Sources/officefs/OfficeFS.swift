import ArgumentParser
import Foundation
import FuseBridge
import Glibc

/// The command line: each command wires the rooms together and does one thing.
struct OfficeFS: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "officefs",
    abstract: "An office server's data as files: copy to export, copy in to import.",
    version: OfficeFS.versionText,
    subcommands: [
      InitCommand.self, DemoCommand.self, MountCommand.self, UnmountCommand.self,
      ExportCommand.self, ImportCommand.self, StatusCommand.self, VerifyCommand.self,
      PurgeCommand.self, BackupCommand.self, RestoreCommand.self, RemindCommand.self,
    ])

  static let versionText = "officefs 0.1.0 (archive format 1)"

  /// mount(8) calls `officefs DATA MOUNTPOINT -o …`: a first word that is neither a command nor an option is a mount.
  static func arguments(_ given: [String]) -> [String] {
    let commands = ["help"] + configuration.subcommands.map { $0._commandName }
    guard given.count > 1, let first = given.first, !first.hasPrefix("-"), !commands.contains(first)
    else { return given }
    return ["mount"] + given
  }
}

@main
enum Program {
  static func main() {
    OfficeFS.main(OfficeFS.arguments(Array(words.dropFirst())))
  }

  /// As the kernel has them (proc(5)). Swift finds them beside the environment, and finds none where a preloaded library
  /// has moved that.
  private static var words: [String] {
    guard let line = FileManager.default.contents(atPath: "/proc/self/cmdline") else {
      return CommandLine.arguments
    }
    return line.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
