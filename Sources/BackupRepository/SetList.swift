import ItemStore
import OfficeModel

/// A set with what it shows of each area.
public struct ListedSet: Sendable, Equatable {
  public let set: BackupSet
  /// Its names in `by-date/` and in `archives/`.
  public let name: String
  public let archiveName: String
  /// In the order of `Area.allCases`; nil if a row of them is damaged (`verify` names it, nothing of the set is lost by it
  /// but its columns' sizes).
  public let areas: [SetArea]?

  init(set: BackupSet, areas: [SetArea]?) {
    self.set = set
    self.areas = areas
    name = set.name
    archiveName = set.archiveName
  }

  /// How many items it shows, frames included.
  public var items: Int64 { areas?.reduce(0) { $0 + $1.items } ?? 0 }
  /// Bytes of the documents it shows.
  public var bytes: Int64 { areas?.reduce(0) { $0 + $1.bytes } ?? 0 }
  /// The areas that show another moment than the set's own, and that moment in seconds since 1970.
  public var olderAreas: [(area: Area, stamp: Int64)] {
    (areas ?? []).filter { $0.stamp != set.stamp }.map { ($0.area, $0.stamp) }
  }
}

/// The sets of a repository at one moment: a value, cheap to take, that never changes. Asking it for one costs no more where
/// there are many.
public struct SetList: Sendable {
  /// Larger than that of any list before in this process: two lists with one generation are equal.
  public let generation: Int64
  /// In the order of their numbers, uploads among them; without those that were removed.
  public let all: [ListedSet]
  /// Those that were removed and are still readable, in the order of their numbers.
  public let removed: [ListedSet]
  /// How many sets are missing here since their rows are damaged.
  public let damaged: Int

  /// The office's own sets: those of `by-date/`, in the order of their numbers, which is that of their names.
  public let own: [ListedSet]
  /// All sets as `archives/` shows them, the newest by time first.
  public let archives: [ListedSet]
  /// Numbers of sets by the names in `by-date/`, in `hold/`, of slots and in `archives/`.
  public let byDate: [String: Int64]
  public let byHold: [String: Int64]
  public let bySlot: [Int: Int64]
  public let byArchive: [String: Int64]

  /// `listed` in the order of their numbers.
  init(generation: Int64, listed: [ListedSet], damaged: Int) {
    self.generation = generation
    self.damaged = damaged
    removed = listed.filter { $0.set.removal != nil }
    let all = listed.filter { $0.set.removal == nil }
    self.all = all
    let own = all.filter { $0.set.chain == 0 }
    self.own = own
    archives = all.sorted { ($0.set.stamp, $0.set.number) > ($1.set.stamp, $1.set.number) }
    byDate = SetList.numbers(of: own, by: \.name)
    byHold = SetList.numbers(of: all, by: \.set.hold)
    bySlot = SetList.numbers(of: all, by: \.set.slot)
    byArchive = SetList.numbers(of: all, by: \.archiveName)
  }

  private static func numbers<Key>(
    of sets: [ListedSet], by key: (ListedSet) -> Key?
  ) -> [Key: Int64] {
    var numbers: [Key: Int64] = [:]
    for set in sets {
      if let key = key(set), numbers[key] == nil { numbers[key] = set.set.number }
    }
    return numbers
  }

  /// The newest of the office's own; nil before the first backup.
  public var newest: ListedSet? { own.last }

  /// What stands in a slot: 0 is the latest.
  public func inSlot(_ slot: Int) -> ListedSet? { bySlot[slot].flatMap { numbered($0) } }

  /// The set of the office's own with this name in `by-date/`.
  public func named(_ name: String) -> ListedSet? { byDate[name].flatMap { numbered($0) } }

  /// What is held under a name.
  public func held(as name: String) -> ListedSet? { byHold[name].flatMap { numbered($0) } }

  /// The set with this name in `archives/`.
  public func archive(named name: String) -> ListedSet? { byArchive[name].flatMap { numbered($0) } }

  /// What is proposed for a restore: the newest archive, one from before a restore only if there is no other.
  public var latestArchive: ListedSet? {
    archives.first { $0.set.process != BackupSet.beforeRestore } ?? archives.first
  }

  /// The set with this number; nil once it was removed or dropped.
  public func numbered(_ number: Int64) -> ListedSet? { SetList.find(number, in: all) }

  /// The set with this number, one that was removed too; nil once it was dropped.
  public func readable(_ number: Int64) -> ListedSet? {
    numbered(number) ?? SetList.find(number, in: removed)
  }

  /// How many of the office's own sets have numbers of this range.
  func countOwn(from first: Int64, to end: Int64) -> Int {
    SetList.place(of: end, in: own) - SetList.place(of: first, in: own)
  }

  private static func find(_ number: Int64, in sets: [ListedSet]) -> ListedSet? {
    let place = place(of: number, in: sets)
    return place < sets.count && sets[place].set.number == number ? sets[place] : nil
  }

  /// The place of the first whose number is not smaller.
  private static func place(of number: Int64, in sets: [ListedSet]) -> Int {
    var (low, high) = (0, sets.count)
    while low < high {
      let middle = (low + high) / 2
      if sets[middle].set.number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Repository {
  /// All sets as they are now: from memory unless something changed. One whose row is damaged is not among them;
  /// `verify` names it, and nothing is backed up until it is put right.
  public func list() throws(OfficeError) -> SetList {
    let (known, generation) = state.withLock { ($0.list, $0.generation) }
    if let known, known.generation == generation { return known }
    let (all, damaged) = try items.read { connection throws(OfficeError) in
      var all: [ListedSet] = []
      let (rows, damaged) = try self.rows.all(in: connection)
      for row in rows where row.state == .listed {
        if let known = known?.readable(row.set.number), known.areas != nil, known.set == row.set {
          all.append(known)
        } else {
          let areas = try? TotalTable.areas(of: row.set.number, in: connection)
          all.append(ListedSet(set: row.set, areas: areas))
        }
      }
      return (all, damaged.count)
    }
    let list = SetList(generation: generation, listed: all, damaged: damaged)
    state.withLock { state in
      if state.generation == generation { state.list = list }
    }
    return list
  }

  /// All sets in the order of their numbers, without the removed, see `list`.
  public func sets() throws(OfficeError) -> [BackupSet] { try list().all.map(\.set) }

  /// Changes with every change of the list: a backup, a rotation, a hold, a drop, an upload. One load, no read.
  public var generation: Int64 { state.withLock { $0.generation } }

  /// Has `observer` called after every change of the list, on the thread that made the change, once it is durable and
  /// before the call that made it returns. No lock is held: it may call anything here.
  public func observe(_ observer: @escaping @Sendable () -> Void) {
    state.withLock { $0.observers.append(observer) }
  }

  /// What a set shows of each area, in the order of `Area.allCases`. Throws `.stale` if the set is gone.
  public func areas(of set: BackupSet) throws(OfficeError) -> [SetArea] {
    let list = try list()
    guard
      let found = list.numbered(set.number)
        ?? list.removed.first(where: { $0.set.number == set.number })
    else {
      throw OfficeError(.stale, "this backup set is gone", item: set.name)
    }
    guard let areas = found.areas else { throw Damage.found("the areas of set \(set.name)") }
    return areas
  }

  /// `areasToo`: sets that were there before show another amount of something.
  func noteChange(areasToo: Bool = false) {
    let observers = state.withLock { state in
      state.generation += 1
      if areasToo { state.list = nil }
      return state.observers
    }
    for observer in observers { observer() }
  }
}
