/// What kind of sample office is made. Equal settings give equal bytes on every machine.
public struct DemoSettings: Sendable, Equatable {
  /// How many users; at least 1.
  public var users: Int
  /// Another seed, another office.
  public var seed: UInt64
  /// Messages in each user's mailbox; the webmail has a quarter as many.
  public var messages: Int
  /// The mean size of a message in bytes, its From_ line included; below about 900 the headers decide.
  public var messageBytes: Int

  public init(
    users: Int = 25, seed: UInt64 = 1, messages: Int = 40, messageBytes: Int = 3_000
  ) {
    self.users = max(1, users)
    self.seed = seed
    self.messages = max(0, messages)
    self.messageBytes = max(1, messageBytes)
  }
}
