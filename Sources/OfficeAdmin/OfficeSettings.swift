import Glibc
import OfficeModel
import TOMLKit

/// `office.toml` of a data directory: how much is taken, before anything is refused.
public struct OfficeSettings: Sendable, Equatable {
  public var limits = Limits()
  /// For how many days undo/ keeps things; at least 7.
  public var undoDays = 30
  /// When backups are made and who is reminded.
  public var backup = BackupSchedule()
  /// The name of the office's time zone; nil for the machine's.
  public var timeZone: String?

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

    [backup]
    # time = "00:00"                # when the daemon backs up
    # mode = "auto"                 # auto, remind (the backup group is reminded) or both
    # reminder-begins = "12:00"
    # reminder-ends   = "18:00"
    # time-zone = "Europe/Berlin"   # whose days count; the machine's if it is not set

    """

  /// Days and times as the office counts them. Throws `.invalid` for a time zone this machine does not have.
  public func calendar() throws(OfficeError) -> OfficeCalendar {
    guard let timeZone else { return OfficeCalendar() }
    return try OfficeCalendar(zone: timeZone)
  }

  /// Reads settings; what is not named keeps its default. Throws `.invalid` naming the key or the line.
  public init(parsing text: String) throws(OfficeError) {
    let table: TOMLTable
    do { table = try TOMLTable(string: text) } catch {
      throw OfficeError(
        .invalid, "office.toml is not TOML", remedy: "mend the line", cause: error)
    }
    for section in table.keys where !["limits", "undo", "backup"].contains(section) {
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
    if let values = table["backup"]?.table { try read(backup: values) }
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

  private mutating func read(backup values: TOMLTable) throws(OfficeError) {
    for key in values.keys {
      let text = values[key]?.string ?? ""
      switch key {
      case "time": backup.time = try OfficeSettings.time(text, key)
      case "reminder-begins": backup.reminderBegins = try OfficeSettings.time(text, key)
      case "reminder-ends": backup.reminderEnds = try OfficeSettings.time(text, key)
      case "mode":
        guard let mode = BackupSchedule.Mode(rawValue: text) else {
          throw OfficeError(
            .invalid, "the mode is auto, remind or both", item: "\(OfficeSettings.fileName): mode")
        }
        backup.mode = mode
      case "time-zone":
        _ = try OfficeCalendar(zone: text)
        timeZone = text
      default: throw OfficeSettings.unknown(key)
      }
    }
    guard backup.reminderBegins < backup.reminderEnds else {
      throw OfficeError(
        .invalid, "the reminders end before they begin",
        item: "\(OfficeSettings.fileName): reminder-ends")
    }
  }

  private static func time(
    _ text: String, _ key: String
  ) throws(OfficeError) -> OfficeCalendar.TimeOfDay {
    guard let time = OfficeCalendar.TimeOfDay(text) else {
      throw OfficeError(.invalid, "not a time like \"09:30\"", item: "\(fileName): \(key)")
    }
    return time
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
