import ItemStore
import OfficeModel

extension BackupJob {
  private static let page = 1_000

  /// An area's update shows the other areas as the newest set of a slot does: what restores have kept of the office since
  /// is no part of that.
  func stageOthers() throws(OfficeError) {
    guard !plan.isFull, let before, before.number != base?.number else { return }
    let view = try base.map { set throws(OfficeError) in try repository.view(of: set) }
    let since = base?.number ?? 0
    let counted = changed
    defer { changed = counted }
    var place = CellTable.Place(number: since)
    while true {
      let rows = try repository.items.read { connection throws(OfficeError) in
        try CellTable.born(after: place, before: number, limit: BackupJob.page, in: connection)
      }
      guard let last = rows.last else { break }
      for row in rows where row.died == ItemSchema.never && !plan.areas.contains(row.area) {
        try stage(row, asIn: view)
      }
      place = CellTable.Place(number: last.state.born, last)
    }
    place = CellTable.Place(number: since)
    while let view {
      let rows = try repository.items.read { connection throws(OfficeError) in
        try CellTable.died(after: place, before: number, limit: BackupJob.page, in: connection)
      }
      guard let last = rows.last else { break }
      for row in rows where row.state.born <= since && !plan.areas.contains(row.area) {
        let now = try repository.items.read { connection throws(OfficeError) in
          try CellTable.cell(row.area, of: row.user, chain: 0, at: number - 1, in: connection)
        }
        if now == nil { try stage(row, over: nil, of: view) }
      }
      place = CellTable.Place(number: last.died, last)
    }
  }

  // The set before shows `row`; the next one is to show what the view does.
  private func stage(_ row: CellRow, asIn view: SetView?) throws(OfficeError) {
    let old = try repository.items.read { connection throws(OfficeError) -> CellRow? in
      guard let view else { return nil }
      return try CellTable.cell(
        row.area, of: row.user, chain: 0, at: view.number, in: connection)
    }
    guard let old, let view else {
      closed.append((row.area, row.user))
      if touched[row.user.rawValue] == nil { touched[row.user.rawValue] = LiveFile() }
      return
    }
    try stage(old, over: row, of: view)
  }

  // Items, not a storage, are taken over: that has the changes since.
  private func stage(
    _ old: CellRow, over row: CellRow?, of view: SetView
  ) throws(OfficeError) {
    let (id, mtime) = try repository.items.read { connection throws(OfficeError) in
      (
        try NameTable.id(of: old.user, in: connection),
        try FileTable.file(of: old.user, chain: 0, at: view.number, in: connection)?.mtime
      )
    }
    let isSame = row.map { $0.state.isSame(as: old.state) } ?? false
    if isSame, row?.state.mtime == old.state.mtime { return }
    var next = Waiting(
      name: CellName(id: id, area: old.area),
      file: touched[old.user.rawValue] ?? LiveFile(mtime: mtime), row: old,
      copied: 0, expected: StorageCopy.Sums(), isDelta: false)
    next.row.state.born = number
    next.row.state.storage = 0
    (next.row.source, next.row.seen, next.row.died) = (0, 0, ItemSchema.never)
    if isSame, let row {
      next.row.state.storage = row.state.storage
      (next.row.source, next.row.seen) = (row.source, row.seen)
    } else if old.state.items > 0 {
      try stageAll(of: old.state, from: view, into: &next)
    }
    waiting.append(next)
    if copy.isFull || waiting.count >= BackupJob.mostWaiting { try flush() }
  }
}
