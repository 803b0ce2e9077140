import BackupRepository
import Foundation
import FuseBridge
import Glibc
import LiveStore
import OfficeAdmin
import OfficeModel

/// A data directory as the commands see it: opened here, or mounted by a daemon and reached through its mount.
enum MountedData {
  /// The absolute path without links, by which a mount names its data.
  static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Where a daemon shows this data directory, if one does (proc(5): mountinfo, escapes in octal).
  static func mountPoint(of path: String) -> String? {
    guard let table = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else {
      return nil
    }
    let wanted = absolute(path)
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 3, fields[2] == "fuse.officefs", unescaped(fields[0]) == wanted else {
        continue
      }
      return unescaped(fields[1])
    }
    return nil
  }

  /// Lets the daemon that has this data directory end, if it was killed and can't.
  static func releaseKilled(_ path: String) {
    let directory = absolute(path)
    guard let text = try? String(contentsOfFile: "\(directory)/lock", encoding: .utf8),
      let process = pid_t(text.filter(\.isNumber))
    else { return }
    KilledDaemon.release(process, of: directory)
  }

  /// The limits of an office, mounted or not.
  static func limits(of path: String) throws(OfficeError) -> Limits {
    guard let mount = mountPoint(of: path) else {
      let office = try OpenOffice(path)
      defer { office.store.close() }
      return office.registry.settings.limits
    }
    let file = "\(mount)/settings/\(SettingsFile.office.rawValue)"
    guard FileManager.default.fileExists(atPath: file) else { return Limits() }
    do {
      return try OfficeSettings(parsing: String(contentsOfFile: file, encoding: .utf8)).limits
    } catch let error as OfficeError {
      throw error
    } catch {
      throw OfficeError(.inputOutput, "can't read \(file)", cause: error)
    }
  }

  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// An office that this process has opened.
struct OpenOffice {
  let path: String
  let registry: OfficeRegistry
  let store: LiveStore
  let audit: Journal
  let errors: Journal
  let transfer: Transfer

  var spool: String { "\(path)/spool" }

  init(_ given: String) throws(OfficeError) {
    path = MountedData.absolute(given)
    let store = try LiveStore(directory: path, clock: .system)
    self.store = store
    // The logs lie on the disk of the office: when it fails there, what it says of the office counts for nothing.
    audit = try Journal(path: "\(path)/audit.log", clock: .system) { store.fail($0) }
    errors = try Journal(path: "\(path)/errors.log", clock: .system) { store.fail($0) }
    registry = try OfficeRegistry(store: store, clock: .system, audit: audit, errors: errors)
    try registry.takeOver(from: path, caller: OpenOffice.caller)
    transfer = Transfer(
      store: store, settings: registry.settings, spool: "\(path)/spool", audit: audit,
      gate: registry.gate)
  }

  /// How the last backups ended.
  var notes: BackupNotes { BackupNotes(of: path) { [store] in store.fail($0) } }

  /// Its repository; made if the office was never backed up.
  func openRepository() throws(OfficeError) -> Repository {
    try RepositoryLocation.open(for: path, store)
  }

  /// Its repository if there is one or should be.
  func openRepositoryIfAny() throws(OfficeError) -> Repository? {
    let isThere = Repository.exists(at: try RepositoryLocation.path(of: path))
    let wasBackedUp = try store.wasBackedUp()
    return isThere || wasBackedUp ? try openRepository() : nil
  }

  /// What a mount does for backups, and what its health says of them. The office is served without them too.
  /// Jobs under way are in `jobs`.
  func openBackups(
    _ jobs: JobTable = JobTable()
  ) throws(OfficeError) -> (backups: OfficeBackups?, health: BackupHealth) {
    let notes = notes
    let repository: Repository
    do throws(OfficeError) {
      repository = try openRepository()
    } catch {
      errors.append("backup \(error.code) mount: \(error)")
      return (nil, BackupHealth(failure: error, notes: notes))
    }
    BackupHealth.failTogether(store, repository)
    let backups = try OfficeBackups(
      store: store, repository: repository, settings: registry.settings.office, clock: .system,
      audit: audit,
      errors: errors, notes: notes, jobs: jobs)
    // A time zone that this machine does not have is no setting by then.
    registry.settings.observe { [weak backups] settings in try? backups?.use(settings) }
    return (backups, BackupHealth(repository: repository, notes: notes))
  }

  /// What restores its archives.
  func restores(_ backups: OfficeBackups) -> OfficeRestores {
    OfficeRestores(
      store: store, backups: backups, registry: registry, clock: .system, audit: audit)
  }

  /// Ends the work on it; reports that are still being counted are finished first.
  func close() {
    transfer.settle()
    store.close()
  }

  /// Who works here, for logs.
  static var caller: String { "officefs[\(getpid())] uid \(getuid())" }
}
