import Glibc
import LiveStore
import OfficeArchive
import OfficeModel

/// An archive without the objects that can't be framed: what `--leave-out-broken` imports.
///
/// It is read into an office of its own, in a scratch folder, and exported from there; so it is sound and in canonical form,
/// and is imported on the same road as any other, through a mount too. An area of which nothing could be read is not in it:
/// an import leaves it as it was.
public struct Sifting {
  /// What was in the archive it came from.
  public let report: IntakeReport
  /// What was left out.
  public let refused: RefusedObjects
  private let layout: ArchiveLayout
  private let store: LiveStore

  /// Sifts the archive in `file`. `folder` is empty and private; it is the caller's to remove.
  /// Throws what an import would, but for objects that can't be framed.
  public init(
    _ file: Int32, as id: UserID, limits: Limits, folder: String, clock: WallClock
  ) throws(OfficeError) {
    let data = "\(folder)/office"
    try LiveStore.create(at: data, clock: clock)
    let store = try LiveStore(directory: data, clock: clock)
    var settings = OfficeSettings()
    settings.limits = limits
    let transfer = Transfer(
      store: store, settings: Settings(settings), spool: store.directory.spool,
      audit: try Journal(path: "\(data)/audit.log", clock: clock), gate: WriterGate(clock: clock))
    let refused = try RefusedObjects(of: id, folder: folder)
    let staged = try transfer.stage(
      file, as: id,
      leavingOut: { (area, object) throws(OfficeError) in try refused.add(object, of: area) })
    _ = try transfer.publish(staged, as: id, mtime: nil, caller: "sifting")
    let held = staged.report.documents.filter { $0.report.objects > 0 || $0.report.leftOut == 0 }
    layout = try ArchiveLayout(
      .user(id), of: try store.view(),
      without: Set(Area.allCases).subtracting(held.map(\.area)))
    report = staged.report
    self.refused = refused
    self.store = store
  }

  /// The sifted archive's size in bytes.
  public var size: Int64 { layout.size }

  /// Reads from the sifted archive, as `ArchiveLayout.read` does.
  public func read(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> Int {
    try layout.read(at: offset, into: buffer)
  }

  /// Ends the scratch office.
  public func close() { store.close() }
}
