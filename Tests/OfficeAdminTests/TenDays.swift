import BackupRepository
import OfficeAdmin
import OfficeModel

/// An office whose clock is moved by hand, with a daemon that looks once an hour whether a backup is due.
final class TenDays {
  private let office: BackupOffice
  let calendar: OfficeCalendar
  /// Take effect at once.
  var settings = OfficeSettings() {
    didSet { try? backups.use(settings) }
  }
  private(set) var lines: [String] = []

  init(zone: String, beginning: Int64) throws {
    settings.timeZone = zone
    office = try BackupOffice(settings: settings, beginning: beginning)
    calendar = try OfficeCalendar(zone: zone)
  }

  var backups: OfficeBackups { office.backups }
  var now: Int64 { office.clock }

  var sets: [BackupSet] { get throws { try office.repository.sets() } }

  /// The clock goes on, or is set to another time.
  func move(by seconds: Int64) { office.clock += seconds }

  /// Hours pass; at each the daemon looks.
  func pass(hours: Int) {
    for _ in 0..<hours {
      move(by: 3_600)
      look()
    }
  }

  func look() { backups.look() }

  func run(_ process: String, _ areas: Set<Area> = Set(Area.allCases)) throws {
    _ = try backups.runner.backUp(areas, process: process, caller: "test")
  }

  func hold(_ number: Int64, as name: String) throws {
    guard let set = try office.repository.list().numbered(number)?.set else { return }
    try office.repository.hold(set, as: name)
  }

  func release(_ name: String) throws {
    try office.repository.release(hold: name, at: now, until: now + SetRemoval.kept)
  }

  /// Adds the listing as it is now: slots first, then what by-date/ alone has.
  func note(_ title: String) throws {
    lines.append("\(title) (\(Stamp.text(seconds: now)))")
    for slot in 0...Rotation.last {
      guard let set = try sets.first(where: { $0.slot == slot }) else { continue }
      lines.append("  \(slot == 0 ? "latest" : "\(slot)") \(TenDays.line(set))")
    }
    for set in try sets.reversed() where set.slot == nil {
      lines.append("  by-date \(TenDays.line(set))")
    }
  }

  private static func line(_ set: BackupSet) -> String {
    let areas =
      set.areas.count == Area.allCases.count
      ? "" : " " + set.areas.sorted().map(\.name).joined(separator: ",")
    let day = set.day.map { day in
      let date = Stamp.civil(days: day)
      return "day \(date.year)-\(date.month)-\(date.day)"
    }
    let hold = set.hold.map { " held as \($0)" } ?? ""
    return "\(set.number) \(set.name) \(set.process)\(areas) \(day ?? "no day")\(hold)"
  }
}
