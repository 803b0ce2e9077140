/// One cell of a view: a user's data in one area.
public struct CellState: Sendable, Equatable {
  /// Which content this is; equal only where the bytes are. Meaningful to the view that gave it.
  public var storage: Int64
  /// The commit that made this version of the cell.
  public var born: Int64
  /// The document's size in bytes.
  public var size: Int64
  /// How many items it holds, frames included.
  public var items: Int64
  /// Seconds since 1970; part of the archive's bytes.
  public var mtime: Int64
  /// SHA-256 of the document.
  public var digest: Digest

  public init(
    storage: Int64, born: Int64, size: Int64, items: Int64, mtime: Int64, digest: Digest
  ) {
    self.storage = storage
    self.born = born
    self.size = size
    self.items = items
    self.mtime = mtime
    self.digest = digest
  }

  /// A cell that holds nothing.
  public static let empty = CellState(
    storage: 0, born: 0, size: 0, items: 0, mtime: 0, digest: Digest(of: []))
}

/// Sums over cells from which an archive's exact size follows without reading them.
public struct CellSums: Sendable, Equatable {
  /// How many cells, empty ones included.
  public var cells: Int64
  /// Σ of sizes, each rounded up to 512.
  public var padded: Int64
  /// How many are 8 GiB or larger and need a pax header.
  public var large: Int64
  /// Σ of the byte lengths of the ids of the cells' users.
  public var idBytes: Int64

  public init(cells: Int64 = 0, padded: Int64 = 0, large: Int64 = 0, idBytes: Int64 = 0) {
    self.cells = cells
    self.padded = padded
    self.large = large
    self.idBytes = idBytes
  }

  /// Of one user's cells.
  public init(_ cells: [CellState], of id: UserID) {
    self.init()
    for cell in cells { add(size: cell.size, idLength: id.text.utf8.count) }
  }

  /// Adds `count` (or, negative, takes away) cells of this size and user.
  public mutating func add(size: Int64, idLength: Int, count: Int64 = 1) {
    cells += count
    padded += count * ((size + 511) / 512 * 512)
    if size >= CellSums.largeSize { large += count }
    idBytes += count * Int64(idLength)
  }

  /// What a ustar size field can't hold (POSIX.1-1988: 11 octal digits).
  public static let largeSize: Int64 = 8 << 30
}

/// One user as a view shows them.
public struct UserState: Sendable, Equatable {
  /// Kept through renames.
  public var number: UserNumber
  public var id: UserID
  /// This version of the user's file: persistent, never reused, the same after a remount.
  public var version: Int64
  /// The commit that made this version.
  public var born: Int64
  /// The file's time in nanoseconds since 1970, as a tool set it or strictly increasing.
  public var mtime: Int64
  /// Over the user's nine cells.
  public var sums: CellSums

  public init(
    number: UserNumber, id: UserID, version: Int64, born: Int64, mtime: Int64, sums: CellSums
  ) {
    self.number = number
    self.id = id
    self.version = version
    self.born = born
    self.mtime = mtime
    self.sums = sums
  }
}

/// The office frozen at one number: the live office at a moment, a backup set, an entry of undo.
///
/// A view stays readable and the same for as long as it is held, whatever happens meanwhile; it blocks no writer.
/// All calls may be made from any thread at once.
public protocol OfficeView: AnyObject, Sendable {
  /// All users, sorted by the bytes of their ids.
  func users() throws(OfficeError) -> [UserState]

  /// One user; nil where there is none.
  func user(_ id: UserID) throws(OfficeError) -> UserState?

  /// A user's nine cells in the order of `Area.allCases`, `.empty` where nothing was ever entered.
  func cells(of user: UserNumber) throws(OfficeError) -> [CellState]

  /// One area's cell of each user, sorted by the bytes of the users' ids.
  func column(_ area: Area) throws(OfficeError) -> [(id: UserID, cell: CellState)]

  /// Fills `buffer` with a cell's document from `offset` on. Throws `.inputOutput` on damage, never delivers wrong or fewer bytes.
  func read(
    _ cell: CellState, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError)

  /// The same of several, at once where that costs less.
  func read(_ ranges: [CellRange]) throws(OfficeError)
}

extension OfficeView {
  public func read(_ ranges: [CellRange]) throws(OfficeError) {
    for range in ranges { try read(range.cell, at: range.offset, into: range.buffer) }
  }
}

/// A stretch of a cell's document, and where it is wanted.
public struct CellRange {
  public var cell: CellState
  /// Where it begins in the document.
  public var offset: Int64
  /// As long as the stretch; the caller's for as long as the read takes.
  public var buffer: UnsafeMutableRawBufferPointer

  public init(cell: CellState, offset: Int64, buffer: UnsafeMutableRawBufferPointer) {
    self.cell = cell
    self.offset = offset
    self.buffer = buffer
  }
}
