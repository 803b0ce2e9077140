import BackupRepository
import OfficeModel

/// When a backup is due and who is reminded of one: pure, from the sets there are and the time.
public struct BackupSchedule: Sendable, Equatable {
  /// Who sees to it that backups are made.
  public enum Mode: String, Sendable, CaseIterable {
    /// The daemon, at the set time.
    case auto
    /// The members of the backup group, who are reminded.
    case remind
    /// The daemon at the set time, and the members unless there was one since noon.
    case both
  }

  public var mode = Mode.auto
  /// When the daemon backs up.
  public var time = OfficeCalendar.TimeOfDay(hour: 0)
  /// Between these members are reminded.
  public var reminderBegins = OfficeCalendar.TimeOfDay(hour: 12)
  public var reminderEnds = OfficeCalendar.TimeOfDay(hour: 18)

  public init() {}

  /// Whether the daemon should back up now: the set time has passed since the last full backup. A run that was missed
  /// is so caught up once, however many were missed.
  public func isDue(
    at now: Int64, _ calendar: OfficeCalendar, sets: [BackupSet]
  ) -> Bool {
    guard mode != .remind else { return false }
    let today = calendar.day(of: now)
    var day = today
    if calendar.moment(of: time, on: day) > now { day -= 1 }
    return !hasBackup(since: calendar.moment(of: time, on: day), day: day, at: now, sets)
  }

  /// Whether a member of the backup group who is in the office should be asked now. `skipped` is the day on which this
  /// member last chose to skip.
  public func isReminding(
    at now: Int64, _ calendar: OfficeCalendar, sets: [BackupSet], skipped: Int64?
  ) -> Bool {
    guard mode != .auto else { return false }
    let today = calendar.day(of: now)
    guard skipped != today,
      (reminderBegins..<reminderEnds).contains(calendar.time(of: now))
    else { return false }
    let begin = calendar.moment(of: reminderBegins, on: today)
    return !hasBackup(since: begin, day: today, at: now, sets)
  }

  // Stamps never go back, the clock may: then the days of the sets in slots tell whether there was one.
  private func hasBackup(
    since moment: Int64, day: Int64, at now: Int64, _ sets: [BackupSet]
  ) -> Bool {
    let full = sets.filter { $0.chain == 0 && $0.areas.count == Area.allCases.count }
    guard let last = full.last else { return false }
    if last.stamp <= now { return last.stamp >= moment }
    return sets.contains { $0.slot != nil && $0.day == day }
  }
}
