import LiveStore
import OfficeArchive
import OfficeModel
import Synchronization

/// An archive that was verified whole and whose content is in the store, waiting for one commit to show it.
///
/// The user's own cell is staged at the end only, since its id is that of the name the archive gets.
public final class StagedImport: Sendable {
  /// What was in the archive.
  public let report: IntakeReport
  let stage: Stage
  let userDocument: (bytes: [UInt8], mtime: Int64)?
  /// How the cells compared with the user's when they were staged.
  private let foreseen = Mutex<[CellChange]>([])

  init(report: IntakeReport, stage: Stage, userDocument: (bytes: [UInt8], mtime: Int64)?) {
    self.report = report
    self.stage = stage
    self.userDocument = userDocument
  }

  func foresee(_ changes: [CellChange]) { foreseen.withLock { $0 = changes } }

  /// What was foreseen for these two versions of a cell, if it was.
  func foreseen(_ area: Area, from before: CellState, to after: CellState) -> CellChange? {
    foreseen.withLock { changes in
      changes.first { $0.area == area && $0.before == before && $0.staged == after.digest }
    }
  }

  /// Throws the content away.
  public func discard() { stage.discard() }
}

/// Holds a small document in memory.
final class DocumentBuffer: ItemSink {
  private(set) var bytes: [UInt8] = []
  private var ended = 0

  func write(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    self.bytes.append(contentsOf: bytes)
  }

  func cut() throws(OfficeError) {}

  func end(_ key: ItemKey) throws(OfficeError) { ended = bytes.count }

  func abandon() throws(OfficeError) { bytes.removeLast(bytes.count - ended) }
}
