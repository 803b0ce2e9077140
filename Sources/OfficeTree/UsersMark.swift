import OfficeModel
import Synchronization

/// When `users/` changed last: in names, versions or times.
final class UsersMark: Sendable {
  private let clock: WallClock
  private let mtime: Atomic<Int64>
  private let count = Atomic<Int64>(0)

  init(clock: WallClock) {
    self.clock = clock
    mtime = Atomic(clock.now())
  }

  /// Rises with every change.
  var stamp: Int64 { count.load(ordering: .relaxed) }

  /// Nanoseconds since 1970 at which names last changed, or as a tool has set it.
  var time: Int64 { mtime.load(ordering: .relaxed) }

  func didChange() {
    mtime.store(clock.now(), ordering: .relaxed)
    count.add(1, ordering: .relaxed)
  }

  /// A version's time has changed, but no name.
  func didChangeTimes() { count.add(1, ordering: .relaxed) }

  /// rsync and cp -a set the folder's time when they are done with it.
  func set(_ time: Int64) { mtime.store(time, ordering: .relaxed) }
}
