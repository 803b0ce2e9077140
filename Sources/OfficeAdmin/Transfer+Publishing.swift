import AreaCodecs
import LiveStore
import OfficeModel

extension Transfer {
  /// How often a merge is done again because the user's data changed meanwhile.
  private static let mostTries = 8
  /// Items that are compared before an import returns; more are counted behind it, if nothing foresaw them.
  private static let mostCompared: Int64 = 20_000

  /// Makes a staged import the data of `id` in one commit, as `policy` says, and adds the user if new; a preview only
  /// compares. Leaves a report. `mtime` is the file's time in nanoseconds, nil for now. Imports of one `group` (a process)
  /// share a folder of undo.
  ///
  /// Returns nil after a preview. Throws `.exists` if the id is taken in another case, `.badArchive` if two tables can't be
  /// merged, `.busy` if others changed the user again and again.
  public func publish(
    _ staged: StagedImport, as id: UserID, policy: ImportPolicy = .replace, mtime: Int64?,
    caller: String, group: Int64 = 0, isCancelled: () -> Bool = { false }
  ) throws(OfficeError) -> Publication? {
    if let document = staged.userDocument {
      try stageUserCell(document.bytes, mtime: document.mtime, id: id, into: staged.stage)
    }
    let heading = ImportReport.Heading(
      id: id, policy: policy, caller: caller, time: store.clock.now())
    switch policy {
    case .replace: return try replace(staged, heading, mtime: mtime, group: group)
    case .preview:
      try preview(staged, heading, isCancelled)
      return nil
    case .merge, .skip:
      return try merge(staged, heading, mtime: mtime, group: group, isCancelled)
    }
  }

  /// Leaves a report of an import that was refused.
  public func refuse(
    _ id: UserID, policy: ImportPolicy, caller: String, because error: OfficeError
  ) {
    guard error.code != .interrupted else { return }
    let heading = ImportReport.Heading(
      id: id, policy: policy, caller: caller, time: store.clock.now())
    keep(ImportReport.text(refusing: heading, error), heading)
  }

  /// Waits until no report is still being counted: to be called before the store is closed.
  public func settle() { counting.sync {} }

  private func replace(
    _ staged: StagedImport, _ heading: ImportReport.Heading, mtime: Int64?, group: Int64
  ) throws(OfficeError) -> Publication {
    // Keeps what is replaced readable until it has been compared.
    let view = try store.view()
    let publication = try writers.pass { () throws(OfficeError) in
      try store.publish(
        staged.stage, as: heading.id, mtime: mtime, by: heading.caller, group: group)
    }
    let cells = staged.stage.cells.map { cell in
      (cell.area, publication.before[cell.area.index], publication.after[cell.area.index])
    }
    let changes: @Sendable () -> [CellChange]? = {
      defer { withExtendedLifetime(view) {} }
      do throws(OfficeError) {
        var changes: [CellChange] = []
        for (area, before, after) in cells {
          if let known = staged.foreseen(area, from: before, to: after) {
            changes.append(known)
          } else {
            changes.append(try store.compare(before, after, area: area))
          }
        }
        return changes
      } catch {
        // The import stands; what it replaced is damaged.
        audit.append("the import of \(heading.id) could not be compared: \(error)")
        return nil
      }
    }
    let items = cells.reduce(Int64(0)) { items, cell in
      let (area, before, after) = cell
      let isKnown =
        before.items == 0 || before.digest == after.digest
        || staged.foreseen(area, from: before, to: after) != nil
      return isKnown ? items : items + before.items + after.items
    }
    guard items > Transfer.mostCompared else {
      conclude(staged, heading, publication, changes())
      return publication
    }
    conclude(staged, heading, publication, nil)
    let report = staged.report
    counting.async {
      // A newer import has a newer report.
      guard let changes = changes(),
        let known = try? store.report(of: heading.id), known.mtime == heading.time
      else { return }
      keep(
        ImportReport(
          heading, intake: report, changes: changes, result: Transfer.result(of: publication)),
        heading)
    }
    return publication
  }

