/// The name of a file in `archives/`: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}` and `.sar`, or `.odb` for one area's.
///
/// INVARIANT: `text` is ASCII and allowed.
public struct ArchiveName: Hashable, Sendable {
  /// The name as the administrator gave it.
  public let text: String

  /// Of a whole office.
  public static let officeSuffix = ".sar"
  /// Of one area.
  public static let areaSuffix = ".odb"
  /// The link to the newest archive, which nobody may upload.
  public static let latest = "latest.sar"
  /// The longest name without its suffix, in bytes.
  public static let maximumLength = 128

  /// Throws `.invalid` with the rule if the bytes are no allowed name.
  public init(_ bytes: some Collection<UInt8>) throws(OfficeError) {
    let suffix = bytes.suffix(4)
    let base = bytes.dropLast(4)
    guard
      suffix.elementsEqual(ArchiveName.officeSuffix.utf8)
        || suffix.elementsEqual(ArchiveName.areaSuffix.utf8)
    else {
      throw OfficeError(
        .invalid, "an archive's name ends in .sar, or in .odb for one area",
        item: Escaped.line(bytes), remedy: "give the file a name like backup-2026.sar")
    }
    guard let first = base.first, first.isAlphanumeric,
      base.count <= ArchiveName.maximumLength, base.allSatisfy(\.isArchiveNameByte)
    else {
      throw ArchiveName.refusal(of: bytes)
    }
    guard !bytes.elementsEqual(ArchiveName.latest.utf8) else {
      throw OfficeError(
        .invalid, "latest.sar is the link to the newest archive", item: ArchiveName.latest,
        remedy: "give the file another name")
    }
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Throws `.invalid` with the rule if the text is no allowed name.
  public init(_ text: String) throws(OfficeError) { try self.init(Array(text.utf8)) }

  /// What to say of a name that is none.
  public static func refusal(of bytes: some Collection<UInt8>) -> OfficeError {
    OfficeError(
      .invalid, "an archive's name may hold no umlauts, blanks or special characters",
      item: Escaped.line(bytes),
      remedy: "name it <name>.sar with 1 to \(maximumLength) of A-Z a-z 0-9 . _ - as its name, "
        + "beginning with a letter or digit")
  }

  /// Whether it is that of one area's archive.
  public var isArea: Bool { text.hasSuffix(ArchiveName.areaSuffix) }
}

extension ArchiveName: CustomStringConvertible {
  public var description: String { text }
}
