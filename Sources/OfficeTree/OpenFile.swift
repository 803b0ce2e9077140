import OfficeAdmin
import OfficeArchive
import OfficeModel
import Synchronization

/// What a handle stands for.
enum OpenFile: Sendable {
  /// An archive of one view.
  case archive(ArchiveLayout, Export)
  /// A text as it was when it was opened.
  case text([UInt8])
  case journal(Journal)
  case spool(SpoolFile, isWriter: Bool)
  case draft(Draft)
}

/// An archive that is being read.
final class Export: Sendable {
  /// What fstat(2) shows for as long as it is open.
  let attributes: Attributes
  /// Its path, for the audit log.
  let label: String
  /// Who opened it.
  let caller: Caller
  /// When, in seconds since 1970.
  let since: Int64
  private let reachedEnd = Atomic(false)
  private let name = Mutex<String?>(nil)

  init(attributes: Attributes, label: String, caller: Caller, since: Int64) {
    self.attributes = attributes
    self.label = label
    self.caller = caller
    self.since = since
  }

  /// An export that was read to its end has left the house.
  func note(end: Int64, size: Int64) {
    guard end >= size, !reachedEnd.exchange(true, ordering: .relaxed) else { return }
    noteReader()
  }

  var isComplete: Bool { reachedEnd.load(ordering: .relaxed) }

  /// Finds out what the caller's command is called, while it waits for us: when its handle is released it may be gone.
  func noteReader() {
    let found = "\(caller)"
    name.withLock { $0 = found }
  }

  /// Who read it, for logs: `cp[123] uid 0`.
  var reader: String { name.withLock { $0 } ?? "\(caller)" }
}
