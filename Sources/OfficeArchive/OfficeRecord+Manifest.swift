import AreaCodecs
import OfficeModel

// As `office.json` of a whole office shows it and gives it back: what another server can use, without numbers and times.

extension OfficeRecord {
  private static let backupGroup = "backup-group"
  private static let shown = [SettingsFile.office]

  /// The exact bytes of `office.json`: sorted, and the same for the same groups and settings.
  public var manifest: [UInt8] {
    let groups = groups.keys.sorted().map { name in
      JSONText.quoted(name.text) + [UInt8(ascii: ":")]
        + OfficeRecord.array(members(of: .group(name)))
    }
    var settings = [
      JSONText.quoted(OfficeRecord.backupGroup) + [UInt8(ascii: ":")]
        + OfficeRecord.array(members(of: .backup))
    ]
    for file in OfficeRecord.shown {
      guard let text = texts[file] else { continue }
      settings.append(
        JSONText.quoted(file.rawValue) + [UInt8(ascii: ":")] + JSONText.quoted(text.content))
    }
    let comma = [UInt8(ascii: ",")]
    return Array("{\"format\":\(ArchiveManifest.currentFormat),\"kind\":\"office\",".utf8)
      + Array("\"groups\":{".utf8) + Array(groups.joined(separator: comma))
      + Array("},\"settings\":{".utf8) + Array(settings.joined(separator: comma))
      + Array("}}\n".utf8)
  }

  /// Reads what `manifest` says, which is all that it takes up: numbers are given by `newNumber`, `seconds` is when it
  /// was added. Throws `.badArchive` for what is no such text or names what is no allowed name.
  public init(
    manifest bytes: [UInt8], seconds: Int64, newNumber: () throws(OfficeError) -> Int64
  ) throws(OfficeError) {
    self.init()
    let root = try JSONDocument(bytes, limits: OfficeRecord.limits).root
    do throws(OfficeError) {
      for (name, value) in root["groups"]?.members ?? [] {
        let group = try GroupName(name)
        try add(group, Entry(number: try newNumber(), seconds: seconds))
        try add(value, to: .group(group), seconds, newNumber)
      }
      for (name, value) in root["settings"]?.members ?? [] {
        if name == Array(OfficeRecord.backupGroup.utf8) {
          try add(value, to: .backup, seconds, newNumber)
        } else if let file = SettingsFile(rawValue: String(decoding: name, as: UTF8.self)),
          let text = value.string
        {
          texts[file] = Text(content: text, seconds: seconds)
        } else {
          throw OfficeError(.badArchive, "not a setting", item: Escaped.line(name))
        }
      }
    } catch {
      throw OfficeError(
        .badArchive, error.reason, item: "office.json: \(error.item ?? "")", remedy: error.remedy)
    }
  }

  private mutating func add(
    _ value: JSONValue, to list: List, _ seconds: Int64,
    _ newNumber: () throws(OfficeError) -> Int64
  ) throws(OfficeError) {
    guard let elements = value.elements else { throw OfficeError(.badArchive, "no list of ids") }
    for element in elements {
      try add(
        try UserID(element.string ?? ""), to: list,
        Entry(number: try newNumber(), seconds: seconds))
    }
  }

  private static func array(_ members: [UserID: Entry]?) -> [UInt8] {
    let ids = (members ?? [:]).keys.sorted().map { JSONText.quoted($0.text) }
    return [UInt8(ascii: "[")] + Array(ids.joined(separator: [UInt8(ascii: ",")]))
      + [UInt8(ascii: "]")]
  }
}
