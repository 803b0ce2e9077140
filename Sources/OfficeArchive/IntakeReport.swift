import AreaCodecs
import OfficeModel

/// What was found in an archive while it was taken in.
public struct IntakeReport: Sendable {
  /// The user the archive was made of; the target of an import is the name it was copied to.
  public var sourceUser: String
  /// The archive's format.
  public var format: Int
  /// The areas that the archive holds, with what their codecs reported, in order of arrival.
  public var documents: [(area: Area, report: DocumentReport)]

  /// All objects of all areas.
  public var objects: Int { documents.reduce(0) { $0 + $1.report.objects } }

  /// All broken objects that were left out.
  public var leftOut: Int { documents.reduce(0) { $0 + $1.report.leftOut } }

  /// One line for each conversion, for the audit log.
  public var notes: [String] {
    documents.flatMap { document in
      document.report.notes.map { note in
        "\(document.area.name): \(note.kind.rawValue)"
          + (note.subject.map { " (\(Escaped.line($0)))" } ?? "")
          + ", \(note.count) times, first in line \(note.firstLine)"
      }
    }
  }
}
