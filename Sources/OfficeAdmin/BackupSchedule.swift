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

  /// Seconds after which a backup that failed is tried again.
  public static let retry: Int64 = 3_600

  /// Whether the daemon should back up now: the set time has passed since the last full backup. A run that was missed
  /// is so caught up once, however many were missed. `failed` is when an attempt failed last, if that was not made good.
  public func isDue(
    at now: Int64, _ calendar: OfficeCalendar, sets: [BackupSet], failed: Int64? = nil
  ) -> Bool {
    guard mode != .remind else { return false }
    if let failed, (0..<BackupSchedule.retry).contains(now - failed) { return false }
    let today = calendar.day(of: now)
    var day = today
    if calendar.moment(of: time, on: day) > now { day -= 1 }
    return !hasBackup(since: calendar.moment(of: time, on: day), day: day, at: now, sets)
  }

  /// Whether the members of the backup group who are in the office are to be asked now. In mode remind they are while
  /// there was no full backup that day; in mode both, where the daemon makes one too, while there was none since noon.
  public func isReminding(
    at now: Int64, _ calendar: OfficeCalendar, sets: [BackupSet]
  ) -> Bool {
    guard mode != .auto, (reminderBegins..<reminderEnds).contains(calendar.time(of: now)) else {
      return false
    }
    let today = calendar.day(of: now)
    let begin = mode == .both ? reminderBegins : OfficeCalendar.TimeOfDay(hour: 0)
    return !hasBackup(since: calendar.moment(of: begin, on: today), day: today, at: now, sets)
  }

  // Stamps never go back, the clock may: then the days of the sets in slots tell whether there was one.
  private func hasBackup(
    since moment: Int64, day: Int64, at now: Int64, _ sets: [BackupSet]
  ) -> Bool {
    let last = sets.last {
      $0.chain == 0 && $0.isFull && $0.process != BackupSet.beforeRestore
    }
    guard let last else { return false }
    if last.stamp <= now { return last.stamp >= moment }
    return sets.contains { $0.slot != nil && $0.day == day }
  }
}
