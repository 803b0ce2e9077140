import OfficeModel

/// One user of the sample office.
public struct DemoUser: Sendable, Equatable {
  /// The place in the office, from 0.
  public let index: Int
  /// ASCII, unique in the office.
  public let id: UserID
  /// As it is written in the user's country.
  public let name: String
  /// The default group first, then the others, each one of `DemoOffice.groups`.
  public let groups: [String]
}
