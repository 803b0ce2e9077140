import OfficeModel

/// What a name in a drop folder means.
enum EntryName: Equatable {
  /// `<id>.udb` or `<name>.sar`: what the folder holds.
  case final(DropTarget)
  /// A tool's temporary file. `target` is what it will become, where the name tells.
  /// A strict one is checked at close, since its tool ignores what rename says (KIO).
  case scratch(target: DropTarget?, isStrict: Bool)

  /// What a folder holds.
  enum Kind {
    case users
    case archives

    fileprivate var suffixes: [[UInt8]] {
      switch self {
      case .users: [EntryName.fileExtension]
      case .archives:
        [ArchiveName.officeSuffix, ArchiveName.areaSuffix].map { Array($0.utf8) }
      }
    }

    /// Whose name this is; nil without the suffix. Throws `.invalid` with the rule.
    fileprivate func target(named name: [UInt8]) throws(OfficeError) -> DropTarget? {
      guard let stem = suffixes.lazy.compactMap({ name.removingSuffix($0) }).first else {
        return nil
      }
      switch self {
      case .users: return .user(try UserID(stem))
      case .archives:
        guard !name.elementsEqual(ArchiveName.latest.utf8) else { return .unnamedArchive }
        return .archive(try ArchiveName(name))
      }
    }
  }

  static let fileExtension: [UInt8] = Array(".udb".utf8)
  static let scratchFolder: [UInt8] = Array(".~tmp~".utf8)
  static let maximumLength = 255
  static let tooLong = OfficeError(.nameTooLong, "a name longer than 255 bytes")

  /// Throws `.nameTooLong`, or `.invalid` with the rule for a name that is neither.
  init(_ name: [UInt8], in kind: Kind = .users) throws(OfficeError) {
    guard name.count <= EntryName.maximumLength else {
      throw EntryName.tooLong
    }
    if name.first != UInt8(ascii: "."), let target = try kind.target(named: name) {
      self = .final(target)
      return
    }
    guard let scratch = try EntryName.scratch(name, kind) else {
      if kind == .archives { throw EntryName.noArchive(name) }
      throw OfficeError(
        .invalid, "not a name for this folder", item: Escaped.line(name),
        remedy: "files here are called <id>.udb")
    }
    self = scratch
  }

  private static func noArchive(_ name: [UInt8]) -> OfficeError {
    do throws(OfficeError) {
      _ = try ArchiveName(name)
    } catch {
      // An umlaut in a tool's temporary name, too, is what is wrong with it.
      if name.allSatisfy({ $0 < 0x80 }) { return error }
    }
    return ArchiveName.refusal(of: name)
  }

  /// The temporary names of cp, rsync, sftp, GIO, KIO, curl, sed and vim.
  private static func scratch(_ name: [UInt8], _ kind: Kind) throws(OfficeError) -> EntryName? {
    guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else { return nil }
    for suffix in strictSuffixes {
      guard let stem = name.removingSuffix(suffix) else { continue }
      return .scratch(target: try kind.target(named: stem.droppingDot), isStrict: true)
    }
    for suffix in looseSuffixes {
      guard let stem = name.removingSuffix(suffix) else { continue }
      return .scratch(target: try kind.target(named: stem.droppingDot), isStrict: false)
    }
    if name.first == UInt8(ascii: ".") {
      return .scratch(target: try embedded(Array(name.dropFirst()), kind), isStrict: false)
    }
    if isSed(name) || isVimProbe(name) { return .scratch(target: nil, isStrict: false) }
    return nil
  }

  private static let strictSuffixes = [".part", ".filepart"].map { Array($0.utf8) }
  private static let looseSuffixes = [".tmp", "~"].map { Array($0.utf8) }

  /// What `<id>.udb` or `<id>.udb.XXXXXX` behind a dot names.
  private static func embedded(
    _ rest: [UInt8], _ kind: Kind
  ) throws(OfficeError) -> DropTarget? {
    if let target = try kind.target(named: rest) { return target }
    guard let dot = rest.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    return try kind.target(named: Array(rest[..<dot]))
  }

  /// `sedXXXXXX` as mkstemp(3) makes it.
  private static func isSed(_ name: [UInt8]) -> Bool {
    name.count == 9 && name.starts(with: Array("sed".utf8))
      && name.dropFirst(3).allSatisfy { Unicode.Scalar($0).properties.isAlphabetic || isDigit($0) }
  }

  /// vim tries whether it may write with 4913, 5036, 5159 and so on.
  private static func isVimProbe(_ name: [UInt8]) -> Bool {
    name.allSatisfy(isDigit) && (4...5).contains(name.count)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

extension [UInt8] {
  /// What stands before `suffix`, if it ends with that and something stands before it.
  func removingSuffix(_ suffix: [UInt8]) -> [UInt8]? {
    guard count > suffix.count, self.suffix(suffix.count).elementsEqual(suffix) else { return nil }
    return Array(dropLast(suffix.count))
  }

  fileprivate var droppingDot: [UInt8] {
    first == UInt8(ascii: ".") ? Array(dropFirst()) : self
  }
}

extension UserID {
  /// The name of the user's file.
  var fileName: [UInt8] { Array(text.utf8) + EntryName.fileExtension }
}
