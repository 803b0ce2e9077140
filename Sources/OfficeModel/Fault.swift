/// Damage that `verify` found.
public struct Fault: Sendable, Equatable {
  /// What is wrong, in one sentence.
  public var reason: String
  /// The files of the mount that it touches, such as `users/alice.udb`; empty if none shows it.
  public var files: [String]

  public init(reason: String, files: [String]) {
    self.reason = reason
    self.files = files
  }
}

extension Fault: CustomStringConvertible {
  public var description: String {
    files.isEmpty ? reason : "\(reason): \(files.joined(separator: ", "))"
  }
}
