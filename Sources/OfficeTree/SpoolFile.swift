import Glibc
import OfficeAdmin
import OfficeArchive
import OfficeModel
import Synchronization

/// A file that a tool is writing: its bytes on disk, and what became of them.
///
/// LOCK ORDER: `state` is innermost; nothing else is locked and no store is called while it is held.
final class SpoolFile: Sendable {
  /// What a new spool starts from where a tool opens an existing file without emptying it.
  struct Base: Sendable {
    var layout: ArchiveLayout
    var version: Int64
    /// Shown while the new version is being written (vim compares inode numbers).
    var inode: UInt64
    var mtime: Int64
  }

  struct State: Sendable {
    var folder: NodeID
    var name: [UInt8]
    var entry: EntryName
    /// The version this replaces, until its bytes are copied or cut off.
    var base: Base?
    var inode: UInt64
    var size: Int64 = 0
    /// Rises with each change of the content; 0 while nothing was ever written.
    var generation = 0
    /// The tool called write(2), rather than only emptying the file.
    var wasWritten = false
    /// Content that was looked at, and what was wrong with it.
    var checked: (generation: Int, failure: OfficeError?)?
    /// Content that waits for a rename.
    var staged: (generation: Int, content: StagedDrop)?
    /// Content that was taken in: what its folder shows as that version, none in a folder where the file stays.
    var published: (generation: Int, version: Int64?)?

    /// Whether what it holds now was taken in.
    var isPublished: Bool { published?.generation == generation }
    /// Whether nobody writes it any more and what it holds was not taken in.
    var isLost: Bool { writers == 0 && !isPublished }
    /// The time a tool set, nanoseconds since 1970.
    var mtime: Int64?
    var shownMtime: Int64
    var wasTouched = false
    var permissions: UInt32
    /// The process that opened the file for writing, whose it is, and when, in seconds since 1970.
    var opener: Int32
    var openerUser: UInt32
    var opened: Int64
    var isExclusive: Bool
    /// What the same process removed just before it made this file (mv, tar, install).
    var replaces: Removals.Removal?
    var writers = 0
    var readers = 0
    /// Someone is verifying or publishing.
    var isBusy = false
    /// When its last handle was closed, nanoseconds since 1970.
    var lastClose: Int64

    /// What it is to become, where its name tells.
    var target: DropTarget? {
      switch entry {
      case .final(let target): target
      case .scratch(let target, _): target
      }
    }

    /// Its tool has to hear at close what is wrong with it.
    var isStrict: Bool {
      switch entry {
      case .final: true
      case .scratch(_, let isStrict): isStrict
      }
    }
  }

  /// Row of the node; from the store's counter, never reused.
  let number: UInt64
  /// An unnamed file in the spool folder: it is gone with this object.
  let descriptor: Int32
  let state: Mutex<State>
  private let onFailure: @Sendable (OfficeError) -> Void

  /// `directory` is the spool folder; `onFailure` is told when its disk fails at a write. Throws `.inputOutput`,
  /// `.noSpace` or `.tooManyFiles`.
  init(
    number: UInt64, directory: String, state: State,
    onFailure: @escaping @Sendable (OfficeError) -> Void
  ) throws(OfficeError) {
    descriptor = try UnnamedFile.make(in: directory)
    self.number = number
    self.onFailure = onFailure
    self.state = Mutex(state)
  }

  deinit {
    close(descriptor)
    state.withLock { $0.staged?.content.discard() }
  }

  var node: NodeID { NodeID(.spool, row: number) }

  /// As what it is taken in under the name it has; nil for a temporary file, and within a tool's own folder.
  var target: (folder: DropFolder, target: DropTarget)? {
    state.withLock { state in
      guard let folder = DropFolder(state.folder), case .final(let target) = state.entry else {
        return nil
      }
      return (folder, target)
    }
  }

  /// True for a writer's file that the writer never came for: the tool was killed between two look-ups.
  func isOrphan(now: Int64) -> Bool {
    state.withLock { state in
      // In a tool's own folder every name is a temporary one: rsync --delay-updates comes back at its end.
      guard DropFolder(state.folder) != nil, case .final = state.entry, !state.isPublished,
        state.writers + state.readers == 0
      else { return false }
      return now - state.lastClose > SpoolFile.orphanAge
    }
  }

  private static let orphanAge: Int64 = 5_000_000_000

  /// Bytes of the file, or of the version it starts from.
  func read(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> Int {
    if let base = state.withLock({ $0.base }) {
      return try base.layout.read(at: offset, into: buffer)
    }
    let count = pread(descriptor, buffer.baseAddress, buffer.count, Int(offset))
    guard count >= 0 else { throw SpoolFile.failure() }
    return count
  }

  /// Writes at `offset`, copying the version this starts from first.
  func write(at offset: Int64, _ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    try copyBase()
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done,
        Int(offset) + done)
      guard count > 0 else { throw writeFailure() }
      done += count
    }
    state.withLock {
      $0.size = max($0.size, offset + Int64(bytes.count))
      $0.wasWritten = true
      $0.generation += 1
    }
  }

  /// Cuts or extends the file.
  func truncate(to size: Int64) throws(OfficeError) {
    if size > 0 { try copyBase() }
    guard ftruncate(descriptor, Int(size)) == 0 else { throw writeFailure() }
    state.withLock {
      $0.base = nil
      $0.size = size
      $0.generation += 1
      if size > 0 { $0.wasWritten = true }
    }
  }

  /// True while the next write has the whole of the old version to copy.
  var mayBlock: Bool { state.withLock { $0.base != nil } }

  private func copyBase() throws(OfficeError) {
    guard let base = state.withLock({ $0.base }) else { return }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var offset: Int64 = 0
    while offset < base.layout.size {
      let count = try base.layout.read(at: offset, into: buffer)
      guard pwrite(descriptor, buffer.baseAddress, count, Int(offset)) == count else {
        throw writeFailure()
      }
      offset += Int64(count)
    }
    state.withLock {
      $0.base = nil
      $0.size = offset
    }
  }

  private func writeFailure() -> OfficeError {
    let failure = SpoolFile.failure()
    if failure.code == .inputOutput { onFailure(failure) }
    return failure
  }

  private static func failure() -> OfficeError {
    switch errno {
    case ENOSPC, EDQUOT:
      OfficeError(.noSpace, "the disk is full", remedy: "make room, then copy the file again")
    case EFBIG: OfficeError(.tooLarge, "the file grows beyond what the disk takes")
    default: OfficeError(.inputOutput, "the spool file can't be read or written")
    }
  }
}
