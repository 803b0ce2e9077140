import ItemStore
import OfficeModel
import Synchronization

/// The rows of all sets, of which each is read again only once it is another: what changes one set of hundreds costs little
/// more than where there is one.
///
/// INVARIANT: a row's check is over all of it, so under the same number the same check is the same row. Damage that comes
/// to a row once it was read is found by `verify` and by the next start.
final class SetRows: Sendable {
  typealias Row = (set: BackupSet, state: SetState)

  private struct Known: Sendable {
    var mark: Int64
    var set: BackupSet
    var state: SetState
  }

  private let known = Mutex<[Int64: Known]>([:])

  /// All rows in the order of their numbers, and the numbers of those that are damaged.
  func all(in connection: Connection) throws(OfficeError) -> (rows: [Row], damaged: [Int64]) {
    let before = known.withLock { $0 }
    var (after, rows, damaged) = ([Int64: Known](), [Row](), [Int64]())
    var isChanged = false
    for (number, mark) in try SetTable.marks(in: connection) {
      if let known = before[number], known.mark == mark {
        rows.append((known.set, known.state))
      } else if let row = try SetTable.whole(number, in: connection) {
        rows.append(row)
        after[number] = Known(mark: mark, set: row.set, state: row.state)
        isChanged = true
      } else {
        damaged.append(number)
      }
    }
    if isChanged || rows.count < before.count {
      // Never written to again: others read what is known without the lock.
      for row in rows where after[row.set.number] == nil {
        after[row.set.number] = before[row.set.number]
      }
      let fresh = after
      known.withLock { $0 = fresh }
    }
    return (rows, damaged)
  }

  /// All listed sets in the order of their numbers, the removed among them. Throws if the row of any is damaged.
  func listed(in connection: Connection) throws(OfficeError) -> [BackupSet] {
    let (rows, damaged) = try all(in: connection)
    if let number = damaged.first { throw Damage.found("backup set \(number)") }
    return rows.filter { $0.state == .listed }.map(\.set)
  }
}
