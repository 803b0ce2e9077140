import OfficeModel
import Synchronization
import TestSupport

/// Counts what is asked of a view.
final class CountingView: OfficeView {
  private let view: DictionaryView
  private let offset: Int64
  private let count = Mutex((looks: 0, reads: 0, bytes: 0))

  init(_ view: DictionaryView, numberOffset: Int64 = 0) {
    self.view = view
    offset = numberOffset
  }

  var looks: Int { count.withLock { $0.looks } }
  /// How often content was asked for.
  var reads: Int { count.withLock { $0.reads } }
  var bytesRead: Int { count.withLock { $0.bytes } }

  func users() throws(OfficeError) -> [UserState] { try view.users().map(moved) }
  func user(_ id: UserID) throws(OfficeError) -> UserState? { try view.user(id).map(moved) }

  func cells(of user: UserNumber) throws(OfficeError) -> [CellState] {
    count.withLock { $0.looks += 1 }
    return try view.cells(of: UserNumber(rawValue: user.rawValue - offset))
  }

  func column(_ area: Area) throws(OfficeError) -> [(id: UserID, cell: CellState)] {
    try view.column(area)
  }

  func read(
    _ cell: CellState, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    try read([CellRange(cell: cell, offset: offset, buffer: buffer)])
  }

  func read(_ ranges: [CellRange]) throws(OfficeError) {
    count.withLock { $0.reads += 1 }
    for range in ranges {
      count.withLock { $0.bytes += range.buffer.count }
      try view.read(range.cell, at: range.offset, into: range.buffer)
    }
  }

  private func moved(_ user: UserState) -> UserState {
    var user = user
    user.number = UserNumber(rawValue: user.number.rawValue + offset)
    user.version += offset
    user.mtime += offset
    return user
  }
}
