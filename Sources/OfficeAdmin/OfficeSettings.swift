import Glibc
import OfficeModel
import TOMLKit

/// `office.toml` of a data directory: how much is taken, before anything is refused.
public struct OfficeSettings: Sendable, Equatable {
  public var limits = Limits()
  /// For how many days undo/ keeps things; at least 7.
  public var undoDays = 30

  public init() {}

  /// The file's name in the data directory.
  public static let fileName = "office.toml"

  /// What `officefs init` writes.
  public static let template = """
    # Limits of this office; remove the # to change one. A wrong file keeps the office from starting.
    [limits]
    # archive-bytes  = 68719476736   # the largest archive, uncompressed
    # archive-entries = 950000
    # expansion      = 200           # how many times its size a compressed archive may grow
    # line-bytes     = 33554432
    # item-bytes     = 50331648      # the largest event, card or row
    # calendar-bytes = 67108864      # the largest calendar

    [undo]
    # days = 30

    """

  /// Reads settings; what is not named keeps its default. Throws `.invalid` naming the key or the line.
  public init(parsing text: String) throws(OfficeError) {
    let table: TOMLTable
    do { table = try TOMLTable(string: text) } catch {
      throw OfficeError(
        .invalid, "office.toml is not TOML", remedy: "mend the line", cause: error)
    }
    for section in table.keys where !["limits", "undo"].contains(section) {
      throw OfficeSettings.unknown(section)
    }
    if let values = table["limits"]?.table {
      for key in values.keys {
        let value = try OfficeSettings.positive(values[key]?.int, key)
        switch key {
        case "archive-bytes": limits.archiveBytes = Int64(value)
        case "archive-entries": limits.archiveEntries = value
        case "expansion": limits.expansion = Int64(value)
        case "line-bytes": limits.lineBytes = value
        case "item-bytes": limits.itemBytes = value
        case "calendar-bytes": limits.calendarBytes = value
        default: throw OfficeSettings.unknown(key)
        }
      }
    }
    if let values = table["undo"]?.table {
      for key in values.keys {
        guard key == "days" else { throw OfficeSettings.unknown(key) }
        undoDays = try OfficeSettings.positive(values[key]?.int, key)
      }
      guard undoDays >= 7 else {
        throw OfficeError(.invalid, "undo is kept for 7 days at least", item: "days")
      }
    }
  }

  private static func positive(_ value: Int?, _ key: String) throws(OfficeError) -> Int {
    guard let value, value > 0 else {
      throw OfficeError(.invalid, "not a positive whole number", item: "\(fileName): \(key)")
    }
    return value
  }

  private static func unknown(_ key: String) -> OfficeError {
    OfficeError(
      .invalid, "not a setting", item: "\(fileName): \(Escaped.line(key))",
      remedy: "remove it, or see the comments that officefs init writes")
  }
}
