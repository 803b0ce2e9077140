import ItemStore
import OfficeModel

/// What a restore does to a user.
public enum RestoredUser: Sendable, Equatable {
  /// Not in the archive, and removed.
  case removed
  /// Not in the office, and added.
  case added
  /// In both, and some of what was chosen differs.
  case changed
}

/// What a restore puts in one commit.
public struct RestoreOrder {
  /// Whom it touches, each once.
  public var users: [(id: UserID, what: RestoredUser)]
  /// The areas of a user's cells that were looked at when the restore was planned; none for someone else's.
  public var chosen: (UserID) -> Set<Area>
  /// Where groups or settings are chosen: the office's own version that was looked at (nil if there was none), and the cell
  /// that replaces it if they differ.
  public var office: (version: Int64?, stage: Stage?)?
  /// Who does it, for undo.
  public var caller: String

  public init(
    users: [(id: UserID, what: RestoredUser)], chosen: @escaping (UserID) -> Set<Area>,
    office: (version: Int64?, stage: Stage?)?, caller: String
  ) {
    self.users = users
    self.chosen = chosen
    self.office = office
    self.caller = caller
  }
}

/// What a restore did.
public struct RestoreCommit: Sendable {
  /// The commit that shows it.
  public var number: Int64
  /// The folder of undo with what was replaced; nil if only users were added.
  public var undo: UndoGroup?
  /// The office's own version; nil if it stayed.
  public var office: UserState?
}

extension LiveStore {
  /// Throws what `publish` would, `.stale`, if a chosen cell is not what it is in `view` by now: before anything is done
  /// for it. Takes time in proportion to what changed since.
  public func assertUnchanged(
    since view: LiveView, _ order: RestoreOrder
  ) throws(OfficeError) {
    let publication = RestorePublication(basis: view.number, order: order, party: 0)
    let (commit, erased) = state.withLock { ($0.commit, $0.erased) }
    guard erased <= view.number else { throw RestorePublication.stale(nil) }
    try items.read { connection throws(OfficeError) in
      try publication.assertUnchanged(upTo: commit, in: connection)
    }
  }

  /// Makes what was copied the office's, in one commit that touches rows only: users removed, then users added and cells
  /// replaced. What is replaced is in one folder of undo.
  ///
  /// Throws `.stale`, without effect, if a chosen cell is not what it is in the view that the restoration was begun over.
  public func publish(
    _ restoration: Restoration, _ order: RestoreOrder
  ) throws(OfficeError) -> RestoreCommit {
    try restoration.flush()
    try order.office?.stage?.assertPublishable()
    let party = try nextNumber()
    let result = try change(mayUseReserve: false) { change throws(OfficeError) in
      var publication = RestorePublication(
        basis: restoration.basis.number, order: order, party: party)
      guard state.withLock({ $0.erased }) <= publication.basis else {
        throw RestorePublication.stale(nil)
      }
      let result = try publication.run(
        in: &change,
        office: { stage, version, change throws(OfficeError) in
          try publishOffice(
            stage, expecting: version, what: RestorePublication.what, joins: false,
            by: order.caller, group: party, in: &change)
        })
      return (result, isChange: true)
    }
    restoration.finish()
    if let stage = order.office?.stage {
      stage.isSpent = true
      stage.items.finish()
    }
    sweep()
    return result
  }
}

/// The commit of a restore in the making.
private struct RestorePublication {
  let basis: Int64
  let order: RestoreOrder
  let party: Int64
  private var undo: Int64?

  static let what = "restore"
  private static let idsAPage = 2_000

  init(basis: Int64, order: RestoreOrder, party: Int64) {
    self.basis = basis
    self.order = order
    self.party = party
  }

  static func stale(_ id: UserID?) -> OfficeError {
    OfficeError(
      .stale, "what is to be restored has changed since the plan was made",
      item: id.map { "users/\($0).udb" },
      remedy: "touch plan.txt and read it again; touch quiet keeps others from changing anything")
  }

