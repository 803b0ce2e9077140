import ArgumentParser
import Foundation
import Glibc
import LiveStore
import OfficeAdmin
import OfficeModel

/// `officefs import DATA FILE [--as USER] [--policy POLICY] [--leave-out-broken FILE2]`
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Make a .udb file the data of a user.")

  @Argument(help: "The data directory.")
  var data: String

  @Argument(help: "The archive; <id>.udb is imported as <id>.")
  var file: String

  @Option(name: .customLong("as"), help: "The user's id, if the file is not named after it.")
  var user: String?

  @Option(
    help: ArgumentHelp(
      "What to do where the user has data: replace each area the archive holds; merge, the archive's "
        + "where both have an object; skip, the user's own; preview, change nothing.",
      valueName: "replace|merge|skip|preview"))
  var policy = ImportPolicy.replace

  @Option(help: "Import what can be read, and write the other objects to this new file.")
  var leaveOutBroken: String?

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      let id = try UserID(user ?? ImportCommand.stem(of: file))
      guard let leaveOutBroken else { return try take(file, id) }
      let sifted = SiftedFile(
        source: file, refused: leaveOutBroken, limits: try MountedData.limits(of: data))
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
    let folder = policy == .replace ? "users" : "import/\(policy.rawValue)"
    let target = "\(mount)/\(folder)/\(id).udb"
    do throws(OfficeError) {
      try FileCopy(from: archive, to: target).run()
    } catch {
      // The daemon knows why; what it said stands in the log, under the name that was written to.
      guard
        let reason = ImportCommand.lines(of: log).last,
        reason != before.last, reason.contains("\(folder)/\(id).udb")
      else { throw error }
      throw OfficeError(error.code, "\(file) was refused: \(reason)")
    }
    if policy != .replace { unlink(target) }
    let report = "\(mount)/import/reports/\(id).txt"
    let text = try? String(contentsOfFile: report, encoding: .utf8)
    Terminal.say(text.map(summary) ?? "see \(report)")
  }

  private func directly(_ archive: String, _ id: UserID) throws(OfficeError) {
    let input = open(archive, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw FileCopy.failure("can't read \(file)") }
    defer { close(input) }
    let office = try OpenOffice(data)
    defer { office.close() }
    do throws(OfficeError) {
      let staged = try office.transfer.stage(input, as: id, policy: policy)
      _ = try office.transfer.publish(
        staged, as: id, policy: policy, mtime: nil, caller: OpenOffice.caller)
      office.transfer.settle()
      guard let report = try office.store.report(of: id),
        let text = try office.store.reportText(report.number)
      else { return }
      Terminal.say(summary(of: String(decoding: text, as: UTF8.self)))
    } catch {
      office.transfer.refuse(id, policy: policy, caller: OpenOffice.caller, because: error)
      office.errors.append("\(file) \(error.code) import by \(OpenOffice.caller): \(error)")
      throw error
    }
  }

  /// A preview's report whole; of the others what was done, without the names of objects.
  private func summary(of report: String) -> String {
    let end = policy == .preview ? nil : report.range(of: "\nobjects\n")?.lowerBound
    return report[..<(end ?? report.endIndex)].trimmingCharacters(in: .newlines)
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

extension ImportPolicy: ExpressibleByArgument {}
