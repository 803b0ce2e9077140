import ArgumentParser
import BackupRepository
import Foundation
import LiveStore
import OfficeAdmin
import OfficeModel

/// `officefs status DATA [--json]`
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how the office is: OK, WARN or FAIL, and the figures.")

  @Argument(help: "The data directory.")
  var data: String

  @Flag(help: "As one JSON object.")
  var json = false

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      let text: String
      let mount = MountedData.mountPoint(of: data)
      if let mount {
        guard
          let health = try? String(contentsOfFile: "\(mount)/status/health.txt", encoding: .utf8)
        else { throw OfficeError(.inputOutput, "the mount \(mount) does not answer") }
        text = health
      } else {
        text = try StatusCommand.text(of: try OpenOffice(data))
      }
      if json {
        Terminal.say(try StatusCommand.object(text, mount: mount))
      } else {
        FileHandle.standardOutput.write(Data(text.utf8))
        Terminal.say(mount.map { "mounted on \($0)" } ?? "not mounted")
      }
    }
  }

  private static func text(of office: OpenOffice) throws(OfficeError) -> String {
    defer { office.store.close() }
    var repository: Repository?
    var failure: OfficeError?
    do throws(OfficeError) {
      repository = try office.openRepositoryIfAny()
    } catch {
      failure = error
    }
    defer { repository?.close() }
    let backups = BackupHealth(repository: repository, failure: failure, notes: office.notes)
    return try Health(of: office.store, backups: backups).text
  }

  private static func object(_ text: String, mount: String?) throws(OfficeError) -> String {
    var fields: [String: Any] = ["mounted": mount ?? NSNull()]
    var findings: [String] = []
    for (index, line) in text.split(separator: "\n").enumerated() {
      let parts = line.split(separator: " ")
      if index == 0 {
        fields["state"] = String(line)
      } else if parts.count == 2 {
        fields[String(parts[0])] = Int(parts[1]) ?? String(parts[1])
      } else {
        findings.append(String(line))
      }
    }
    fields["findings"] = findings
    do {
      let data = try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys])
      return String(decoding: data, as: UTF8.self)
    } catch {
      throw OfficeError(.inputOutput, "can't write JSON", cause: error)
    }
  }
}
