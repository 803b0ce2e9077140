import BackupRepository
import OfficeModel

/// The text of `backup.txt`: a line for each set, newest first.
enum BackupTable {
  private static let head = [
    "slot", "stamp", "process", "hold", "users", "items", "bytes", "changed", "format",
    "restorable", "areas of other times",
  ]

  static func text(_ list: SetList) -> [UInt8] {
    let rows = [head] + list.own.reversed().map(row)
    var widths = [Int](repeating: 0, count: head.count)
    for row in rows {
      for (column, cell) in row.enumerated() {
        widths[column] = max(widths[column], cell.utf8.count)
      }
    }
    var text: [UInt8] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        text += cell.utf8
        guard column < row.count - 1 else { break }
        text += [UInt8](repeating: 0x20, count: widths[column] - cell.utf8.count + 2)
      }
      text.append(0x0A)
    }
    return text
  }

  private static func row(_ listed: ListedSet) -> [String] {
    let set = listed.set
    let slot = set.slot.map { $0 == Rotation.latest ? "latest" : "\($0)" } ?? "-"
    let others = listed.olderAreas.map { area, stamp in
      "\(area.name)=\(stamp == 0 ? "never" : Stamp.text(seconds: stamp))"
    }
    let isNewer = set.format > BackupSet.currentFormat
    return [
      slot, set.name, set.process, set.hold ?? "-", "\(set.users)", "\(listed.items)",
      "\(listed.bytes)", "\(set.changed)", "\(set.format)",
      isNewer ? "newer-format" : listed.areas == nil ? "damaged" : "yes",
      others.isEmpty ? "-" : others.joined(separator: ","),
    ]
  }
}
