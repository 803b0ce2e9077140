import OfficeModel
import TOMLKit

/// One section of a settings file, or what stands before all sections: gives each value once and says in which line a wrong one stands.
struct SettingsSection {
  /// Empty before all sections.
  let name: String
  let table: TOMLTable
  private let file: SettingsFile
  private let lines: [Substring]

  fileprivate init(
    _ file: SettingsFile, _ name: String, _ table: TOMLTable, _ lines: [Substring]
  ) {
    self.file = file
    self.name = name
    self.table = table
    self.lines = lines
  }

  /// The section's keys.
  var keys: [String] { table.keys }

  /// A value that is text. Throws `.invalid`.
  func text(_ key: String) throws(OfficeError) -> String {
    guard let text = table[key]?.string else { throw wrong(key, "not text in quotes") }
    return text
  }

  /// A whole number above 0. Throws `.invalid`.
  func positive(_ key: String) throws(OfficeError) -> Int {
    guard let value = table[key]?.int, value > 0 else {
      throw wrong(key, "not a positive whole number")
    }
    return value
  }

  /// What to throw for a key or its value.
  func wrong(
    _ key: String, _ reason: String, remedy: String? = nil, cause: (any Error)? = nil
  ) -> OfficeError {
    OfficeError(
      .invalid, reason, item: "\(file.rawValue) \(place(of: key))", remedy: remedy,
      cause: cause)
  }

  /// What to throw for a key that is no setting.
  func unknown(_ key: String) -> OfficeError {
    wrong(key, "not a setting", remedy: "remove it, or see the comments that officefs init writes")
  }

  private func place(of key: String) -> String {
    let shown = Escaped.line(name.isEmpty ? key : "\(name).\(key)")
    return SettingsReader.line(of: key, in: name, lines).map { "line \($0): \(shown)" } ?? shown
  }
}

/// Reads the texts of settings.
enum SettingsReader {
  /// What stands before all sections. Throws `.invalid` with the line.
  static func root(of text: String, _ file: SettingsFile) throws(OfficeError) -> SettingsSection {
    SettingsSection(file, "", try table(of: text, file), lines(of: text))
  }

  /// The sections that are there, each of a name in `known`. Throws `.invalid` with the line.
  static func sections(
    of text: String, known: [String]
  ) throws(OfficeError) -> [SettingsSection] {
    let file = SettingsFile.office
    let root = try table(of: text, file)
    let lines = lines(of: text)
    var sections: [SettingsSection] = []
    for name in root.keys {
      guard known.contains(name), let table = root[name]?.table else {
        let line = line(of: nil, in: name, lines) ?? self.line(of: name, in: "", lines)
        throw OfficeError(
          .invalid, "not a section of settings",
          item: file.rawValue + (line.map { " line \($0)" } ?? "")
            + ": \(Escaped.line(name))",
          remedy: "remove it, or see the comments that officefs init writes")
      }
      sections.append(SettingsSection(file, name, table, lines))
    }
    return sections
  }

  private static func table(
    of text: String, _ file: SettingsFile
  ) throws(OfficeError) -> TOMLTable {
    if let fault = SettingsText.fault(in: text) {
      throw OfficeError(
        .invalid, "this is not what settings look like",
        item: "\(file.rawValue) line \(fault.line)", remedy: fault.remedy)
    }
    do { return try TOMLTable(string: text) } catch {
      let place = (error as? TOMLParseError).map { " line \($0.source.begin.line)" } ?? ""
      throw OfficeError(
        .invalid, "this is not TOML", item: file.rawValue + place, remedy: "mend the line",
        cause: error)
    }
  }

  private static func lines(of text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  /// Where a key is set, or where its section begins; nil where it is written in one of TOML's other ways.
  static func line(of key: String?, in section: String, _ lines: [Substring]) -> Int? {
    var current = ""
    for (index, line) in lines.enumerated() {
      let words = line.prefix { $0 != "#" && $0 != "=" }.filter { !$0.isWhitespace && $0 != "\"" }
      if words.hasPrefix("[") {
        current = String(words.drop { $0 == "[" }.prefix { $0 != "]" })
        if current == section && key == nil { return index + 1 }
      } else if let key, !words.isEmpty,
        current == section && words == key || current.isEmpty && words == "\(section).\(key)"
      {
        return index + 1
      }
    }
    return nil
  }
}
