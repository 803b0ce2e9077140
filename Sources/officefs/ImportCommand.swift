import ArgumentParser
import Foundation
import Glibc
import LiveStore
import OfficeModel

/// `officefs import DATA FILE [--as USER]`
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Make a .udb file the data of a user.")

  @Argument(help: "The data directory.")
  var data: String

  @Argument(help: "The archive; <id>.udb is imported as <id>.")
  var file: String

  @Option(name: .customLong("as"), help: "The user's id, if the file is not named after it.")
  var user: String?

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      let id = try UserID(user ?? ImportCommand.stem(of: file))
      if let mount = MountedData.mountPoint(of: data) {
        try through(mount, id)
      } else {
        try directly(id)
      }
    }
  }

  private func through(_ mount: String, _ id: UserID) throws(OfficeError) {
    // A temporary name and a rename: the old data stays in place if the copy fails half-way.
    let scratch = "\(mount)/users/.\(id).udb.\(String(getpid(), radix: 36))"
    let target = "\(mount)/users/\(id).udb"
    do throws(OfficeError) {
      try FileCopy(from: file, to: scratch).run()
      guard rename(scratch, target) == 0 else {
        throw FileCopy.failure("\(file) was refused")
      }
    } catch {
      var refusal = error
      unlink(scratch)
      refusal.remedy = ImportCommand.lastLine(of: "\(mount)/status/errors.log")
      throw refusal
    }
    Terminal.say("imported \(id)")
  }

  private func directly(_ id: UserID) throws(OfficeError) {
    let input = open(file, O_RDONLY | O_CLOEXEC)
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

  private static func lastLine(of path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return text.split(separator: "\n").last.map(String.init)
  }
}
