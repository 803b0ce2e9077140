import OfficeModel

/// What a name in `users/` means.
enum EntryName: Equatable {
  /// `<id>.udb`: a user.
  case user(UserID)
  /// A tool's temporary file. `target` is the user it will become, where the name tells.
  /// A strict one is checked at close, since its tool ignores what rename says (KIO).
  case scratch(target: UserID?, isStrict: Bool)

  static let fileExtension: [UInt8] = Array(".udb".utf8)
  static let scratchFolder: [UInt8] = Array(".~tmp~".utf8)
  static let maximumLength = 255
  static let tooLong = OfficeError(.nameTooLong, "a name longer than 255 bytes")

  /// Throws `.nameTooLong`, or `.invalid` with the rule for a name that is neither.
  init(_ name: [UInt8]) throws(OfficeError) {
    guard name.count <= EntryName.maximumLength else {
      throw EntryName.tooLong
    }
    if let stem = name.removingSuffix(EntryName.fileExtension), name.first != UInt8(ascii: ".") {
      self = .user(try UserID(stem))
      return
    }
    guard let scratch = try EntryName.scratch(name) else {
      throw OfficeError(
        .invalid, "not a name for this folder", item: Escaped.line(name),
        remedy: "files here are called <id>.udb")
    }
    self = scratch
  }

  /// The temporary names of cp, rsync, sftp, GIO, KIO, curl, sed and vim.
  private static func scratch(_ name: [UInt8]) throws(OfficeError) -> EntryName? {
    guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else { return nil }
    for suffix in strictSuffixes {
      guard let stem = name.removingSuffix(suffix) else { continue }
      return .scratch(target: try user(named: stem.droppingDot), isStrict: true)
    }
    for suffix in looseSuffixes {
      guard let stem = name.removingSuffix(suffix) else { continue }
      return .scratch(target: try user(named: stem.droppingDot), isStrict: false)
    }
    if name.first == UInt8(ascii: ".") {
      return .scratch(target: try embeddedUser(Array(name.dropFirst())), isStrict: false)
    }
    if isSed(name) || isVimProbe(name) { return .scratch(target: nil, isStrict: false) }
    return nil
  }

  private static let strictSuffixes = [".part", ".filepart"].map { Array($0.utf8) }
  private static let looseSuffixes = [".tmp", "~"].map { Array($0.utf8) }

  /// The user of `<id>.udb`; a stem without the extension names nobody.
  private static func user(named stem: [UInt8]) throws(OfficeError) -> UserID? {
    guard let id = stem.removingSuffix(fileExtension) else { return nil }
    return try UserID(id)
  }

  /// The user of `<id>.udb` or `<id>.udb.XXXXXX` behind a dot.
  private static func embeddedUser(_ rest: [UInt8]) throws(OfficeError) -> UserID? {
    if let id = rest.removingSuffix(fileExtension) { return try UserID(id) }
    guard let dot = rest.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    return try user(named: Array(rest[..<dot]))
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
