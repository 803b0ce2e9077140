import BackupRepository
import OfficeAdmin
import OfficeModel
import OfficeTree

/// Restores of an office that is not mounted.
final class DirectRestore: RestoreDoor {
  private let office: OpenOffice
  private let backups: OfficeBackups
  private let restores: OfficeRestores
  private var set: BackupSet?
  private var plan: RestorePlan?

  init(_ data: String) throws(OfficeError) {
    office = try OpenOffice(data)
    guard let backups = try office.openBackups().backups else {
      throw OfficeError(
        .inputOutput, "the backup repository can't be opened", remedy: "run officefs status")
    }
    self.backups = backups
    restores = office.restores(backups)
  }

  func close() {
    backups.close()
    office.close()
  }

  func archives() throws(OfficeError) -> [ArchiveChoice] {
    let list = try backups.repository.list()
    return list.archives.map {
      ArchiveChoice(
        name: $0.set.archiveName, size: $0.bytes,
        isPreselected: $0.set.number == list.latestArchive?.set.number)
    }
  }

  func stage(_ archive: String) throws(OfficeError) -> (areas: [String], users: [String]) {
    let set = try backups.repository.list().restorable(archive)
    self.set = set
    let users = try backups.repository.view(of: set).users()
    return (try restores.areas(of: set).map(\.name), users.map(\.id.text))
  }

  func plan(_ wish: RestoreWish) throws(OfficeError) -> RestoreSummary {
    guard let set else { throw OfficeError(.stale, "no archive was chosen") }
    let users = try backups.repository.view(of: set).users().map(\.id)
    let choice = RestoreChoice(
      areas: Set(try restores.areas(of: set).filter { wish.isWanted(area: $0.name) }),
      users: Set(users.filter { wish.isWanted(user: $0.text) }), groups: wish.groups,
      settings: wish.settings, removesOthers: wish.removesOthers)
    let plan = try restores.plan(set, choice)
    self.plan = plan
    return RestoreSummary(plan)
  }

  func run(_ progress: (Int64, Int64) -> Void) throws(OfficeError) -> RestoreReport {
    guard let plan else { throw OfficeError(.stale, "nothing was planned") }
    do throws(OfficeError) {
      let result = try restores.run(
        plan, caller: OpenOffice.caller, progress: { progress($0.done, $0.total) })
      return RestoreReport(result)
    } catch {
      office.errors.append(
        "\(plan.set.archiveName) \(error.code) restore by \(OpenOffice.caller): \(error)")
      throw error
    }
  }

  func cancel() {}
}
