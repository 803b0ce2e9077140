import ArgumentParser
import Foundation
import Glibc
import OfficeAdmin
import OfficeModel
import OfficeTree

/// `officefs restore DATA [ARCHIVE] [--area AREA]… [--user USER]… [--groups] [--settings] [--remove-others] [--dry-run]
/// [--json] [--yes]`
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put an archive's data back: choose, see what will happen, confirm.",
    discussion: """
      Without ARCHIVE it asks, on a terminal, which one and what of it. Users who are not in the archive, other areas, \
      groups and settings stay as they are unless they are named. What was there before is in undo/, and in an archive of \
      its own.
      """)

  @Argument(help: "The data directory, mounted or not.")
  var data: String

  @Argument(help: "The archive's name in archives/, or latest.")
  var archive: String?

  @Option(name: .customLong("area"), help: "Only this area; may be given several times.")
  var areas: [String] = []

  @Option(name: .customLong("user"), help: "Only this user; may be given several times.")
  var users: [String] = []

  @Flag(help: "The groups too; without --area and --user, nothing but them.")
  var groups = false

  @Flag(help: "The settings too; without --area and --user, nothing but them.")
  var settings = false

  @Flag(help: "Delete users who are not in the archive; needs all areas.")
  var removeOthers = false

  @Flag(help: "Show the plan, and change nothing.")
  var dryRun = false

  @Flag(help: "Write the plan, and what was done, as one JSON object.")
  var json = false

  @Flag(help: "Do not ask.")
  var yes = false

  func validate() throws {
    try AreaNames.check(areas)
    guard archive != nil || RestoreDialogue.canAsk else {
      throw ValidationError("say which archive: a name in archives/, or latest")
    }
  }

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      if let mount = MountedData.mountPoint(of: data) {
        try restore(MountedRestore(mount))
      } else {
        let office = try DirectRestore(data)
        defer { office.close() }
        try restore(office)
      }
    }
  }

  private func restore(_ office: some RestoreDoor) throws(OfficeError) {
    var wanted = RestoreWish(
      areas: Set(areas), users: Set(users), groups: groups, settings: settings,
      removesOthers: removeOthers)
    // Whoever names groups or settings alone wants nothing else.
    wanted.takesUsers = !areas.isEmpty || !users.isEmpty || removeOthers || !(groups || settings)
    let dialogue = RestoreDialogue()
    let name: String
    if let archive { name = archive } else { name = try dialogue.archive(of: office.archives()) }
    let staged = try office.stage(name)
    defer { office.cancel() }
    if archive == nil {
      try dialogue.complete(&wanted, areas: staged.areas, users: staged.users)
    }
    try wanted.check(areas: staged.areas, users: staged.users)
    let plan = try office.plan(wanted)
    if !json { Terminal.write(plan.overview) }
    if dryRun || plan.code == nil {
      if json { try show(plan, nil) }
      guard plan.code != nil else {
        let reasons = plan.refusals.joined(separator: "; ")
        throw OfficeError(.invalid, "it can't be carried out: \(reasons)")
      }
      return
    }
    guard yes || Terminal.confirms("This restores \(plan.archive).") else {
      throw OfficeError(.invalid, "nothing was restored")
    }
    var progress = Progress("restoring")
    let report: RestoreReport
    do throws(OfficeError) {
      report = try office.run { progress.show($0, of: $1) }
      progress.end()
    } catch {
      progress.end()
      throw error
    }
    if json { try show(plan, report) } else { Terminal.write(report.text) }
    if let reason = report.reason { throw OfficeError(.invalid, reason) }
  }

  /// What `--json` writes.
  private struct Output: Encodable {
    var plan: RestoreSummary
    var result: RestoreReport?
  }

  private func show(_ plan: RestoreSummary, _ report: RestoreReport?) throws(OfficeError) {
    Terminal.write(
      String(decoding: RestoreJSON.text(Output(plan: plan, result: report)), as: UTF8.self))
  }
}
