/// A user's id: `[A-Za-z0-9][A-Za-z0-9._@-]{0,63}`, unique in an office regardless of case.
///
/// INVARIANT: `text` is ASCII and allowed, or that of `office`, so that String comparison is comparison of bytes.
public struct UserID: Hashable, Sendable, Comparable {
  /// The id as the administrator wrote it.
  public let text: String

  /// The longest id, in bytes.
  public static let maximumLength = 64

  /// Throws `.invalid` with the rule if the bytes are no allowed id.
  public init(_ bytes: some Collection<UInt8>) throws(OfficeError) {
    guard let first = bytes.first, first.isAlphanumeric,
      bytes.count <= UserID.maximumLength,
      bytes.allSatisfy({ $0.isAlphanumeric || UserID.punctuation.contains($0) })
    else {
      throw OfficeError(
        .invalid, "not an allowed user id", item: Escaped.line(bytes),
        remedy: "ids are 1 to 64 of A-Z a-z 0-9 . _ @ - and begin with a letter or digit")
    }
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Throws `.invalid` with the rule if the text is no allowed id.
  public init(_ text: String) throws(OfficeError) { try self.init(text.utf8) }

  /// From a database, where `office` stands among the users. Throws `.invalid` as `init(_:)` does.
  public init(stored text: String) throws(OfficeError) {
    if text == UserID.office.text { self = .office } else { try self.init(text) }
  }

  private init(reserved text: String) { self.text = text }

  /// Whose cells hold what belongs to no user: the office's groups and settings.
  ///
  /// No name a tool can give is this one: it is in no list of users and in no sum, but versioned, kept by undo, backed up
  /// and verified as every user is.
  public static let office = UserID(reserved: "@office")

  /// What two ids that differ only in case have in common.
  public var folded: String { text.lowercased() }

  public static func < (left: UserID, right: UserID) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  private static let punctuation: [UInt8] = Array("._@-".utf8)
}

extension UserID: CustomStringConvertible {
  public var description: String { text }
}

/// A user's number: given at creation, kept through renames, never reused.
public struct UserNumber: RawRepresentable, Hashable, Sendable, Comparable {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public static func < (left: UserNumber, right: UserNumber) -> Bool {
    left.rawValue < right.rawValue
  }
}
