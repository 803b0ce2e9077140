import OfficeModel

/// A feed that tells a test of each call before it is answered.
final class HookedFeed: ChangeFeed {
  private let feed: any ChangeFeed
  private let hook: @Sendable (String) throws(OfficeError) -> Void

  init(_ feed: any ChangeFeed, hook: @escaping @Sendable (String) throws(OfficeError) -> Void) {
    self.feed = feed
    self.hook = hook
  }

  var number: Int64 { feed.number }

  func changedUsers(since commit: Int64) throws(OfficeError) -> [UserID]? {
    try hook("changedUsers")
    return try feed.changedUsers(since: commit)
  }

  func items(
    of cell: CellState, since commit: Int64?, from place: ItemPlace
  ) throws(OfficeError) -> ItemPage {
    try hook("items")
    return try feed.items(of: cell, since: commit, from: place)
  }

  func contents(of chunks: [ContentChunk]) throws(OfficeError) -> [[UInt8]] {
    try hook("contents")
    return try feed.contents(of: chunks)
  }

  func users() throws(OfficeError) -> [UserState] { try feed.users() }

  func users(
    _ ids: [UserID]
  ) throws(OfficeError) -> [(user: UserState, cells: [CellState])?] {
    try hook("users")
    return try feed.users(ids)
  }

  func user(_ id: UserID) throws(OfficeError) -> UserState? { try feed.user(id) }

  func cells(of user: UserNumber) throws(OfficeError) -> [CellState] { try feed.cells(of: user) }

  func column(_ area: Area) throws(OfficeError) -> [(id: UserID, cell: CellState)] {
    try feed.column(area)
  }

  func read(
    _ cell: CellState, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    try feed.read(cell, at: offset, into: buffer)
  }
}
