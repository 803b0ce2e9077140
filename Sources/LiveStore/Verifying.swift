import ItemStore
import OfficeModel

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
