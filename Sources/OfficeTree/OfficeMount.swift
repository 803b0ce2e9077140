import LiveStore
import OfficeAdmin
import OfficeModel

/// What a mount shows and who owns it: everything the tree is given from outside.
public struct OfficeMount: Sendable {
  public var store: LiveStore
  public var transfer: Transfer
  /// Refusals, one line each: `status/errors.log`.
  public var errors: Journal
  /// Changes and exports, one line each: `status/audit.log`.
  public var audit: Journal
  /// The backups; nil where the repository can't be opened, as health then says.
  public var backups: OfficeBackups?
  public var backupHealth: BackupHealth
  /// Restores; nil without backups.
  public var restores: OfficeRestores?
  /// Groups and settings.
  public var registry: OfficeRegistry
  /// Long work: `status/jobs/`.
  public var jobs: JobTable
  public var clock: WallClock
  /// The spool folder, on the store's disk.
  public var spool: String
  /// Who mounted it; stands where the manuals have an administrator's password.
  public var owner: UInt32
  public var group: UInt32
  /// What `status/version.txt` says.
  public var version: String

  public init(
    store: LiveStore, transfer: Transfer, errors: Journal, audit: Journal,
    backups: OfficeBackups? = nil, backupHealth: BackupHealth = BackupHealth(),
    restores: OfficeRestores? = nil,
    registry: OfficeRegistry, jobs: JobTable = JobTable(),
    clock: WallClock, spool: String, owner: UInt32, group: UInt32, version: String
  ) {
    self.store = store
    self.transfer = transfer
    self.errors = errors
    self.audit = audit
    self.backups = backups
    self.backupHealth = backupHealth
    self.restores = restores
    self.registry = registry
    self.jobs = jobs
    self.clock = clock
    self.spool = spool
    self.owner = owner
    self.group = group
    self.version = version
  }

  /// How much of anything is taken at this moment.
  public var limits: Limits { registry.settings.limits }

  /// Who owns a user's files, where that is not the mount's owner. An unprivileged one could not read what is another's.
  func owner(of id: UserID) -> UInt32? { owner == 0 ? registry.settings.owners[id] : nil }
}
