import BackupRepository
import OfficeModel
import Synchronization

/// The sets that someone has open: one view each, which all share.
///
/// INVARIANT: keeps open by itself only those of which the kernel knows a folder, since someone may be inside one: until
/// it forgets, at most for half a day after the set was dropped. A set that was dropped can be read for as long as anyone
/// has it open.
/// LOCK ORDER: both locks are innermost; no view ends while one is held.
final class OpenSets: Sendable {
  private struct Weak: Sendable {
    weak var view: SetView?
  }

  /// A set that the kernel knows.
  private struct Known: Sendable {
    /// How often it was told of a folder of the set and has not forgotten it.
    var count: Int64 = 0
    var view: SetView?
    /// When it was found dropped, in seconds since 1970.
    var dropped: Int64?
  }

  // The kernel forgets a folder that nobody is in as soon as its name is gone, but not one in which names were looked up
  // after that: it keeps those for as long as it has memory to spare.
  private static let patience: Int64 = 12 * 3_600

  private let repository: Repository
  private let views = Mutex<[Int64: Weak]>([:])
  private let references = Mutex<[Int64: Known]>([:])

  init(_ repository: Repository) { self.repository = repository }

  /// The view of a set that is open.
  func known(_ number: Int64) -> SetView? { views.withLock { $0[number]?.view } }

  /// One that is open now and shows a version of a file. Uploads have numbers of the same row, but chains of their own.
  ///
  /// `list` was read before the file's row: a backup that is not in it may have ended the version since, of which the row
  /// says nothing.
  func known(showing file: FileVersion, in list: SetList) -> SetView? {
    let newest = file.chain == 0 ? list.newest?.set.number ?? 0 : .max
    // Held until the lock is let go: the last to hold a view ends it.
    let open = views.withLock { views in
      views.compactMap { file.isShown(by: $0.key) ? $0.value.view : nil }
    }
    return open.first { $0.chain == file.chain && $0.number <= newest }
  }

  /// Opens a set. Throws `.stale` if it is gone.
  func view(_ number: Int64, in list: SetList) throws(OfficeError) -> SetView {
    if let known = known(number) { return known }
    guard let set = list.numbered(number)?.set else { throw MountedTree.gone }
    return try view(of: set)
  }

  /// Opens a set, one that was removed too. Throws `.stale` if it is gone.
  func view(of set: BackupSet) throws(OfficeError) -> SetView {
    if let known = known(set.number) { return known }
    let view = try repository.view(of: set)
    views.withLock { views in
      views = views.filter { $0.value.view != nil }
      views[set.number] = Weak(view: view)
    }
    return view
  }

  /// What a set is and shows, listed or open. Throws `.stale` if it is neither.
  func shown(_ number: Int64, in list: SetList) throws(OfficeError) -> ListedSet {
    if let listed = list.numbered(number) { return listed }
    guard let open = known(number) else { throw MountedTree.gone }
    return try open.listed()
  }

  /// The kernel was told of a folder of a set `count` times more, or forgets so many. From the first to the last the set is
  /// open.
  func refer(to number: Int64, count: Int64) {
    let isNew = references.withLock { $0[number]?.view == nil }
    let opened = isNew && count > 0 ? try? view(number, in: repository.list()) : nil
    let ended: SetView? = references.withLock { references in
      var known = references[number] ?? Known()
      known.count += count
      if known.view == nil { known.view = opened }
      references[number] = known.count > 0 ? known : nil
      return known.count > 0 ? nil : known.view
    }
    withExtendedLifetime((ended, opened)) {}
  }

  /// Lets sets go that were dropped long ago, whatever the kernel remembers of them. To be called when the list changes.
  func settle(_ list: SetList, now: Int64) {
    var ended: [SetView] = []
    references.withLock { references in
      for (number, known) in references {
        let isListed = list.numbered(number) != nil
        let dropped = isListed ? nil : known.dropped ?? now
        references[number]?.dropped = dropped
        guard let dropped, let view = known.view, now - dropped >= OpenSets.patience else {
          continue
        }
        ended.append(view)
        references[number]?.view = nil
      }
    }
    withExtendedLifetime(ended) {}
  }
}
