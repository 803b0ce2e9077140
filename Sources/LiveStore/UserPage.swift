import ItemStore
import OfficeModel

/// Some users in the order of their ids.
public struct UserPage: Sendable {
  public var users: [UserState] = []
  /// The last id that was looked at: where the next page begins. The same as before at the end.
  public var end: String
  /// How many rows within the page are damaged, so that their users can't be shown.
  public var damaged = 0

  /// All users of the page. Throws `.inputOutput` if one can't be shown.
  func whole() throws(OfficeError) -> [UserState] {
    guard damaged == 0 else { throw Damage.found("\(damaged) user versions") }
    return users
  }
}
