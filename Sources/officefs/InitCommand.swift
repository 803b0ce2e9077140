import ArgumentParser
import Foundation
import LiveStore
import OfficeAdmin
import OfficeModel

/// `officefs init DATA [--repository DIR]`
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a data directory for an empty office.")

  @Argument(help: "The directory to make; it must be new or empty.")
  var data: String

  @Option(
    help: "Keep the backups in this folder, best on another disk; also for an office that exists.")
  var repository: String?

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      if let repository, LiveStore.exists(at: data) {
        try RepositoryLocation.create(for: MountedData.absolute(data), in: repository)
        Terminal.say("backups of \(data) go to \(repository) from now on")
        return
      }
      try InitCommand.create(data)
      try RepositoryLocation.create(for: MountedData.absolute(data), in: repository)
      Terminal.say("made an empty office in \(data); mount it with: officefs mount \(data) DIR")
    }
  }

  /// Makes the directory with its database and settings.
  static func create(_ path: String) throws(OfficeError) {
    try LiveStore.create(at: path, clock: .system)
    do {
      try OfficeSettings.template.write(
        toFile: "\(path)/\(OfficeSettings.fileName)", atomically: true, encoding: .utf8)
    } catch {
      throw OfficeError(.inputOutput, "can't write \(OfficeSettings.fileName)", cause: error)
    }
  }
}
