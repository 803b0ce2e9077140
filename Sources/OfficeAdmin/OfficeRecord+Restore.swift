import OfficeArchive
import OfficeModel

extension OfficeRecord {
  /// This record with the groups, or the settings and the backup group, of an archive's. What both have keeps its number
  /// and time; the rest gets a number of this office. Who has which Unix user is this server's, and stays.
  func restoring(
    _ archived: OfficeRecord, _ choice: RestoreChoice,
    newNumber: () throws(OfficeError) -> Int64
  ) throws(OfficeError) -> OfficeRecord {
    var result = OfficeRecord()
    let groups = choice.groups ? archived : self
    for (name, entry) in groups.groups {
      if let kept = self.groups[name] {
        try result.add(name, kept)
      } else {
        try result.add(name, entry.renumbered(newNumber))
      }
      try result.fill(.group(name), from: groups, keeping: self, newNumber)
    }
    let settings = choice.settings ? archived : self
    try result.fill(.backup, from: settings, keeping: self, newNumber)
    result.texts = texts
    guard choice.settings, archived.texts[.office]?.content != texts[.office]?.content else {
      return result
    }
    result.texts[.office] = archived.texts[.office]
    return result
  }

  private mutating func fill(
    _ list: List, from source: OfficeRecord, keeping own: OfficeRecord,
    _ newNumber: () throws(OfficeError) -> Int64
  ) throws(OfficeError) {
    let known = own.members(of: list) ?? [:]
    for (id, entry) in source.members(of: list) ?? [:] {
      if let kept = known[id] {
        try add(id, to: list, kept)
      } else {
        try add(id, to: list, entry.renumbered(newNumber))
      }
    }
  }

  /// What is other in `result`, one line each.
  func differences(to result: OfficeRecord) -> [String] {
    var lines: [String] = []
    for name in Set(groups.keys).union(result.groups.keys).sorted() {
      let members = change(of: .group(name), to: result)
      let what =
        groups[name] == nil ? "added" : result.groups[name] == nil ? "removed" : nil
      let parts = [what, members].compactMap { $0 }
      if !parts.isEmpty { lines.append("groups/\(name): " + parts.joined(separator: ", ")) }
    }
    if let members = change(of: .backup, to: result) {
      lines.append("settings/backup-group: \(members)")
    }
    for file in SettingsFile.allCases where texts[file]?.content != result.texts[file]?.content {
      lines.append("settings/\(file.rawValue): changed")
    }
    return lines
  }

  private func change(of list: List, to result: OfficeRecord) -> String? {
    let before = Set((members(of: list) ?? [:]).keys)
    let after = Set((result.members(of: list) ?? [:]).keys)
    let parts =
      after.subtracting(before).sorted().map { "+\($0)" }
      + before.subtracting(after).sorted().map { "-\($0)" }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }
}

extension OfficeRecord.Entry {
  fileprivate func renumbered(
    _ newNumber: () throws(OfficeError) -> Int64
  ) throws(OfficeError) -> OfficeRecord.Entry {
    OfficeRecord.Entry(number: try newNumber(), seconds: seconds)
  }
}
