import ItemStore
import OfficeModel
import Synchronization

/// Storages of which something could not be read since the program began: their digests promise what is not there.
///
/// LOCK ORDER: innermost.
final class DamagedStorages: Sendable {
  /// So many are remembered; who has more should not restore but bring a copy of the disk back.
  private static let most = 100_000
  private let storages = Mutex<Set<Int64>>([])

  func contains(_ storage: Int64) -> Bool { storages.withLock { $0.contains(storage) } }

  func note(_ storage: Int64) {
    storages.withLock { if $0.count < DamagedStorages.most { $0.insert(storage) } }
  }
}

extension LiveStore {
  /// Whether something of the cell could not be read since the program began. Costs no read.
  public func isDamaged(_ cell: CellState) -> Bool { damaged.contains(cell.storage) }

  /// Reads something of a cell, and remembers if that fails.
  func reading<T>(
    _ cell: CellState, _ body: () throws(OfficeError) -> T
  ) throws(OfficeError) -> T {
    do throws(OfficeError) {
      return try body()
    } catch {
      note(error, reading: cell)
      throw error
    }
  }

  /// Remembers that something of a cell could not be read, if this says so.
  func note(_ error: OfficeError, reading cell: CellState) {
    if error.code == .inputOutput, cell.storage != 0 { damaged.note(cell.storage) }
  }

  /// The same of its rows, all of them: to find out which of two cells a comparison could not read.
  func hasUnreadableRows(_ cell: CellState) -> Bool {
    var place: ItemPlace? = .start
    while let from = place {
      do throws(OfficeError) {
        place = try reading(cell) { () throws(OfficeError) in
          try items.items(of: cell.stored, since: nil, from: from)
        }.next
      } catch {
        return isDamaged(cell)
      }
    }
    return false
  }
}
