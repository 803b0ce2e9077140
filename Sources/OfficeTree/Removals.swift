import BackupRepository
import OfficeModel
import Synchronization

/// Who removed what a moment ago: mv, tar -x and install unlink the old file before they write the new one.
///
/// If the new file is then refused, what was removed is put back, as though the tool had written over the old file. A
/// restore in between that removed who was not in its archive would have removed that, too: then it stays away.
final class Removals: Sendable {
  struct Removal: Sendable {
    var what: What
    var process: Int32
    /// Nanoseconds since 1970.
    var time: Int64
    var era: Int

    enum What: Sendable {
      case user(UserState)
      case archive(BackupSet)
    }
  }

  private let clock: WallClock
  private let recent = Mutex<[DropTarget: Removal]>([:])
  /// How often others were removed by a restore.
  private let eras = Atomic(0)

  /// In nanoseconds; a tool goes on at once.
  private static let life: Int64 = 10_000_000_000
  private static let most = 1_000

  init(clock: WallClock) { self.clock = clock }

  var era: Int { eras.load(ordering: .acquiring) }

  /// A restore has removed who was not in its archive.
  func othersWereRemoved() { eras.add(1, ordering: .releasing) }

  /// Whether what was removed should be put back if the new file is refused.
  func isCurrent(_ removal: Removal) -> Bool {
    switch removal.what {
    case .user: removal.era == era
    case .archive: true
    }
  }

  /// `era` is the one before the removal.
  func note(_ what: Removal.What, of target: DropTarget, by process: Int32, in era: Int) {
    let now = clock.now()
    recent.withLock { recent in
      if recent.count >= Removals.most {
        recent = recent.filter { now - $0.value.time < Removals.life }
      }
      if recent.count >= Removals.most { recent = [:] }
      recent[target] = Removal(what: what, process: process, time: now, era: era)
    }
  }

  /// The removal of this by this process, if that was just now. It is given once.
  func take(_ target: DropTarget, by process: Int32) -> Removal? {
    let now = clock.now()
    return recent.withLock { recent in
      guard let removal = recent[target], removal.process == process,
        now - removal.time < Removals.life
      else { return nil }
      recent[target] = nil
      return removal
    }
  }
}