  mutating func run(
    in change: inout Change,
    office: (Stage, Int64?, inout Change) throws(OfficeError) -> UserState
  ) throws(OfficeError) -> RestoreCommit {
    try assertUnchanged(upTo: change.commit, in: change.connection)
    // A user may come under an id that one who goes has in another case.
    for (id, what) in order.users where what == .removed { try remove(id, in: &change) }
    for (id, what) in order.users where what != .removed {
      try put(id, isNew: what == .added, in: &change)
    }
    var state: UserState?
    if let (version, stage) = order.office, let stage {
      state = try office(stage, version, &change)
      // Without users its folder is the newest; what was not there before is in none.
      if undo == nil, version != nil {
        undo = try UndoTable.newest(in: change.connection)?.number
      }
    }
    try RestoredTable.clear(in: change.connection)
    var folder: UndoGroup?
    if let undo { folder = try UndoTable.group(undo, in: change.connection) }
    return RestoreCommit(number: change.commit, undo: folder, office: state)
  }

  // Costs what changed since the plan was made, whatever was chosen.
  func assertUnchanged(upTo commit: Int64, in connection: Connection) throws(OfficeError) {
    if let office = order.office {
      let newest = try UserTable.live(.office, in: connection)?.state.version
      guard newest == office.version else { throw RestorePublication.stale(nil) }
    }
    for sql in [UserTable.openedSQL, UserTable.closedSQL] {
      var place: (commit: Int64, version: Int64)? = (basis, .max)
      while let from = place {
        let page = try UserTable.ids(
          sql, beyond: from, upTo: commit, limit: RestorePublication.idsAPage, in: connection)
        for text in page.ids {
          let id = try UserID(stored: text)
          if id != .office { try assertUnchanged(id, in: connection) }
        }
        place = page.last
      }
    }
  }

  private func assertUnchanged(_ id: UserID, in connection: Connection) throws(OfficeError) {
    let areas = order.chosen(id)
    guard !areas.isEmpty else { return }
    let before = try UserTable.user(id, at: basis, in: connection)
    let now = try UserTable.live(id, in: connection)
    guard before?.state.number == now?.state.number else { throw RestorePublication.stale(id) }
    guard let user = now?.state.number else { return }
    for area in areas {
      let old = try CellTable.cell(area, of: user, at: basis, in: connection)
      let new = try CellTable.cell(area, of: user, at: .max - 1, in: connection)
      guard old?.state == new?.state else { throw RestorePublication.stale(id) }
    }
  }

  private mutating func remove(_ id: UserID, in change: inout Change) throws(OfficeError) {
    guard let row = try UserTable.live(id, in: change.connection) else {
      throw RestorePublication.stale(id)
    }
    let cells = try CellTable.cells(of: row.state.number, at: .max - 1, in: change.connection)
    try keep(row.state, in: change)
    try change.close(row)
    try change.add(cells, of: id, count: -1)
  }

  private mutating func put(
    _ id: UserID, isNew: Bool, in change: inout Change
  ) throws(OfficeError) {
    let known = try UserTable.live(folded: id.folded, in: change.connection)
    guard isNew ? known == nil : known?.state.id == id else { throw RestorePublication.stale(id) }
    let number: UserNumber
    if let known { number = known.state.number } else { number = try change.newNumber() }
    var after = try CellTable.cells(of: number, at: .max - 1, in: change.connection)
    let before = after
    for cell in try RestoredTable.cells(of: id, in: change.connection) {
      after[cell.area.index] = try put(cell, of: number, over: before[cell.area.index], in: change)
    }
    if let known {
      try keep(known.state, in: change)
      try change.close(known)
      try change.replace(before, by: after, of: id)
    } else {
      try change.add(after, of: id, count: 1)
    }
    _ = try change.open(number, id, cells: after, mtime: nil)
  }

  private func put(
    _ cell: RestoredCell, of user: UserNumber, over before: CellState, in change: Change
  ) throws(OfficeError) -> CellState {
    var state = cell.state
    state.born = change.commit
    if cell.copied != 0 {
      try StorageChanges.adopt(cell.copied, in: change.connection)
    } else if state.storage != before.storage && state.storage != 0 {
      throw RestorePublication.stale(cell.id)
    } else if cell.delta != 0 {
      try StorageChanges.merge(cell.delta, at: change.commit, in: change.connection)
    }
    if let old = try CellTable.cell(cell.area, of: user, at: .max - 1, in: change.connection) {
      try CellTable.close(old, at: change.commit, in: change.connection)
    }
    try CellTable.insert(
      CellRow(area: cell.area, user: user, state: state, died: ItemSchema.never),
      in: change.connection)
    return state
  }

  private mutating func keep(_ user: UserState, in change: Change) throws(OfficeError) {
    undo = try change.keep(
      user, what: RestorePublication.what, party: party, author: order.caller)
  }
}
