import OfficeAdmin
import OfficeModel
import TestSupport

/// What takes bytes from anywhere, and what has to hold whatever they are.
public enum FuzzTarget: Hashable, Sendable {
  /// An archive as it comes in: container, manifest, digests, codecs.
  case archive
  /// A document of an area.
  case document(Area)
  /// `office.toml` and `owners.toml`.
  case settings

  /// One for each reader there is: areas of one format share a codec.
  public static let all: [FuzzTarget] =
    [.archive, .settings]
    + [.user, .whereabouts, .scheduler, .messages, .timesheet, .addresses].map { .document($0) }

  /// The area's name, `archive` or `settings`.
  public var name: String {
    switch self {
    case .archive: "archive"
    case .document(let area): area.name
    case .settings: "settings"
    }
  }

  /// Nil where no target has the name.
  public init?(name: String) {
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else { return nil }
    self = target
  }

  /// Reads the bytes. Returns the promise that was not kept; nil if all were.
  public func contradiction(_ bytes: [UInt8]) -> String? {
    switch self {
    case .archive: ArchiveFuzz.contradiction(bytes)
    case .document(let area): FuzzTarget.contradiction(area, bytes)
    case .settings: FuzzTarget.contradiction(settings: bytes)
    }
  }

  private static func contradiction(_ area: Area, _ bytes: [UInt8]) -> String? {
    // The same input always runs in the same pieces.
    var generator = SeededGenerator(seed: UInt64(bytes.count))
    do throws(OfficeError) {
      if let found = try FuzzTargets.contradiction(area, bytes, &generator) { return found }
    } catch {
      if let found = unexpected(error) { return found }
    }
    do throws(OfficeError) {
      let kept = try leaveOut(area, bytes)
      let again = try decode(area, kept.document)
      return again.document == kept.document ? nil : "what is kept beside broken objects changes"
    } catch {
      return unexpected(error)
    }
  }

  private static func contradiction(settings bytes: [UInt8]) -> String? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    do throws(OfficeError) {
      _ = try OfficeSettings(parsing: text)
    } catch {
      guard error.code == .invalid else { return "settings: \(error)" }
    }
    do throws(OfficeError) {
      _ = try OwnerTable(parsing: text)
    } catch {
      guard error.code == .invalid else { return "owners: \(error)" }
    }
    return nil
  }

  /// A refusal has to be one of what came in, never of the machine.
  static func unexpected(_ error: OfficeError) -> String? {
    switch error.code {
    case .badArchive, .tooLarge, .newerFormat: nil
    default: "refused as \(error.code): \(error)"
    }
  }
}
