import OfficeModel
import Synchronization

/// Where users went who were renamed a moment ago.
///
/// rename(2) takes the old version's node along to the new name, and until the kernel has heard of the new version a writer
/// opens that node. One ESTALE is allowed, so it has to lead to the new name at once.
final class Renames: Sendable {
  private let recent = Mutex<[Int64: UserID]>([:])

  private static let most = 1_000

  /// The version `version` of the user who was called `old` is called `id` now. So are the versions that came to be
  /// called `old` before: renamed twice in a row, a name may still have the first one's node.
  func note(_ version: Int64, from old: UserID, to id: UserID) {
    recent.withLock { recent in
      if recent.count >= Renames.most { recent = [:] }
      for (earlier, name) in recent where name == old { recent[earlier] = id }
      recent[version] = id
    }
  }

  func name(ofVersion version: Int64) -> UserID? { recent.withLock { $0[version] } }
}
