import Glibc
import OfficeModel

/// `owners.toml`: which of this server's Unix users is which of the office's.
public struct OwnerTable: Sendable, Equatable {
  private var users: [UserID: UInt32] = [:]

  public init() {}

  /// Reads lines such as `alice = "asmith"` or `"bob.b" = 1001`. Throws `.invalid` naming the line.
  public init(parsing text: String) throws(OfficeError) {
    let lines = try SettingsReader.root(of: text, .owners)
    for key in lines.keys {
      guard let id = try? UserID(key) else { throw lines.wrong(key, "not an allowed user id") }
      users[id] = try OwnerTable.owner(of: key, in: lines)
    }
  }

  /// The user's Unix user, by number; nil for one who has none.
  public subscript(id: UserID) -> UInt32? { users[id] }

  /// Who has another owner in `other`.
  public func differences(from other: OwnerTable) -> [UserID] {
    Set(users.keys).union(other.users.keys).filter { users[$0] != other.users[$0] }.sorted()
  }

  private static func owner(
    of key: String, in lines: SettingsSection
  ) throws(OfficeError) -> UInt32 {
    let value = lines.table[key]
    if let number = value?.int, let owner = UInt32(exactly: number) { return owner }
    if let name = value?.string, let owner = number(of: name) { return owner }
    throw lines.wrong(
      key, "not a Unix user of this server",
      remedy: "write ID = \"name\" or ID = number, ids with dots in quotes")
  }

  private static func number(of name: String) -> UInt32? {
    var entry = passwd()
    var buffer = [CChar](repeating: 0, count: 16_384)
    var found: UnsafeMutablePointer<passwd>?
    guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
      return nil
    }
    return entry.pw_uid
  }
}
