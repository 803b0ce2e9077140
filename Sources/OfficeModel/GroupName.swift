/// A group's name: allowed as a user's id is, unique in an office regardless of case.
public struct GroupName: Hashable, Sendable, Comparable {
  /// The name as the administrator wrote it.
  public let text: String

  /// Throws `.invalid` with the rule if the bytes are no allowed name.
  public init(_ bytes: some Collection<UInt8>) throws(OfficeError) {
    guard let id = try? UserID(bytes) else {
      throw OfficeError(
        .invalid, "not an allowed group name", item: Escaped.line(bytes),
        remedy: "groups' names are 1 to 64 of A-Z a-z 0-9 . _ @ - and begin with a letter or digit")
    }
    text = id.text
  }

  /// Throws `.invalid` with the rule if the text is no allowed name.
  public init(_ text: String) throws(OfficeError) { try self.init(Array(text.utf8)) }

  /// What two names that differ only in case have in common.
  public var folded: String { text.lowercased() }

  public static func < (left: GroupName, right: GroupName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

extension GroupName: CustomStringConvertible {
  public var description: String { text }
}
