import Glibc
import OfficeModel

/// What `settings/office.toml` says: how much is taken before anything is refused, how long things are kept, when backups
/// are made.
public struct OfficeSettings: Sendable, Equatable {
  public var limits = Limits()
  /// For how many days undo/ keeps things; at least 7.
  public var undoDays = 30
  /// When backups are made and who is reminded.
  public var backup = BackupSchedule()
  /// After how many minutes without a sign of life a session is stale.
  public var staleMinutes = 60
  /// The name of the office's time zone; nil for the machine's.
  public var timeZone: String?

  public init() {}

  /// What `officefs init` writes.
  public static let template = """
    # How this office is run; remove the # to change something. It takes effect when the file is saved.
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

    [sessions]
    # stale-minutes = 60            # not touched for this long, a session is marked stale

    """

  /// Days and times as the office counts them. Throws `.invalid` for a time zone this machine does not have.
  public func calendar() throws(OfficeError) -> OfficeCalendar {
    guard let timeZone else { return OfficeCalendar() }
    return try OfficeCalendar(zone: timeZone)
  }

  /// Reads settings; what is not named keeps its default. Throws `.invalid` with the line.
  public init(parsing text: String) throws(OfficeError) {
    let sections = try SettingsReader.sections(
      of: text, known: ["limits", "undo", "backup", "sessions"])
    for section in sections {
      for key in section.keys {
        switch section.name {
        case "limits": try read(limit: key, in: section)
        case "undo": try read(undo: key, in: section)
        case "sessions": try read(sessions: key, in: section)
        default: try read(backup: key, in: section)
        }
      }
      if section.name == "backup", backup.reminderBegins >= backup.reminderEnds {
        throw section.wrong("reminder-ends", "the reminders end before they begin")
      }
    }
  }

  private mutating func read(
    limit key: String, in section: SettingsSection
  ) throws(OfficeError) {
    let value = try section.positive(key)
    switch key {
    case "archive-bytes": limits.archiveBytes = Int64(value)
    case "archive-entries": limits.archiveEntries = value
    case "expansion": limits.expansion = Int64(value)
    case "line-bytes": limits.lineBytes = value
    case "item-bytes": limits.itemBytes = value
    case "calendar-bytes": limits.calendarBytes = value
    default: throw section.unknown(key)
    }
  }

  private mutating func read(undo key: String, in section: SettingsSection) throws(OfficeError) {
    guard key == "days" else { throw section.unknown(key) }
    undoDays = try section.positive(key)
    guard undoDays >= 7 else { throw section.wrong(key, "undo is kept for 7 days at least") }
  }

  private mutating func read(sessions key: String, in section: SettingsSection) throws(OfficeError)
  {
    guard key == "stale-minutes" else { throw section.unknown(key) }
    staleMinutes = try section.positive(key)
  }

  private mutating func read(
    backup key: String, in section: SettingsSection
  ) throws(OfficeError) {
    switch key {
    case "time": backup.time = try OfficeSettings.time(key, in: section)
    case "reminder-begins": backup.reminderBegins = try OfficeSettings.time(key, in: section)
    case "reminder-ends": backup.reminderEnds = try OfficeSettings.time(key, in: section)
    case "mode":
      guard let mode = BackupSchedule.Mode(rawValue: try section.text(key)) else {
        throw section.wrong(key, "the mode is \"auto\", \"remind\" or \"both\"")
      }
      backup.mode = mode
    case "time-zone":
      let zone = try section.text(key)
      do throws(OfficeError) { _ = try OfficeCalendar(zone: zone) } catch {
        throw section.wrong(key, error.reason, remedy: error.remedy)
      }
      timeZone = zone
    default: throw section.unknown(key)
    }
  }

  private static func time(
    _ key: String, in section: SettingsSection
  ) throws(OfficeError) -> OfficeCalendar.TimeOfDay {
    guard let time = OfficeCalendar.TimeOfDay(try section.text(key)) else {
      throw section.wrong(key, "not a time like \"09:30\"")
    }
    return time
  }
}
