import ItemStore
import OfficeModel

/// Damage that `verify` found.
public struct Fault: Sendable, Equatable {
  /// What is wrong, in one sentence.
  public var reason: String
  /// The files of the mount that it touches, such as `users/alice.udb`; empty if none shows it.
  public var files: [String]
}

extension Fault: CustomStringConvertible {
  public var description: String {
    files.isEmpty ? reason : "\(reason): \(files.joined(separator: ", "))"
  }
}

extension LiveStore {
  /// Checks everything: the file's structure, every row's check, every document against its size and SHA-256,
  /// every chunk against its own and its references, all sums, and undo. Changes nothing.
  ///
  /// Memory does not grow with the office but for 8 bytes a chunk. `progress` is given bytes read and bytes expected.
  public func verify(progress: (Int64, Int64) -> Void) throws(OfficeError) -> [Fault] {
    let bytes = (try? totals().bytes) ?? 0
    var verification = Verification(self, expected: 2 * bytes)
    try verification.run(progress)
    return verification.faults
  }
}
