import LiveStore
import OfficeAdmin
import OfficeModel
import Synchronization

/// The texts of the mount: what each says, how large it is and when it changed.
final class StatusTexts: Sendable {
  private let mount: OfficeMount
  private let faults: Faults
  private let activity: Activity
  private let started: Int64
  /// The table of users as of a commit: made again only when the office has changed.
  private let users = Mutex<(commit: Int64, text: [UInt8])?>(nil)

  init(_ mount: OfficeMount, faults: Faults, activity: Activity) {
    self.mount = mount
    self.faults = faults
    self.activity = activity
    started = mount.clock.now()
  }

  /// Size in bytes and time in nanoseconds.
  func state(of node: FixedNode) throws(OfficeError) -> (size: Int64, mtime: Int64) {
    switch node {
    case .errors: (mount.errors.size, mount.errors.mtime)
    case .audit: (mount.audit.size, mount.audit.mtime)
    case .userTable: (try sizeOfUserTable(), started)
    default: (Int64(try text(of: node).count), started)
    }
  }

  func open(_ node: FixedNode) throws(OfficeError) -> OpenFile {
    switch node {
    case .errors: .journal(mount.errors)
    case .audit: .journal(mount.audit)
    default: .text(try text(of: node))
    }
  }

  private func text(of node: FixedNode) throws(OfficeError) -> [UInt8] {
    switch node {
    case .readme:
      return Array(
        MountReadme.text(undoDays: mount.registry.settings.office.undoDays).utf8)
    case .version: return Array("\(mount.version)\n".utf8)
    case .health:
      let health = try Health(of: mount.store, faults: faults, backups: mount.backupHealth)
      return Array(health.text.utf8)
    case .userTable: return try userTable()
    case .activity: return Array(activity.text.utf8)
    default: return []
    }
  }

  /// Of the table as it was made last: a look-up must not read every user. Opening it makes it anew.
  private func sizeOfUserTable() throws(OfficeError) -> Int64 {
    if let known = users.withLock({ $0 }) { return Int64(known.text.count) }
    return Int64(try userTable().count)
  }

  private func userTable() throws(OfficeError) -> [UInt8] {
    let view = try mount.store.view()
    if let known = users.withLock({ $0 }), known.commit == view.number { return known.text }
    let text = try UserTable.text(of: view, limits: mount.limits)
    users.withLock { $0 = (view.number, text) }
    return text
  }
}
