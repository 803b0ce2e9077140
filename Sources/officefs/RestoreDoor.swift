import OfficeModel
import OfficeTree

/// What a command is to restore, in the words that were given.
struct RestoreWish {
  /// Names; empty for all.
  var areas: Set<String>
  /// Ids; empty for all.
  var users: Set<String>
  var groups: Bool
  var settings: Bool
  var removesOthers: Bool
  /// False where only groups or settings are wanted.
  var takesUsers = true

  func isWanted(area: String) -> Bool { takesUsers && (areas.isEmpty || areas.contains(area)) }

  func isWanted(user: String) -> Bool { takesUsers && (users.isEmpty || users.contains(user)) }

  /// Throws `.invalid` for what the archive does not have.
  func check(areas known: [String], users ids: [String]) throws(OfficeError) {
    if let area = areas.subtracting(known).sorted().first {
      throw OfficeError(
        .invalid, "the archive has no such area", item: Escaped.line(area),
        remedy: "it has \(known.joined(separator: ", "))")
    }
    if let user = users.subtracting(ids).sorted().first {
      throw OfficeError(.invalid, "the archive has no such user", item: Escaped.line(user))
    }
  }
}

/// An archive to choose from.
struct ArchiveChoice {
  var name: String
  /// In bytes; nil where it is not known without composing it.
  var size: Int64?
  /// Proposed first.
  var isPreselected: Bool
}

/// Through which a command restores: a mount, or the data directory itself. One archive at a time.
protocol RestoreDoor {
  /// The newest first.
  func archives() throws(OfficeError) -> [ArchiveChoice]

  /// Stages an archive, `latest` among them. Throws `.notFound`.
  func stage(_ archive: String) throws(OfficeError) -> (areas: [String], users: [String])

  func plan(_ wish: RestoreWish) throws(OfficeError) -> RestoreSummary

  /// Carries the plan out; `progress` is given what was done and what is to be.
  func run(_ progress: (Int64, Int64) -> Void) throws(OfficeError) -> RestoreReport

  /// Lets the archive go.
  func cancel()
}
