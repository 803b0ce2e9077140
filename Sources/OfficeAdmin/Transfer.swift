import AreaCodecs
import Dispatch
import Glibc
import LiveStore
import OfficeArchive
import OfficeModel

/// Users on their way in and out of the office: import, add, rename, delete.
///
/// All calls block until the change is durable; they may be made from any thread.
public struct Transfer: Sendable {
  private static let compareAhead = 1_000

  let store: LiveStore
  private let settings: Settings
  private let spool: String
  let audit: Journal
  let writers: WriterGate
  var limits: Limits { settings.limits }
  /// Compares behind an import what is too large to compare before it returns.
  let counting = DispatchQueue(label: "officefs.reports", qos: .utility)
  private let gate = StagingGate(width: StagingGate.defaultWidth)

  /// `spool` is a folder for unpacked archives, on the store's disk.
  public init(
    store: LiveStore, settings: Settings, spool: String, audit: Journal, gate writers: WriterGate
  ) {
    self.store = store
    self.settings = settings
    self.spool = spool
    self.audit = audit
    self.writers = writers
  }

  /// Verifies the archive in `file` and stages its content; nothing is visible yet.
  /// `policy` is the one that it will be published with. With `leavingOut` what can't be framed is handed over and does not refuse the archive.
  /// Throws `.badArchive`, `.newerFormat`, `.tooLarge`, `.noSpace`, or `.interrupted` soon after `isCancelled` turns true.
  public func stage(
    _ file: Int32, as id: UserID, policy: ImportPolicy = .replace,
    leavingOut: ArchiveIntake.Sieve? = nil, isCancelled: () -> Bool = { false }
  ) throws(OfficeError) -> StagedImport {
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw OfficeError(.inputOutput, "the archive can't be read")
    }
    return try gate.pass(size: Int64(status.st_size), isCancelled: isCancelled) {
      () throws(OfficeError) in
      let archive = ArchiveFile(file: file, limits: limits)
      return try archive.withPlain(scratch: spool, isCancelled: isCancelled) {
        (plain) throws(OfficeError) in
        try stagePlain(
          plain, as: id, policy: policy, leavingOut: leavingOut, isCancelled: isCancelled)
      }
    }
  }

  private func stagePlain(
    _ plain: Int32, as id: UserID, policy: ImportPolicy, leavingOut: ArchiveIntake.Sieve?,
    isCancelled: () -> Bool
  ) throws(OfficeError) -> StagedImport {
    let stage = try store.stage()
    do throws(OfficeError) {
      let staged = try read(
        plain, as: id, into: stage, leavingOut: leavingOut, isCancelled: isCancelled)
      // Compared now, while nobody waits: publishing then changes only the items that differ.
      // What is small is compared as it is published, in the one commit that it then needs.
      if policy == .replace, staged.report.objects > Transfer.compareAhead {
        try store.prepare(stage, as: id)
        staged.foresee(try store.compare(stage, as: id, isCancelled: isCancelled))
      }
      return staged
    } catch {
      stage.discard()
      throw error
    }
  }

  /// Adds a user who has no data yet. Throws `.exists`.
  public func add(_ id: UserID, mtime: Int64?, caller: String) throws(OfficeError) -> UserState {
    let publication = try writers.pass { () throws(OfficeError) in
      try store.add(id, mtime: mtime, by: caller)
    }
    audit.append("\(caller) added \(id) without data")
    return publication.user
  }

  /// Deletes a user; undo keeps them. Deletes of one `group` (a process) share a folder there.
  public func delete(_ id: UserID, caller: String, group: Int64) throws(OfficeError) {
    try writers.pass { () throws(OfficeError) in
      try store.delete(id, by: caller, group: group)
    }
    audit.append("\(caller) deleted \(id)")
  }

  /// Takes back a delete: the user is there as before. Throws `.exists` if the id is taken by now. It passes where no
  /// change does, as the end of one that began before.
  public func undelete(_ user: UserState, caller: String) throws(OfficeError) {
    try store.undelete(user)
    audit.append("\(caller) put \(user.id) back")
  }

  /// Renames a user, in the name and in their own data. Throws `.exists` if the new name is taken.
  public func rename(
    _ id: UserID, to newID: UserID, caller: String, group: Int64
  ) throws(OfficeError) -> UserState {
    while true {
      let stage = try store.stage()
      do throws(OfficeError) {
        let view = try store.view()
        guard let user = try view.user(id) else { throw OfficeError(.notFound, "no such user") }
        let cell = try view.cells(of: user.number)[0]
        if cell.size > 0 {
          var document = [UInt8](repeating: 0, count: Int(cell.size))
          try view.read(cell, into: &document)
          try stageUserCell(document, mtime: cell.mtime, id: newID, into: stage)
        }
        let state = try writers.pass { () throws(OfficeError) in
          try store.rename(
            id, to: newID, replacing: stage, expecting: user.version, by: caller, group: group)
        }
        audit.append("\(caller) renamed \(id) to \(newID)")
        return state
      } catch {
        stage.discard()
        // An import came between: its user.json is the one to rename.
        guard error.code == .stale else { throw error }
      }
    }
  }

  private func read(
    _ plain: Int32, as id: UserID, into stage: Stage, leavingOut: ArchiveIntake.Sieve?,
    isCancelled: () -> Bool
  ) throws(OfficeError) -> StagedImport {
    var intake = ArchiveIntake(
      file: plain, for: .user(id), limits: limits, leavingOut: leavingOut)
    let buffer = DocumentBuffer()
    var userTime: Int64?
    var open: CellStage?
    let receiver = ArchiveIntake.Receiver(
      open: { (_, area, mtime) throws(OfficeError) -> any ItemSink in
        if area == .user {
          userTime = mtime
          return buffer
        }
        let cell = try stage.cell(area, mtime: mtime)
        open = cell
        return cell
      },
      finish: { (_, area) throws(OfficeError) in
        if area != .user { _ = try open?.seal() }
      })
    let report = try intake.read(into: receiver, isCancelled: isCancelled)
    return StagedImport(
      report: report, stage: stage, userDocument: userTime.map { (buffer.bytes, $0) })
  }

  func stageUserCell(
    _ document: [UInt8], mtime: Int64, id: UserID, into stage: Stage
  ) throws(OfficeError) {
    let cell = try stage.cell(.user, mtime: mtime)
    var decoder = DocumentCodec.decoder(for: .user, user: id, limits: limits, into: cell)
    try decoder.feed(document)
    _ = try decoder.finish()
    _ = try cell.seal()
  }
}

extension OfficeView {
  /// Fills `document` with the cell's first bytes.
  func read(_ cell: CellState, into document: inout [UInt8]) throws(OfficeError) {
    try document.withUnsafeMutableBufferPointer { (buffer) throws(OfficeError) in
      try read(cell, at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }
}
