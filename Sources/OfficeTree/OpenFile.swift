import OfficeAdmin
import OfficeArchive
import OfficeModel
import Synchronization

/// What a handle stands for.
enum OpenFile: Sendable {
  /// An archive of one view; `label` is its path and `caller` who opened it, for the audit log.
  case archive(ArchiveLayout, label: String, caller: Caller, progress: ReadProgress)
  /// A text as it was when it was opened.
  case text([UInt8])
  case journal(Journal)
  case spool(SpoolFile, isWriter: Bool)
}

/// Whether an export was read to its end, which is when it has left the house.
final class ReadProgress: Sendable {
  private let reachedEnd = Atomic(false)

  func note(end: Int64, size: Int64) {
    if end >= size { reachedEnd.store(true, ordering: .relaxed) }
  }

  var isComplete: Bool { reachedEnd.load(ordering: .relaxed) }
}
