import Glibc
import OfficeModel
import TarArchive

/// A file that may be an archive: plain or compressed, whole or still growing.
public struct ArchiveFile: Sendable {
  private let file: Int32
  private let limits: Limits

  /// `file` is open for reading; its offset is neither used nor moved.
  public init(file: Int32, limits: Limits) {
    self.file = file
    self.limits = limits
  }

  /// Why this can't be a whole archive, at the price of its headers only; nil if it looks like one.
  /// A compressed file is taken for whole: only unpacking can tell.
  public func incompleteness() -> OfficeError? {
    if isCompressed { return nil }
    do throws(TarError) {
      let shape = try TarStructure.check(file: file, limits: TarLimits(limits))
      if shape.entries == 0 {
        return OfficeError(.badArchive, "the archive is empty", remedy: Self.advice)
      }
      return nil
    } catch {
      return OfficeError(error)
    }
  }

  /// Calls `body` with a plain tar: this file, or an unpacked copy in the folder `scratch` if it is compressed.
  public func withPlain<Value>(
    scratch: String, isCancelled: () -> Bool, _ body: (Int32) throws(OfficeError) -> Value
  ) throws(OfficeError) -> Value {
    guard isCompressed else { return try body(file) }
    let plain = try UnnamedFile.make(in: scratch)
    defer { close(plain) }
    do throws(TarError) {
      _ = try Decompression.plain(
        file: file, into: plain, limits: TarLimits(limits), cancelled: isCancelled)
    } catch {
      throw OfficeError(error)
    }
    return try body(plain)
  }

  /// By the first bytes: gzip (RFC 1952), zstd (RFC 8878), xz.
  private var isCompressed: Bool {
    var magic = [UInt8](repeating: 0, count: 6)
    let count = pread(file, &magic, 6, 0)
    guard count == 6 else { return false }
    return magic.starts(with: [0x1F, 0x8B]) || magic.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
      || magic.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])
  }

  static let advice = "copy the file again; if it was made by hand, pack it again with tar"
}

extension ArchiveFile {
  /// Reads an archive of any kind from end to end and proves it; nothing is kept.
  /// Throws what an import or upload of it would.
  public func verify() throws(OfficeError) -> IntakeReport {
    let sink = NullSink()
    let receiver = ArchiveIntake.Receiver(open: { _, _, _ in sink }, finish: { _, _ in })
    let never = { false }
    return try withPlain(scratch: "/tmp", isCancelled: never) { (plain) throws(OfficeError) in
      var intake = ArchiveIntake(file: plain, for: .any, limits: limits)
      return try intake.read(into: receiver, isCancelled: never)
    }
  }
}

/// Takes items and keeps nothing.
private final class NullSink: ItemSink {
  func write(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {}
  func cut() throws(OfficeError) {}
  func end(_ key: ItemKey) throws(OfficeError) {}
  func abandon() throws(OfficeError) {}
}
