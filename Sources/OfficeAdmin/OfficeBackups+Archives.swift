import BackupRepository
import Glibc
import OfficeArchive
import OfficeModel

// What administrators do with whole archives: list them, upload one, remove one, let a hold go.

extension OfficeBackups {
  /// All archives, the newest by time first; those that were removed are not among them.
  public func archives() throws(OfficeError) -> [ListedSet] { try repository.list().archives }

  /// Takes an archive in: `stageUpload`, then `publish`.
  public func upload(
    file: Int32, name: ArchiveName, time: Int64?, caller: String,
    isCancelled: () -> Bool = { false }, progress: (Int64, Int64) -> Void = { _, _ in }
  ) throws(OfficeError) -> BackupSet {
    let upload = try stageUpload(file: file, isCancelled: isCancelled, progress: progress)
    do throws(OfficeError) {
      return try publish(upload, as: name, time: time, caller: caller)
    } catch {
      upload.discard()
      throw error
    }
  }

  /// Verifies a whole archive and stores what it holds; nothing is visible yet. `file` may be compressed.
  ///
  /// Nothing is left of what is refused. Throws `.badArchive`, `.newerFormat`, `.tooLarge`, `.noSpace`, `.interrupted` soon
  /// after `isCancelled` turns true. `progress` is given bytes read and bytes of the archive.
  public func stageUpload(
    file: Int32, isCancelled: () -> Bool = { false },
    progress: (Int64, Int64) -> Void = { _, _ in }
  ) throws(OfficeError) -> StagedUpload {
    let limits = settings.limits
    let size = try OfficeBackups.size(of: file)
    let archive = ArchiveFile(file: file, limits: limits)
    return try uploads.pass(size: size, isCancelled: isCancelled) { () throws(OfficeError) in
      try archive.withPlain(scratch: repository.path, isCancelled: isCancelled) {
        (plain) throws(OfficeError) in
        let total = try OfficeBackups.size(of: plain)
        return try stage(plain, limits, isCancelled, progress: { progress($0, total) })
      }
    }
  }

  /// Lists what was staged as a set under `name`, in one commit that is durable when this returns. `time` is the archive's, in
  /// seconds since 1970, nil for now. Without a name it is `<stamp>_upload.sar` by that time, or by the next second that no
  /// other archive is named after. An earlier upload of the same name is removed, as `remove` does; one from the same
  /// archive stays, and nothing changes but its time if one is given.
  ///
  /// Throws `.badArchive` for a name of the other kind, `.busy` if the name is that of the office's own or the earlier upload
  /// is in use; what was staged can then only be discarded.
  public func publish(
    _ upload: StagedUpload, as given: ArchiveName?, time: Int64?, caller: String
  ) throws(OfficeError) -> BackupSet {
    let report = upload.report
    let name: ArchiveName
    if let given { name = given } else { name = try self.name(of: report, at: time) }
    let origin = UploadOrigin(
      name: name, area: try OfficeBackups.area(of: report, named: name),
      fingerprint: report.fingerprint)
    let now = clock.seconds
    let (set, isUnchanged) = try repository.publish(
      upload.stage, as: origin, stamp: time ?? now, at: now, until: now + kept)
    // Else rsync would bring it again and again for its time's sake.
    if isUnchanged, let time, set.stamp != time { try repository.setTime(time, of: set) }
    let what = isUnchanged ? "uploaded again, unchanged," : "uploaded"
    let notes = report.notes.isEmpty ? "" : "; " + report.notes.prefix(20).joined(separator: "; ")
    audit.append(
      "\(caller) \(what) \(name): \(set.users) users, \(report.objects) objects, "
        + "format \(report.format)\(notes)")
    return set
  }

  private func name(of report: IntakeReport, at time: Int64?) throws(OfficeError) -> ArchiveName {
    let list = try repository.list()
    var seconds = time ?? clock.seconds
    // Of years that no name can have.
    if (try? OfficeBackups.name(at: seconds)) == nil { seconds = clock.seconds }
    while true {
      let name = try OfficeBackups.name(at: seconds)
      guard let taken = list.archive(named: name.text)?.set,
        taken.upload?.fingerprint != report.fingerprint
      else { return name }
      seconds += 1
    }
  }

