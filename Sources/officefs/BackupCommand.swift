import ArgumentParser
import Foundation
import Glibc
import LiveStore
import OfficeAdmin
import OfficeModel

/// `officefs backup DATA [--area AREA]… [--full]`
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Back the office up, or some areas of it; a day's first full backup turns the slots.")

  @Argument(help: "The data directory, mounted or not.")
  var data: String

  @Option(name: .customLong("area"), help: "Only this area; may be given several times.")
  var areas: [String] = []

  @Flag(help: "Compare everything afterwards, byte by byte; DATA must not be mounted.")
  var full = false

  func validate() throws {
    try AreaNames.check(areas)
    guard !full || areas.isEmpty else {
      throw ValidationError("--full is of everything: leave out --area")
    }
  }

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      if let mount = MountedData.mountPoint(of: data) {
        try ask(mount)
      } else {
        try backUp()
      }
    }
  }

  /// The daemon has the data; setting the times of a file of its mount is how it is asked.
  private func ask(_ mount: String) throws(OfficeError) {
    guard !full else {
      throw OfficeError(
        .busy, "the office is mounted on \(mount)", remedy: "unmount it for --full")
    }
    for name in areas.isEmpty ? ["all"] : areas {
      let path = "\(mount)/backup/update/\(name)"
      guard utimensat(AT_FDCWD, path, nil, 0) == 0 else { throw FileCopy.failure(path) }
      Terminal.say("backed up \(areas.isEmpty ? "everything" : name)")
    }
  }

  private func backUp() throws(OfficeError) {
    let office = try OpenOffice(data)
    defer { office.store.close() }
    let repository = try office.openRepository()
    defer { repository.close() }
    let runner = BackupRunner(
      store: office.store, repository: repository,
      calendar: try office.registry.settings.office.calendar(), clock: .system,
      audit: office.audit, notes: office.notes)
    var progress = Progress("comparing")
    let chosen = areas.isEmpty ? Set(Area.allCases) : Set(areas.compactMap { Area(name: $0) })
    let result =
      full
      ? try runner.backUpComparing(process: "manual", caller: OpenOffice.caller) {
        progress.show($0, of: $1)
      } : try runner.backUp(chosen, process: "manual", caller: OpenOffice.caller)
    progress.end()
    let set = result.set
    Terminal.say(
      "backed up as \(set.name): \(set.users) users, \(set.changed) changed items, \(set.added) new bytes"
    )
    for defect in result.defects { Terminal.say("DEFECT: \(Escaped.line("\(defect)"))") }
    guard result.defects.isEmpty else {
      throw OfficeError(
        .inputOutput, "\(result.defects.count) defects in the backup were found and put right",
        remedy: "run officefs verify; look at the repository's disk")
    }
  }
}
