import AreaCodecs
import OfficeModel

/// What was found in an archive while it was taken in.
public struct IntakeReport: Sendable {
  /// What the archive says it is; the target of an import is the name it was copied to.
  public var kind: ArchiveManifest.Kind
  /// The user a user's archive says it was made of; empty for other kinds.
  public var sourceUser: String {
    if case .user(let id) = kind { id } else { "" }
  }
  /// The archive's format.
  public var format: Int
  /// An office's groups and settings as `OfficeRecord(manifest:)` reads them; nil if the archive holds none.
  public var record: [UInt8]?
  /// How many users it holds something of.
  public var users: Int
  /// Equal for two archives only if their entries and their entries' times are.
  public var fingerprint: Digest
  /// The areas that the archive holds, with what their codecs reported of all users, in order of arrival.
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
