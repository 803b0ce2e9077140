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

  @Option(help: "A file of settings to begin with, instead of one in which all are comments.")
  var settings: String?

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      if let repository, LiveStore.exists(at: data) {
        try RepositoryLocation.create(for: MountedData.absolute(data), in: repository)
        Terminal.say("backups of \(data) go to \(repository) from now on")
        return
      }
      try InitCommand.create(data, settings: settings)
      try RepositoryLocation.create(for: MountedData.absolute(data), in: repository)
      Terminal.say("made an empty office in \(data); mount it with: officefs mount \(data) DIR")
    }
  }

  /// Makes the directory with its database and settings. Throws `.invalid` with the line for wrong ones, and makes nothing.
  static func create(_ path: String, settings file: String?) throws(OfficeError) {
    var settings = Array(OfficeSettings.template.utf8)
    if let file {
      guard let bytes = FileManager.default.contents(atPath: file) else {
        throw OfficeError(.notFound, "can't read \(file)")
      }
      settings = Array(bytes)
      try OfficeRegistry.check(.office, settings)
    }
    try LiveStore.create(at: path, clock: .system)
    let office = try OpenOffice(path)
    defer { office.store.close() }
    try office.registry.set(
      .office, settings, "made the office", caller: OpenOffice.caller, group: 0)
  }
}
