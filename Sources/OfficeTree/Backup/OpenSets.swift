import BackupRepository
import OfficeModel
import Synchronization

/// The sets that someone has open: one view each, which all share.
///
/// INVARIANT: keeps none open by itself. A set that was dropped can be read for as long as anyone has it open.
final class OpenSets: Sendable {
  private struct Weak: Sendable {
    weak var view: SetView?
  }

  private let repository: Repository
  private let views = Mutex<[Int64: Weak]>([:])

  init(_ repository: Repository) { self.repository = repository }

  /// The view of a set that is open.
  func known(_ number: Int64) -> SetView? { views.withLock { $0[number]?.view } }

  /// Those open now that show a version of a file.
  func known(showing file: FileVersion) -> SetView? {
    views.withLock { views in
      views.first { file.isShown(by: $0.key) && $0.value.view != nil }?.value.view
    }
  }

  /// Opens a set. Throws `.stale` if it is gone.
  func view(_ number: Int64, in list: SetList) throws(OfficeError) -> SetView {
    if let known = known(number) { return known }
    guard let set = list.numbered(number)?.set else { throw MountedTree.gone }
    let view = try repository.view(of: set)
    views.withLock { views in
      views = views.filter { $0.value.view != nil }
      views[number] = Weak(view: view)
    }
    return view
  }
}
