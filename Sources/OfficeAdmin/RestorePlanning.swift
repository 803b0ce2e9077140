import BackupRepository
import ItemStore
import LiveStore
import OfficeArchive
import OfficeModel

/// A plan in the making: walks the chosen cells of both sides once, users in the order of their ids.
struct RestorePlanning {
  let choice: RestoreChoice
  let archive: SetView
  let basis: LiveView
  let officeVersion: Int64?
  private(set) var areas: [RestorePlan.Column]
  private(set) var users: [RestorePlan.User] = []
  private(set) var officeChanges: [String] = []
  private(set) var refusals: [OfficeError] = []
  /// About how many bytes have to be copied.
  private(set) var bytes: Int64 = 0

  private let store: LiveStore
  private let isCancelled: () -> Bool
  private var hash = DigestStream()

  init(
    _ choice: RestoreChoice, of archive: SetView, over basis: LiveView, in store: LiveStore,
    officeVersion: Int64?, isCancelled: @escaping () -> Bool
  ) {
    self.choice = choice
    self.archive = archive
    self.basis = basis
    self.store = store
    self.officeVersion = officeVersion
    self.isCancelled = isCancelled
    areas = choice.areas.sorted().map { RestorePlan.Column(area: $0, counts: RestoreCounts()) }
    note("set \(archive.number)\n\(choice.text)")
  }

  /// Of the set, the choice and the versions of what was chosen.
  var code: String { String(decoding: hash.finish().hexadecimal.prefix(8), as: UTF8.self) }

  private mutating func note(_ text: String) { hash.update(Array(text.utf8)) }

  /// Compares all chosen cells.
  mutating func run(progress: (Int64, Int64) -> Void) throws(OfficeError) {
    let archived = try archive.users()
    let live = try basis.users()
    refuseUnknown(archived)
    var rest = live[...]
    for (index, user) in archived.enumerated() {
      progress(Int64(index), Int64(archived.count))
      while let other = rest.first, other.id < user.id {
        try leave(other)
        rest.removeFirst()
      }
      var known: UserState?
      if rest.first?.id == user.id { known = rest.popFirst() }
      if choice.users.contains(user.id) { try restore(user, over: known) }
    }
    for other in rest { try leave(other) }
    refuseTaken(archived, live)
  }

  // Not in the archive.
  private mutating func leave(_ user: UserState) throws(OfficeError) {
    var row = RestorePlan.User(id: user.id, fate: .stays, counts: RestoreCounts())
    if choice.removesOthers {
      row.fate = .removed
      for (area, cell) in zip(Area.allCases, try basis.cells(of: user.number)) {
        note(user.id, area, user.number, cell)
        guard cell.items > 0 else { continue }
        row.counts.cells += 1
        row.counts.removed += try store.objects(in: cell, area, isCancelled: isCancelled)
      }
    }
    users.append(row)
  }

  private mutating func restore(
    _ user: UserState, over known: UserState?
  ) throws(OfficeError) {
    var row = RestorePlan.User(
      id: user.id, fate: known == nil ? .added : .restored, counts: RestoreCounts())
    let held = try archive.cellsHeld(of: user.number)
    let current = try known.map { user throws(OfficeError) in try basis.cells(of: user.number) }
    for index in areas.indices {
      let area = areas[index].area
      let cell = current?[area.index] ?? .empty
      note(user.id, area, known?.number, cell)
      guard let archived = held[area.index] else { continue }
      let counts = try compare(cell, with: archived, area)
      areas[index].counts += counts
      row.counts += counts
    }
    users.append(row)
  }

  private mutating func compare(
    _ cell: CellState, with archived: CellState, _ area: Area
  ) throws(OfficeError) -> RestoreCounts {
    var counts = RestoreCounts()
    let (comparison, bytes) = try store.compare(
      cell, with: archived, of: archive, area: area, isCancelled: isCancelled)
    counts.add(comparison)
    if store.mustReplace(cell, by: archived) { counts.cells = 1 }
    if store.isDamaged(cell) { counts.damaged = 1 }
    self.bytes += bytes
    return counts
  }

  private mutating func note(
    _ id: UserID, _ area: Area, _ number: UserNumber?, _ cell: CellState
  ) {
    note("\(id) \(area.rawValue) \(number?.rawValue ?? -1) \(cell.born)\n")
  }

  /// Compares groups and settings; `isHeld` says whether the archive has any.
  mutating func compareOffice(_ current: OfficeRecord, isHeld: Bool) throws(OfficeError) {
    guard choice.groups || choice.settings else { return }
    note("office \(officeVersion ?? -1)\n")
    guard isHeld else {
      refusals.append(
        OfficeError(
          .invalid, "the archive has no groups and settings",
          remedy: "rm what was touched for them: groups, settings"))
      return
    }
    let archived = try OfficeRecord(of: archive)
    var number: Int64 = .min
    let result = try current.restoring(archived, choice) { () throws(OfficeError) in
      number += 1
      return number
    }
    officeChanges = current.differences(to: result)
    do throws(OfficeError) {
      let settings = Settings()
      try settings.set(.office, result.texts[.office]?.content)
    } catch {
      refusals.append(error)
    }
  }

  private mutating func refuseUnknown(_ archived: [UserState]) {
    let missing = choice.users.subtracting(archived.map(\.id))
    guard let first = missing.min() else { return }
    refusals.append(
      OfficeError(
        .invalid, "\(missing.count) of the chosen users are not in the archive",
        item: first.text, remedy: "rm them from users/"))
  }

  // An id that only differs in case from one who stays would be taken.
  private mutating func refuseTaken(_ archived: [UserState], _ live: [UserState]) {
    let added = Dictionary(
      users.filter { $0.fate == .added }.map { ($0.id.folded, $0.id) },
      uniquingKeysWith: { first, _ in first })
    guard !added.isEmpty else { return }
    let removed = Set(users.filter { $0.fate == .removed }.map(\.id))
    for user in live where !removed.contains(user.id) {
      guard let id = added[user.id.folded] else { continue }
      refusals.append(
        OfficeError(
          .exists, "\(id) can't be added: the office has \(user.id)", item: "users/\(id)",
          remedy: "rm users/\(id) here, or rename \(user.id) in the office"))
      return
    }
  }
}

extension LiveStore {
  /// Whether an export of the archive's cell would show other bytes than one of ours, or ours can't be read.
  func mustReplace(_ cell: CellState, by other: CellState) -> Bool {
    cell.differs(from: other) || isDamaged(cell)
  }
}

extension CellState {
  /// Whether an export would show other bytes.
  func differs(from other: CellState) -> Bool {
    digest != other.digest || size != other.size || mtime != other.mtime
  }
}
