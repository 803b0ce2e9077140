import OfficeModel
import Synchronization

/// Where users went who were renamed a moment ago.
///
/// rename(2) takes the old version's node along to the new name, and until the kernel has heard of the new version a writer
/// opens that node. One ESTALE is allowed, so it has to lead to the new name at once.
final class Renames: Sendable {
  private let recent = Mutex<[Int64: UserID]>([:])

  private static let most = 1_000

  /// The user's version `version` is called `id` now.
  func note(_ version: Int64, to id: UserID) {
    recent.withLock { recent in
      if recent.count >= Renames.most { recent = [:] }
      recent[version] = id
    }
  }

  func name(ofVersion version: Int64) -> UserID? { recent.withLock { $0[version] } }
}
