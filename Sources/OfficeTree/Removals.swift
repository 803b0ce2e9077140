import BackupRepository
import OfficeModel
import Synchronization

/// Who removed what a moment ago: mv, tar -x and install unlink the old file before they write the new one.
///
/// If the new file is then refused, what was removed is put back, as though the tool had written over the old file.
final class Removals: Sendable {
  struct Removal: Sendable {
    var what: What
    var process: Int32
    /// Nanoseconds since 1970.
    var time: Int64

    enum What: Sendable {
      case user(UserState)
      case archive(BackupSet)
    }
  }

  private let clock: WallClock
  private let recent = Mutex<[DropTarget: Removal]>([:])

  /// In nanoseconds; a tool goes on at once.
  private static let life: Int64 = 10_000_000_000
  private static let most = 1_000

  init(clock: WallClock) { self.clock = clock }

  func note(_ what: Removal.What, of target: DropTarget, by process: Int32) {
    let now = clock.now()
    recent.withLock { recent in
      if recent.count >= Removals.most {
        recent = recent.filter { now - $0.value.time < Removals.life }
      }
      if recent.count >= Removals.most { recent = [:] }
      recent[target] = Removal(what: what, process: process, time: now)
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
