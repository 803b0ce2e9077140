import BackupRepository
import Glibc
import LiveStore
import OfficeModel

/// What health says of backups.
public struct BackupHealth: Sendable {
  private let repository: Repository?
  private let failure: OfficeError?
  private let notes: BackupNotes?
  private let clock: WallClock

  /// Days after which a backup is old.
  private static let oldDays: Int64 = 7

  /// `failure` says why there is no repository, if that is not as it should be.
  public init(
    repository: Repository? = nil, failure: OfficeError? = nil, notes: BackupNotes? = nil,
    clock: WallClock = .system
  ) {
    self.clock = clock
    self.repository = repository
    self.failure = failure
    self.notes = notes
  }

  /// One sentence each.
  func findings(_ store: LiveStore) throws(OfficeError) -> [(Health.State, String)] {
    var findings: [(Health.State, String)] = []
    if let failure {
      findings.append((.fail, "no backups can be made: \(Escaped.line("\(failure)"))"))
    }
    if notes?.isDamaged == true {
      findings.append(
        (.warn, "backup-notes.json was damaged: how the last backups ended is not known"))
    }
    for (area, outcome) in notes?.failures ?? [] {
      findings.append(
        (
          .warn,
          "the last backup of \(area?.name ?? "everything"), \(Stamp.text(seconds: outcome.seconds)),"
            + " failed: \(Escaped.line(outcome.failure ?? ""))"
        ))
    }
    guard let repository else { return findings }
    if let failure = repository.failure {
      findings.append((.fail, "no backups can be made any more: \(failure) - look at the disk"))
    }
    let damaged = try repository.list().damaged
    if damaged > 0 {
      findings.append(
        (.fail, "\(damaged) backup sets are damaged - unmount and run officefs verify"))
    }
    let free = try repository.diskSpace().free
    if free < 1 << 30 {
      findings.append((.warn, "less than 1 GiB is free for backups - make room soon"))
    }
    let newest = try repository.list().inSlot(Rotation.latest)
    if let newest, clock.seconds - newest.set.stamp > BackupHealth.oldDays * 86_400 {
      findings.append((.warn, "the last backup is more than \(BackupHealth.oldDays) days old"))
    }
    if newest != nil, BackupHealth.shareDisk(store, repository) {
      findings.append(
        (
          .warn,
          "the backups are on the disk of the office itself - officefs init DATA --repository DIR"
        ))
    }
    return findings
  }

  /// `name value`, one each.
  func lines() throws(OfficeError) -> [String] {
    guard let list = try repository?.list() else { return [] }
    let latest = list.inSlot(Rotation.latest)?.set.name
    return ["backup \(latest ?? "never")", "sets \(list.all.count)"]
  }

  /// Whether an office and its backups lie on one disk.
  static func shareDisk(_ store: LiveStore, _ repository: Repository) -> Bool {
    guard let own = device(of: repository.path) else { return false }
    return own == device(of: store.directory.path)
  }

  /// After a failed write or fsync of either, neither is written any more if both lie on one disk.
  public static func failTogether(_ store: LiveStore, _ repository: Repository) {
    guard shareDisk(store, repository) else { return }
    store.observeFailure { [weak repository] in repository?.fail($0) }
    repository.observeFailure { [weak store] in store?.fail($0) }
  }

  private static func device(of path: String) -> dev_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_dev : nil
  }
}
