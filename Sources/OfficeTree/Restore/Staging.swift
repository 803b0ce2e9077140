import BackupRepository
import OfficeAdmin
import OfficeModel
import Synchronization

/// An archive that an administrator has staged: what they chose of it, the plan, the run.
///
/// LOCK ORDER: `state` is innermost, and no store is called while it is held.
final class Staging: Sendable {
  /// A plan as it was when it was made.
  struct Planned: Sendable {
    let plan: RestorePlan
    let text: [UInt8]
    let json: [UInt8]
    /// Of the choice that it was made for.
    let choice: Int

    init(_ plan: RestorePlan, _ summary: RestoreSummary, choice: Int) {
      self.plan = plan
      self.choice = choice
      text = Array(summary.text.utf8)
      json = RestoreJSON.text(summary)
    }
  }

  /// A restore that was confirmed.
  struct Run: Sendable {
    var code: String
    var work: RestoreWork<RestoreReport>
  }

  struct State: Sendable {
    var areas: Set<Area>
    /// Nil for all.
    var users: Set<UserID>?
    var groups = false
    var settings = false
    var removesOthers = false
    /// What was removed: `rm -r` takes a folder behind what is in it.
    var removed: Set<RestoreNode.Item> = []
    /// Rises with each change of the choice.
    var choice = 0
    var quiet: WriterGate.Quiet?
    var planning: RestoreWork<Planned>?
    var plan: Planned?
    var run: Run?
    var report: RestoreReport?

    /// The restore under way.
    var running: Run? { run?.work.result == nil ? run : nil }
  }

  let number: UInt64
  /// Its folder's name.
  let name: [UInt8]
  private let claim: SetClaim
  /// The archive's areas, in the order of `Area.allCases`.
  let areas: [Area]
  /// When it was staged, in nanoseconds since 1970.
  let time: Int64
  /// Keeps the set readable.
  let view: SetView
  let state: Mutex<State>
  private let members = Mutex<[UserID]?>(nil)

  init(
    _ number: UInt64, named name: [UInt8], _ claim: SetClaim, _ view: SetView, areas: [Area],
    at time: Int64
  ) {
    self.number = number
    self.name = name
    self.claim = claim
    self.view = view
    self.areas = areas
    self.time = time
    state = Mutex(State(areas: Set(areas)))
  }

  /// The archive, which nobody can remove meanwhile.
  var set: BackupSet { claim.set }

  var path: String { "restore/\(Escaped.line(name))" }

  /// The users of the archive, sorted by the bytes of their ids. Read when they are first asked for.
  func users() throws(OfficeError) -> [UserID] {
    if let known = members.withLock({ $0 }) { return known }
    let users = try view.users().map(\.id).filter { $0 != .office }
    members.withLock { $0 = users }
    return users
  }

  /// Where a user stands in the archive.
  func index(of id: UserID) throws(OfficeError) -> Int? {
    let users = try users()
    var low = 0
    var high = users.count
    while low < high {
      let middle = (low + high) / 2
      if users[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low < users.count && users[low] == id ? low : nil
  }

  /// What is chosen now, and the number of that choice.
  func choice() throws(OfficeError) -> (RestoreChoice, number: Int) {
    let users = try users()
    return state.withLock { state in
      let choice = RestoreChoice(
        areas: state.areas, users: state.users ?? Set(users), groups: state.groups,
        settings: state.settings, removesOthers: state.removesOthers)
      return (choice, state.choice)
    }
  }

  func isChosen(_ id: UserID) -> Bool { state.withLock { $0.users?.contains(id) ?? true } }

  func isChosen(_ area: Area) -> Bool { state.withLock { $0.areas.contains(area) } }

  /// Whether a file or folder is there now.
  func has(_ item: RestoreNode.Item) -> Bool {
    state.withLock { state in
      switch item {
      case .planText, .planJSON: true
      case .resultText, .resultJSON: state.report != nil && !state.removed.contains(item)
      case .areas, .users: !state.removed.contains(item)
      case .groups: state.groups
      case .settings: state.settings
      case .removeOthers: state.removesOthers
      case .quiet: state.quiet.map { !$0.isOver } ?? false
      }
    }
  }

  /// Notes how a restore ended.
  func end(_ report: RestoreReport) {
    state.withLock { state in
      state.report = report
      state.removed.subtract([.resultText, .resultJSON])
    }
  }

  /// Changes the choice. Throws `.busy` while a restore runs.
  func choose(_ change: (inout State) -> Void) throws(OfficeError) {
    // Read before the lock is taken.
    let all = try users()
    let isFree = state.withLock { state in
      guard state.running == nil else { return false }
      if state.users == nil { state.users = Set(all) }
      change(&state)
      state.choice += 1
      return true
    }
    guard isFree else { throw Staging.running }
  }

  static let running = OfficeError(
    .busy, "the restore is running", remedy: "wait for result.txt; status/jobs/ shows how far it is"
  )
}
