import ArgumentParser
import FuseBridge
import Glibc
import LiveStore
import Logging
import OfficeAdmin
import OfficeModel
import OfficeTree

/// `officefs mount DATA MOUNTPOINT [-f] [-o …]`
struct MountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mount",
    abstract: "Show an office as files. Returns once the mount answers; its daemon stays.")

  @Argument(help: "The data directory.")
  var data: String

  @Argument(help: "An empty directory.")
  var mountPoint: String

  @Flag(name: .short, help: "Stay in the foreground.")
  var foreground = false

  @Option(
    name: .short, parsing: .unconditionalSingleValue,
    help: "Options as of mount(8), as in -o allow_other.")
  var options: [String] = []

  @Flag(name: .customShort("n"), help: .hidden)
  var noMtab = false

  @Flag(name: .short, help: .hidden)
  var sloppy = false

  @Flag(name: .short, help: .hidden)
  var verbose = false

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      // Before anything starts a thread: those have to inherit the blocked signals, and fork copies one thread only.
      Signals.block()
      let background = foreground ? nil : try Background.begin()
      var settings = MountSettings(source: MountedData.absolute(data))
      for list in options { try MountOptions.apply(list, to: &settings) }
      MountedData.releaseKilled(data)
      let office = try OpenOffice(data)
      defer { office.close() }
      Housekeeping(
        store: office.store, settings: office.registry.settings, clock: .system,
        audit: office.audit, errors: office.errors
      ).start()
      let jobs = JobTable()
      let (backups, backupHealth) = try office.openBackups(jobs)
      defer { backups?.close() }
      backups?.start(waiting: settings.backupWait)
      let tree = MountedTree(
        OfficeMount(
          store: office.store, transfer: office.transfer, errors: office.errors,
          audit: office.audit, backups: backups, backupHealth: backupHealth,
          restores: backups.map(office.restores), registry: office.registry, jobs: jobs,
          clock: .system, spool: office.spool, owner: getuid(), group: getgid(),
          version: OfficeFS.versionText))
      defer { tree.close() }
      var logger = Logger(label: "officefs") { StreamLogHandler.standardError(label: $0) }
      if !foreground { logger.logLevel = .warning }
      let session = FuseSession(
        tree: tree, mountPoint: mountPoint, settings: settings,
        logger: logger)
      try session.run(onReady: { background?.ready() })
    }
  }
}
