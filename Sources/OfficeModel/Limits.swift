/// How much of anything is taken before it is refused. All sizes are in bytes.
public struct Limits: Sendable, Equatable {
  /// The largest archive, uncompressed.
  public var archiveBytes: Int64 = 64 << 30
  /// The most entries of one archive.
  public var archiveEntries = 950_000
  /// The largest pax header or long name of an entry.
  public var headerBytes = 64 << 10
  /// How many times its size a compressed archive may grow.
  public var expansion: Int64 = 200
  /// The longest physical line of a document.
  public var lineBytes = 32 << 20
  /// The largest item that has to be held whole: an event series, a card, a row.
  public var itemBytes = 48 << 20
  /// The largest calendar, which is framed as a whole.
  public var calendarBytes = 64 << 20
  /// The largest JSON document.
  public var jsonBytes = 1 << 20
  /// The largest office.json, which lists the members of all groups.
  public var manifestBytes = 4 << 20
  /// The deepest nesting of JSON values or calendar components.
  public var depth = 64
  /// The most columns of a table row.
  public var columns = 1_000
  /// The most lines one logical line may be folded into.
  public var folds = 1_000_000

  public init() {}
}
