import ItemStore
import OfficeModel

extension Repository {
  /// Begins to take an archive in; any number at once. Throws `.busy` while a user is being erased, `.noSpace`.
  public func stageUpload() throws(OfficeError) -> UploadStage {
    guard !state.withLock({ $0.isErasing }) else {
      throw OfficeError(.busy, "a user is being erased")
    }
    // One that failed may have found no room to clear away what it had stored.
    for set in try unfinished() where set.chain != 0 {
      try remove(unfinished: set, ifAbandoned: true)
    }
    let number = try items.write(urgent: true) { connection throws(OfficeError) in
      let number = try SetTable.reserve(chain: nil, in: connection)
      state.withLock { _ = $0.uploads.insert(number) }
      return number
    }
    return UploadStage(self, number: number)
  }

  /// Lists what was staged as a set, in one commit. `stamp` is the archive's time, `now` and `until` are for an earlier
  /// upload of the same name, which is removed at `now` and readable until then; all in seconds since 1970.
  ///
  /// Returns the earlier set, and changes nothing, if it came from the same archive. Throws `.busy` if the name is that of a
  /// set of the office's own, or the earlier upload is in use; then, as after any error, the stage can only be discarded.
  public func publish(
    _ stage: UploadStage, as origin: UploadOrigin, stamp: Int64, at now: Int64, until: Int64
  ) throws(OfficeError) -> (set: BackupSet, isUnchanged: Bool) {
    try stage.flush()
    var set = BackupSet(
      number: stage.number, chain: stage.number, stamp: stamp, process: "upload",
      areas: stage.held)
    set.upload = origin
    set.users = stage.users
    let known = try commit(mayUseReserve: false) {
      connection throws(OfficeError) -> BackupSet? in
      let known = try earlier(origin.name, in: connection)
      if let known, known.upload?.fingerprint == origin.fingerprint {
        return known
      }
      if let known {
        try assertUnclaimed(known)
        try remove(known, .upload, at: now, until: until, in: connection)
      }
      for var area in stage.areas {
        if set.areas.contains(area.area) { (area.updated, area.stamp) = (set.number, stamp) }
        try TotalTable.insert(area, of: set.number, in: connection)
      }
      try SetTable.save(set, .listed, in: connection)
      return nil
    }
    if let known {
      stage.discard()
      return (known, true)
    }
    stage.end()
    noteDropped()
    return (set, false)
  }

  private func earlier(
    _ name: ArchiveName, in connection: Connection
  ) throws(OfficeError) -> BackupSet? {
    let sets = try rows.listed(in: connection)
    guard let known = sets.first(where: { $0.removal == nil && $0.archiveName == name.text })
    else { return nil }
    guard known.upload != nil else {
      throw OfficeError(
        .busy, "a backup of this office has this name", item: name.text,
        remedy: "give the file another name")
    }
    return known
  }

  /// Takes an upload out of the list; it is readable until `until`, both in seconds since 1970. Throws `.busy` for a set of
  /// the office's own and for one that a restore stages, `.stale` if it is gone.
  public func remove(
    _ set: BackupSet, at now: Int64, until: Int64
  ) throws(OfficeError) {
    try change(set) { found, connection throws(OfficeError) in
      guard found.upload != nil else {
        throw OfficeError(
          .busy, "a backup in a slot, a hold or by-date/ is not removed by hand",
          item: found.archiveName, remedy: "slots turn over with each day's backup")
      }
      try assertUnclaimed(found)
      try remove(found, .delete, at: now, until: until, in: connection)
    }
    noteDropped()
  }

  /// Takes a removal back: the upload is in the list as before. Throws `.exists` if its name is taken by now, `.stale` if it
  /// is gone.
  public func putBack(_ set: BackupSet) throws(OfficeError) {
    try commit { connection throws(OfficeError) in
      guard var found = try SetTable.set(set.number, in: connection), found.state == .listed else {
        throw OfficeError(.stale, "this backup set is gone", item: set.archiveName)
      }
      let names = try rows.listed(in: connection).filter { $0.removal == nil }
      guard !names.contains(where: { $0.archiveName == found.set.archiveName }) else {
        throw OfficeError(.exists, "another archive has the name", item: set.archiveName)
      }
      found.set.removal = nil
      found.set.until = .max
      try SetTable.save(found.set, .listed, in: connection)
    }
    noteChange()
  }

  /// Gives an upload another time, in seconds since 1970. Throws `.busy` for a set of the office's own, `.stale`.
  public func setTime(_ seconds: Int64, of set: BackupSet) throws(OfficeError) {
    try change(set) { found, connection throws(OfficeError) in
      guard found.upload != nil else {
        throw OfficeError(.busy, "a backup's time is when it was made", item: found.archiveName)
      }
      guard found.stamp != seconds else { return }
      var changed = found
      changed.stamp = seconds
      try SetTable.save(changed, .listed, in: connection)
      var areas = try TotalTable.areas(of: set.number, in: connection)
      for index in areas.indices where areas[index].updated == set.number {
        areas[index].stamp = seconds
      }
      try TotalTable.replace(areas, of: set.number, in: connection)
    }
    noteChange()
  }

  private func change(
    _ set: BackupSet, _ body: (BackupSet, Connection) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    try commit { connection throws(OfficeError) in
      guard let found = try SetTable.set(set.number, in: connection), found.state == .listed,
        found.set.removal == nil
      else {
        throw OfficeError(.stale, "this backup set is gone", item: set.archiveName)
      }
      try body(found.set, connection)
    }
  }

  func remove(
    _ set: BackupSet, _ cause: SetRemoval.Cause, at now: Int64, until: Int64,
    in connection: Connection
  ) throws(OfficeError) {
    let removed = try rows.listed(in: connection).filter {
      $0.removal?.cause == cause && $0.archiveName == set.archiveName
    }
    var set = set
    var seconds = now
    while removed.contains(where: { $0.removal?.seconds == seconds }) { seconds += 1 }
    set.removal = SetRemoval(seconds: seconds, cause: cause)
    set.until = until
    try SetTable.save(set, .listed, in: connection)
  }
}