  private func merge(
    _ staged: StagedImport, _ heading: ImportReport.Heading, mtime: Int64?, group: Int64,
    _ isCancelled: () -> Bool
  ) throws(OfficeError) -> Publication {
    for _ in 0..<Transfer.mostTries {
      let changes = try store.merge(
        staged.stage, as: heading.id, winner: heading.policy == .merge ? .staged : .current,
        isCancelled: isCancelled
      ) { (current, staged) throws(OfficeError) in
        guard !TableHeader.agree(current, staged, limits: limits) else { return }
        throw Transfer.otherColumns(current, staged)
      }
      do throws(OfficeError) {
        let publication = try writers.pass { () throws(OfficeError) in
          try store.publish(
            staged.stage, as: heading.id, mtime: mtime, by: heading.caller, group: group)
        }
        conclude(staged, heading, publication, changes)
        return publication
      } catch {
        // Someone else's import came between: theirs is what this one is merged with.
        guard error.code == .stale else { throw error }
      }
    }
    throw OfficeError(
      .busy, "the user's data changed again and again while the archive was merged",
      remedy: "copy the file again")
  }

  private func preview(
    _ staged: StagedImport, _ heading: ImportReport.Heading, _ isCancelled: () -> Bool
  ) throws(OfficeError) {
    let known = try store.user(folded: heading.id.folded)
    if let known, known.id != heading.id { throw LiveStore.takenInAnotherCase(known.id) }
    let changes = try store.compare(staged.stage, as: heading.id, isCancelled: isCancelled)
    staged.discard()
    let report = ImportReport(
      heading, intake: staged.report, changes: changes, result: .previewed(isNew: known == nil))
    audit.append("\(heading.caller) previewed an import of \(heading.id)")
    keep(report, heading)
  }

  private func conclude(
    _ staged: StagedImport, _ heading: ImportReport.Heading, _ publication: Publication,
    _ changes: [CellChange]?
  ) {
    let result = Transfer.result(of: publication)
    let report = ImportReport(
      heading, intake: staged.report, changes: changes, result: result)
    let what =
      switch result {
      case .added: "added"
      case .unchanged: "found unchanged"
      default: "imported"
      }
    var line = "\(heading.caller) \(what) \(heading.id): \(staged.report.objects) objects"
    if heading.policy != .replace { line += ", \(heading.policy.rawValue)" }
    if !publication.isUnchanged {
      for area in report.areas ?? [] where area.added + area.changed + area.removed > 0 {
        line += ", \(area.area.name) +\(area.added) ~\(area.changed) -\(area.removed)"
      }
    }
    let notes = staged.report.notes
    if !notes.isEmpty { line += "; " + notes.prefix(20).joined(separator: "; ") }
    audit.append(line)
    keep(report, heading)
  }

  private static func result(of publication: Publication) -> ImportReport.Result {
    publication.isNew ? .added : publication.isUnchanged ? .unchanged : .imported
  }

  private func keep(_ report: ImportReport, _ heading: ImportReport.Heading) {
    keep(report.text, heading)
  }

  private func keep(_ text: String, _ heading: ImportReport.Heading) {
    do throws(OfficeError) {
      try store.keep(report: Array(text.utf8), of: heading.id, mtime: heading.time)
    } catch {
      // The import stands, or stands refused, all the same.
      audit.append("the report on \(heading.id) could not be kept: \(error)")
    }
  }

  private static func otherColumns(_ current: [UInt8], _ staged: [UInt8]) -> OfficeError {
    OfficeError(
      .badArchive,
      "its columns are not the user's, so their rows can't be merged: "
        + "'\(excerpt(staged))' here, '\(excerpt(current))' there",
      item: Area.timesheet.fileName,
      remedy: "give both the same header row, or leave the time sheet out of the archive")
  }

  private static func excerpt(_ row: [UInt8]) -> String {
    Escaped.line(row.prefix(100).prefix { $0 != 0x0D && $0 != 0x0A })
  }
}
