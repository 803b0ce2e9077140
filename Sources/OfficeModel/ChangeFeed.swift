/// A view whose items another store can take over: a backup reads the office by it, a restore a set.
///
/// Each call is one short read that blocks no writer; the view keeps what it shows from being purged.
public protocol ItemFeed: OfficeView {
  /// A page of a cell's items, or with `since` (the cell's `born` that is known already) of what happened to them.
  ///
  /// An item may be named twice if others write meanwhile, then with the same content. Throws `.inputOutput` on damage.
  func items(
    of cell: CellState, since commit: Int64?, from place: ItemPlace
  ) throws(OfficeError) -> ItemPage

  /// The bytes of chunks, in their order; ask for a few MiB at once. Throws `.inputOutput` on damage.
  func contents(of chunks: [ContentChunk]) throws(OfficeError) -> [[UInt8]]
}

/// The live office at one commit as a backup reads it: besides all there is, only what changed since an earlier commit.
public protocol ChangeFeed: ItemFeed {
  /// The commit.
  var number: Int64 { get }

  /// The ids that users had or have who were added, deleted, renamed or changed in a cell after commit `since`,
  /// sorted; nil if that can't be told any more (purged, or a commit that this office never had).
  func changedUsers(since commit: Int64) throws(OfficeError) -> [UserID]?

  /// Each user with the nine cells, in one read: ask for a hundred or so. Nil for who is not there.
  func users(
    _ ids: [UserID]
  ) throws(OfficeError) -> [(user: UserState, cells: [CellState])?]
}
