import ArgumentParser
import BackupRepository
import Foundation
import LiveStore
import OfficeArchive
import OfficeModel

/// `officefs purge DATA --undo BEFORE | --user ID`
struct PurgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge", abstract: "Erase for good: what undo keeps, or all there is of a user.")

  @Argument(help: "The data directory; it must not be mounted.")
  var data: String

  @Option(help: "Erase what undo holds from before this day (YYYY-MM-DD, UTC).")
  var undo: String?

  @Option(help: "Erase this user: here, in undo, groups and backups.")
  var user: String?

  @Flag(help: "Do not ask.")
  var yes = false

  func validate() throws {
    guard (undo == nil) != (user == nil) else {
      throw ValidationError("give either --undo or --user")
    }
    if let undo, PurgeCommand.seconds(ofDay: undo) == nil {
      throw ValidationError("'\(undo)' is not a day like 2026-03-05")
    }
  }

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      if let mount = MountedData.mountPoint(of: data) {
        throw OfficeError(
          .busy, "the office is mounted on \(mount)",
          remedy: "unmount it, so that nobody reads what is being erased")
      }
      let office = try OpenOffice(data)
      defer { office.store.close() }
      let repository = user == nil ? nil : try office.openRepositoryIfAny()
      defer { repository?.close() }
      let what =
        user.map { "all data of \($0), in groups and backups too," }
        ?? "everything undo holds from before \(undo ?? "")"
      guard yes || Terminal.confirms("This erases \(what) for good.") else {
        throw OfficeError(.invalid, "nothing was erased")
      }
      let result: PurgeResult
      if let user {
        result = try PurgeCommand.purge(try UserID(user), in: office.store, repository)
      } else {
        result = try office.store.purge(undoBefore: PurgeCommand.seconds(ofDay: undo ?? "") ?? 0)
      }
      office.audit.append("\(OpenOffice.caller) purged \(what)")
      Terminal.say("erased \(what): \(result.versions) versions, \(result.undoFiles) files of undo")
    }
  }

  /// Who is in backups only is erased there.
  private static func purge(
    _ user: UserID, in store: LiveStore, _ repository: Repository?
  ) throws(OfficeError) -> PurgeResult {
    let isMembership = { OfficeRecord.isMember(user, item: $0) }
    let backups = try repository?.purge(user: user, isMembership: isMembership) ?? 0
    do throws(OfficeError) {
      var result = try store.purge(user: user, isMembership: isMembership)
      result.versions += backups
      return result
    } catch {
      guard error.code == .notFound, backups > 0 else { throw error }
      return PurgeResult(versions: backups)
    }
  }

  /// Seconds since 1970 of a day's beginning, UTC.
  private static func seconds(ofDay text: String) -> Int64? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).compactMap {
      Int64($0)
    }
    guard parts.count == 3, text.utf8.count == 10, (1...12).contains(parts[1]) else { return nil }
    var low: Int64 = -800_000
    var high: Int64 = 3_000_000
    while low < high {
      let middle = (low + high) / 2
      let date = Stamp.civil(days: middle)
      let isBefore =
        (date.year, date.month, date.day) < (parts[0], parts[1], parts[2])
      if isBefore { low = middle + 1 } else { high = middle }
    }
    let date = Stamp.civil(days: low)
    guard (date.year, date.month, date.day) == (parts[0], parts[1], parts[2]) else { return nil }
    return low * 86_400
  }
}
