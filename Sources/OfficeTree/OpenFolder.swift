import OfficeModel
import Synchronization

/// A folder being read: entries in pages, so that memory does not grow with the folder.
///
/// INVARIANT: the last page given is kept, so the bridge may come back for entries that did not fit its reply.
final class OpenFolder: Sendable {
  typealias Entry = (name: [UInt8], attributes: Attributes)

  /// Gives the entries behind the one with this name; nil begins. An empty page ends the folder.
  typealias Pages = @Sendable (_ after: [UInt8]?) throws(OfficeError) -> [Entry]

  /// The pages of a folder that is small enough to be listed at one go.
  static func pages(
    _ entries: @escaping @Sendable () throws(OfficeError) -> [Entry]
  ) -> Pages {
    { (after) throws(OfficeError) in page(try entries(), after: after) }
  }

  /// What is behind `name` in the order of bytes, so that whoever asks again in the middle misses none and sees none twice,
  /// also if the entry of that name has gone.
  static func page(_ entries: [Entry], after name: [UInt8]?) -> [Entry] {
    entries.filter { name?.lexicographicallyPrecedes($0.name) ?? true }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  private struct State {
    /// Cookie of the page's first entry.
    var start: Int64 = 0
    var page: [DirectoryEntry] = []
    /// The name before the page's first entry.
    var before: [UInt8]?
    /// The folder's stamp when the page was made.
    var stamp: Int64 = 0
    var isAtEnd = false
  }

  private let pages: Pages
  private let stamp: @Sendable () -> Int64
  private let state = Mutex(State())

  /// `stamp` differs when an entry of the folder has changed: what was kept is then made anew, so that the kernel
  /// is never told of a version that has gone.
  init(stamp: @escaping @Sendable () -> Int64, pages: @escaping Pages) {
    self.stamp = stamp
    self.pages = pages
  }

  /// Entries from `cookie` on, at most `limit`; none at the end.
  func read(from cookie: Int64, limit: Int) throws(OfficeError) -> [DirectoryEntry] {
    var current = state.withLock { $0 }
    if cookie < current.start { current = State() }
    let now = stamp()
    if !current.page.isEmpty, current.stamp != now,
      cookie < current.start + Int64(current.page.count)
    {
      // The rest of the page, from the entry that the kernel has not taken yet.
      let index = Int(cookie - current.start)
      if index > 0 { current.before = current.page[index - 1].name }
      current = State(start: cookie, before: current.before)
    }
    while cookie >= current.start + Int64(current.page.count) {
      if current.isAtEnd { return [] }
      let last = current.page.last?.name ?? current.before
      current.stamp = stamp()
      let next = try pages(last)
      current.start += Int64(current.page.count)
      current.before = last
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