  private static func name(at seconds: Int64) throws(OfficeError) -> ArchiveName {
    try ArchiveName("\(Stamp.text(seconds: seconds))_upload\(ArchiveName.officeSuffix)")
  }

  /// Takes a removal back: the upload is listed as before. Throws `.exists` if its name is taken by now, `.stale` if it is
  /// gone.
  public func putBack(_ set: BackupSet, caller: String) throws(OfficeError) {
    try repository.putBack(set)
    audit.append("\(caller) put the archive \(set.archiveName) back")
  }

  /// Removes an upload: it is in `undo/` for as many days as the settings say. Throws `.busy` for a set of the office's own
  /// and for one that a restore stages, `.stale` if it is gone.
  public func remove(_ set: BackupSet, caller: String) throws(OfficeError) {
    let now = clock.seconds
    try repository.remove(set, at: now, until: now + kept)
    audit.append("\(caller) removed the archive \(set.archiveName)")
  }

  /// Lets a hold go; a set that nothing else keeps is then in `undo/` as a removed one is. Throws `.notFound`.
  public func release(hold name: String, caller: String) throws(OfficeError) {
    guard let set = try repository.list().held(as: name)?.set else {
      throw OfficeError(.notFound, "nothing is held under this name", item: name)
    }
    let now = clock.seconds
    try repository.release(hold: name, at: now, until: now + kept)
    audit.append("\(caller) holds the backup \(set.name) no longer as \(name)")
  }

  /// Lets the sets go whose time is over; most of the time there is none and nothing is written.
  func expire() {
    let now = clock.seconds
    guard let list = try? repository.list(),
      (list.all + list.removed).contains(where: {
        $0.set.slot == nil && $0.set.hold == nil && $0.set.until <= now
      })
    else { return }
    // If this fails, the next look does it.
    try? repository.expire(at: now)
  }

  private var kept: Int64 { Int64(settings.undoDays) * 86_400 }

  private func stage(
    _ plain: Int32, _ limits: Limits, _ isCancelled: () -> Bool, progress: (Int64) -> Void
  ) throws(OfficeError) -> StagedUpload {
    let stage = try repository.stageUpload()
    do throws(OfficeError) {
      var intake = ArchiveIntake(file: plain, for: .set, limits: limits)
      let report = try intake.read(
        into: ArchiveIntake.Receiver(
          open: { (id, area, mtime) throws(OfficeError) in
            try stage.cell(id, area, mtime: mtime)
          },
          finish: { (_, _) throws(OfficeError) in try stage.seal() }),
        isCancelled: isCancelled, progress: progress)
      if let record = report.record { try OfficeBackups.add(record, at: clock.seconds, to: stage) }
      return StagedUpload(report: report, stage: stage)
    } catch {
      stage.discard()
      throw error
    }
  }

  /// The area that an archive of this name holds; nil for a whole office. Throws `.badArchive` if it is the other kind.
  private static func area(
    of report: IntakeReport, named name: ArchiveName
  ) throws(OfficeError) -> Area? {
    var area: Area?
    if case .area(let text) = report.kind { area = Area(name: text) }
    guard (area != nil) == name.isArea else {
      throw OfficeError(
        .badArchive,
        area == nil ? "this is a whole office's archive" : "this is the archive of one area",
        item: "office.json",
        remedy: "name it as what it is: .sar a whole office, .odb one area")
    }
    return area
  }

  private static func add(
    _ manifest: [UInt8], at seconds: Int64, to stage: UploadStage
  ) throws(OfficeError) {
    var number: Int64 = 0
    let record = try OfficeRecord(manifest: manifest, seconds: seconds) {
      () throws(OfficeError) in
      number += 1
      return number
    }
    try record.write(to: stage.cell(.office, .user, mtime: 0))
    try stage.seal()
  }

  private static func size(of file: Int32) throws(OfficeError) -> Int64 {
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw OfficeError(.inputOutput, "the archive can't be read")
    }
    return Int64(status.st_size)
  }
}
