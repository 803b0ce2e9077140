import ArgumentParser
import Foundation
import Glibc
import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel

/// `officefs verify DATA|FILE`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of an office or of one archive; change nothing.")

  @Argument(help: "A data directory, mounted or not, or an archive: .udb, .odb, .sar.")
  var path: String

  func run() throws {
    var isDirectory: ObjCBool = false
    try Terminal.run { () throws(OfficeError) in
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw OfficeError(.notFound, "no such file or directory", item: path)
      }
      if !isDirectory.boolValue {
        Terminal.say("OK: \(try VerifyCommand.check(file: path).objects) objects")
      } else if let mount = MountedData.mountPoint(of: path) {
        try checkExports(of: mount)
      } else {
        try checkStore()
      }
    }
  }

  /// A mounted office is read through its mount: every export against its own SHA256SUMS.
  private func checkExports(of mount: String) throws(OfficeError) {
    let folder = "\(mount)/users"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw OfficeError(.inputOutput, "the mount \(mount) does not answer")
    }
    let users = names.filter { $0.hasSuffix(".udb") && !$0.hasPrefix(".") }.sorted()
    var progress = Progress("verifying")
    var faults: [String] = []
    for (index, name) in users.enumerated() {
      do throws(OfficeError) {
        _ = try VerifyCommand.check(file: "\(folder)/\(name)")
      } catch {
        faults.append("users/\(name): \(error)")
      }
      progress.show(Int64(index + 1), of: Int64(users.count))
    }
    progress.end()
    try report(faults, counted: "\(users.count) users, read through \(mount)")
  }

  private func checkStore() throws(OfficeError) {
    let office = try OpenOffice(path)
    defer { office.store.close() }
    var progress = Progress("verifying")
    let faults = try office.store.verify { progress.show($0, of: $1) }
    progress.end()
    let totals = try office.store.totals()
    let (backupFaults, sets) = try checkBackups(of: office)
    try report(
      (faults + backupFaults).map { "\($0)" },
      counted: "\(totals.users) users, \(totals.items) items"
        + (sets > 0 ? ", \(sets) backup sets" : ""))
  }

  private func checkBackups(
    of office: OpenOffice
  ) throws(OfficeError) -> (faults: [Fault], sets: Int) {
    guard let repository = try office.openRepositoryIfAny() else { return ([], 0) }
    defer { repository.close() }
    var progress = Progress("verifying backups")
    let faults = try repository.verify { progress.show($0, of: $1) }
    progress.end()
    return (faults, try repository.sets().count)
  }

  private func report(_ faults: [String], counted: String) throws(OfficeError) {
    for fault in faults { Terminal.say("FAULT: \(Escaped.line(fault))") }
    guard faults.isEmpty else {
      throw OfficeError(
        .inputOutput, "\(faults.count) faults in \(path)",
        remedy: "copy the users named above out of a backup; everything else is readable")
    }
    Terminal.say("OK: \(counted)")
  }

  private static func check(file path: String) throws(OfficeError) -> IntakeReport {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileCopy.failure("can't read \(path)") }
    defer { close(file) }
    return try ArchiveFile(file: file, limits: Limits()).verify()
  }
}
