import ItemStore
import LiveStore
import OfficeArchive
import OfficeModel

/// What an import did, or would do: `import/reports/<id>.txt`. It names objects by their natural keys and holds no content.
struct ImportReport: Sendable {
  /// How it ended.
  enum Result: Sendable {
    case added, imported, unchanged
    case previewed(isNew: Bool)
  }

  private let heading: Heading
  /// What was in the archive.
  private let intake: IntakeReport
  /// What became of each area that the archive holds; nil if that was not counted.
  let areas: [AreaOutcome]?
  private let result: Result

  /// What every report begins with.
  struct Heading: Sendable {
    var id: UserID
    var policy: ImportPolicy
    var caller: String
    /// Nanoseconds since 1970.
    var time: Int64

    func text(result: String) -> String {
      """
      time     \(Stamp.text(seconds: time / 1_000_000_000))
      user     \(id)
      by       \(caller)
      policy   \(policy.explanation)
      result   \(result)

      """
    }
  }

  private static let mostNames = 1_000

  init(
    _ heading: Heading, intake: IntakeReport, changes: [CellChange]?, result: Result
  ) {
    self.heading = heading
    self.intake = intake
    self.result = result
    areas = changes?.map { AreaOutcome($0, policy: heading.policy) }.sorted { $0.area < $1.area }
  }

  /// The report as a text file.
  var text: String {
    var text = heading.text(result: resultText)
    text += "archive  of user \(Escaped.line(intake.sourceUser)), format \(intake.format)\n\n"
    guard let areas else {
      return text + "not counted: the comparison still runs, or what was there before is damaged\n"
    }
    text += AreaOutcome.table(areas)
    let others = Area.allCases.filter { area in !areas.contains { $0.area == area } }
    if !others.isEmpty {
      text += "not in the archive, left alone: \(others.map(\.name).joined(separator: ", "))\n"
    }
    text += ImportReport.section("conversions and what was left out", notes)
    text += ImportReport.section("objects", ImportReport.names(of: areas))
    return text
  }

  /// The report of an import that was refused.
  static func text(refusing heading: Heading, _ error: OfficeError) -> String {
    var text = heading.text(result: "refused, nothing was changed")
    text += "reason   \(Escaped.line(error.reason)) (\(error.code))\n"
    if let item = error.item { text += "place    \(Escaped.line(item))\n" }
    if let remedy = error.remedy { text += "remedy   \(Escaped.line(remedy))\n" }
    return text
  }

  private var resultText: String {
    switch result {
    case .added: "the user was added"
    case .imported: "imported; the user as before is in undo/"
    case .unchanged: "nothing changed: the user had all of it"
    case .previewed(let isNew):
      isNew ? "nothing was changed; the user would be added" : "nothing was changed"
    }
  }

  private var notes: [String] {
    let leftOut = intake.documents.filter { $0.report.leftOut > 0 }.map {
      "\($0.area.name): \($0.report.leftOut) broken objects left out"
    }
    return intake.notes + leftOut
  }

  private static func names(of areas: [AreaOutcome]) -> [String] {
    let names = areas.flatMap(\.names)
    let different = areas.reduce(0) { $0 + $1.different }
    let shown = names.prefix(mostNames)
    return shown + (different > shown.count ? ["and \(different - shown.count) more"] : [])
  }

  private static func section(_ title: String, _ lines: [String]) -> String {
    lines.isEmpty ? "" : "\n\(title)\n" + lines.map { "  \($0)\n" }.joined()
  }
}
