import ArgumentParser
import Glibc
import OfficeAdmin
import OfficeModel

/// `officefs remind DATA --as ID`
struct RemindCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remind",
    abstract: "Say whether to ask a member of the backup group for a backup: exit code 0 if so.",
    discussion: """
      For login scripts: exit code 0 if ID is to be asked now, 1 if not (or, with a line on stderr, if that can't be \
      told). Then touch reminders/ID in the mount backs up, rm reminders/ID skips it for today.
      """)

  @Argument(help: "The data directory.")
  var data: String

  @Option(name: .customLong("as"), help: "Who is in the office: an id of settings/backup-group.")
  var user: String

  func run() throws {
    var isDue = false
    try Terminal.run { () throws(OfficeError) in
      let id = try UserID(user)
      if let mount = MountedData.mountPoint(of: data) {
        isDue = try RemindCommand.isThere("\(mount)/reminders/\(id)")
      } else {
        isDue = try isAsked(id)
      }
    }
    if !isDue { throw ExitCode(1) }
    Terminal.say("\(user): a backup is due")
  }

  private static func isThere(_ path: String) throws(OfficeError) -> Bool {
    guard access(path, F_OK) != 0 else { return true }
    if errno == ENOENT { return false }
    throw FileCopy.failure("can't look at \(path)")
  }

  private func isAsked(_ id: UserID) throws(OfficeError) -> Bool {
    let office = try OpenOffice(data)
    defer { office.close() }
    let (backups, _) = try office.openBackups()
    defer { backups?.close() }
    guard let backups, office.registry.current.record.members(of: .backup)?[id] != nil else {
      return false
    }
    return try !backups.asked(of: [id]).isEmpty
  }
}
