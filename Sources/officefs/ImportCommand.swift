import ArgumentParser
import Foundation
import Glibc
import LiveStore
import OfficeModel

/// `officefs import DATA FILE [--as USER] [--leave-out-broken FILE2]`
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Make a .udb file the data of a user.")

  @Argument(help: "The data directory.")
  var data: String

  @Argument(help: "The archive; <id>.udb is imported as <id>.")
  var file: String

  @Option(name: .customLong("as"), help: "The user's id, if the file is not named after it.")
  var user: String?

  @Option(help: "Import what can be read, and write the other objects to this new file.")
  var leaveOutBroken: String?

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      let id = try UserID(user ?? ImportCommand.stem(of: file))
      guard let leaveOutBroken else { return try take(file, id) }
      let sifted = SiftedFile(
        source: file, refused: leaveOutBroken, limits: try MountedData.settings(of: data).limits)
      try sifted.use(as: id) { (sound) throws(OfficeError) in try take(sound, id) }
    }
  }

  /// Imports an archive: `file`, or what was sifted of it.
  private func take(_ archive: String, _ id: UserID) throws(OfficeError) {
    if let mount = MountedData.mountPoint(of: data) {
      try through(mount, archive, id)
    } else {
      try directly(archive, id)
    }
  }

  private func through(_ mount: String, _ archive: String, _ id: UserID) throws(OfficeError) {
    guard access(file, R_OK) == 0 else { throw FileCopy.failure("can't read \(file)") }
    let log = "\(mount)/status/errors.log"
    let before = ImportCommand.lines(of: log)
    do throws(OfficeError) {
      try FileCopy(from: archive, to: "\(mount)/users/\(id).udb").run()
    } catch {
      // The daemon knows why; what it said stands in the log, under the name that was written to.
      guard
        let reason = ImportCommand.lines(of: log).last,
        reason != before.last, reason.contains("users/\(id).udb")
      else { throw error }
      throw OfficeError(error.code, "\(file) was refused: \(reason)")
    }
    Terminal.say("imported \(id)")
  }

  private func directly(_ archive: String, _ id: UserID) throws(OfficeError) {
    let input = open(archive, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw FileCopy.failure("can't read \(file)") }
    defer { close(input) }
    let office = try OpenOffice(data)
    defer { office.store.close() }
    do throws(OfficeError) {
      let staged = try office.transfer.stage(input, as: id)
      let publication = try office.transfer.publish(
        staged, as: id, mtime: nil, caller: OpenOffice.caller)
      let what =
        publication.isNew ? "added" : publication.isUnchanged ? "unchanged:" : "imported"
      Terminal.say("\(what) \(id): \(staged.report.objects) objects")
      for note in staged.report.notes { Terminal.say("  \(note)") }
    } catch {
      office.errors.append("\(file) \(error.code) import by \(OpenOffice.caller): \(error)")
      throw error
    }
  }

  private static func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".udb") ? String(name.dropLast(4)) : name
  }

  private static func lines(of path: String) -> [Substring] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n")
  }
}
