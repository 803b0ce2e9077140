import OfficeModel
import Synchronization

/// A folder being read: entries in pages, so that memory does not grow with the folder.
///
/// INVARIANT: the last page given is kept, so the bridge may come back for entries that did not fit its reply.
final class OpenFolder: Sendable {
  /// Gives the entries behind the one with this name; nil begins. An empty page ends the folder.
  typealias Pages =
    @Sendable (_ after: [UInt8]?) throws(OfficeError) -> [(
      name: [UInt8], attributes: Attributes
    )]

  private struct State {
    /// Cookie of the page's first entry.
    var start: Int64 = 0
    var page: [DirectoryEntry] = []
    var isAtEnd = false
  }

  private let pages: Pages
  private let state = Mutex(State())

  init(pages: @escaping Pages) { self.pages = pages }

  /// Entries from `cookie` on, at most `limit`; none at the end.
  func read(from cookie: Int64, limit: Int) throws(OfficeError) -> [DirectoryEntry] {
    var current = state.withLock { $0 }
    if cookie < current.start { current = State() }
    while cookie >= current.start + Int64(current.page.count) {
      if current.isAtEnd { return [] }
      let next = try pages(current.page.last?.name)
      current.start += Int64(current.page.count)
      current.isAtEnd = next.isEmpty
      let start = current.start
      current.page = next.enumerated().map { index, entry in
        DirectoryEntry(
          name: entry.name, attributes: entry.attributes, next: start + Int64(index) + 1)
      }
    }
    let kept = current
    state.withLock { $0 = kept }
    return Array(current.page.dropFirst(Int(cookie - current.start)).prefix(limit))
  }
}
