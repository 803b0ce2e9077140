import ItemStore
import OfficeModel

/// One backup set: the office, or what was chosen of it, frozen under a number.
public struct BackupSet: Sendable, Equatable {
  /// Sets are ordered by it, never by the clock; never reused.
  public var number: Int64
  /// 0 for the office's own backups; every upload is a chain of its own.
  public var chain: Int64
  /// Seconds since 1970, larger than that of any set of the chain before; an upload's own time.
  public var stamp: Int64
  /// Who made it, as in the names of archives: scheduled, manual, before-restore, upload.
  public var process: String
  /// The areas that this set brought up to date; all nine in a full one.
  public var areas: Set<Area>
  /// The calendar day it stands for in the office's time zone, counted from 1970-01-01; nil while no full backup
  /// has given it one.
  public var day: Int64?
  /// 0 for the latest, 1 to 7 for those before it; nil in none.
  public var slot: Int?
  /// The name it is held under; nil if it is not.
  public var hold: String?
  /// In no slot and not held, or removed, it is dropped after this time, in seconds since 1970.
  public var until: Int64 = .max
  /// How many files of users it shows.
  public var users: Int64 = 0
  /// How many items differ from the set before.
  public var changed: Int64 = 0
  /// Bytes of content that no set had before.
  public var added: Int64 = 0
  /// The version of the data's form.
  public var format: Int64 = BackupSet.currentFormat
  /// The backup's name, see `LiveStore.beginBackup`; 0 for an upload.
  public var backup: Int64 = 0

  /// What it came from if it was uploaded; nil for the office's own.
  public var upload: UploadOrigin?
  /// When and why it was taken out of the list of sets; nil for one that is in it.
  public var removal: SetRemoval?

  public static let currentFormat: Int64 = 1
  /// The process of a set that a restore makes of what it is about to replace.
  public static let beforeRestore = "before-restore"

  /// Whether it brought all areas up to date.
  public var isFull: Bool { areas.count == Area.allCases.count }

  /// `2026-03-05T101500Z`: its name in `by-date/`.
  public var name: String { Stamp.text(seconds: stamp) }
}

/// What a set shows of an area.
public struct SetArea: Sendable, Equatable {
  public var area: Area
  /// The set that brought it up to date last; 0 if none did.
  public var updated: Int64 = 0
  /// That set's time, in seconds since 1970.
  public var stamp: Int64 = 0
  /// The commit of the live office that it shows; -1 if that says nothing any more.
  public var seen: Int64 = -1
  /// From which the column's exact size follows.
  public var sums = CellSums()
  /// How many items, frames included.
  public var items: Int64 = 0
  /// Bytes of documents.
  public var bytes: Int64 = 0

  /// The office's own cell is in no column.
  mutating func add(_ cell: CellState, of id: UserID, count: Int64) {
    guard id != .office else { return }
    sums.add(size: cell.size, idLength: id.text.utf8.count, count: count)
    items += count * cell.items
    bytes += count * cell.size
  }
}
