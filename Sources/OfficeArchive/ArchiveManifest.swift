import AreaCodecs
import OfficeModel

/// What `office.json`, the first entry of an archive, says about the rest.
public struct ArchiveManifest: Sendable, Equatable {
  /// The version of the archive's layout.
  public var format: Int
  /// What the archive says it holds.
  public var kind: Kind

  /// Whether it says anything of an office's groups or settings.
  var hasRecord: Bool

  /// The selections an archive can name.
  public enum Kind: Sendable, Equatable {
    case user(String)
    case area(String)
    case office
  }

  /// The newest format this program reads, and the one it writes.
  public static let currentFormat = 1

  /// The entry's name.
  public static let path: [UInt8] = Array("office.json".utf8)

  /// The exact bytes for a user's archive; they name neither server nor time.
  public static func bytes(of user: UserID) -> [UInt8] { userHead + user.text.utf8 + userTail }

  /// How many bytes those are, which a listing asks for each user.
  static func size(of user: UserID) -> Int {
    userHead.count + user.text.utf8.count + userTail.count
  }

  private static let userHead = Array(
    "{\"format\":\(currentFormat),\"kind\":\"user\",\"user\":\"".utf8)
  private static let userTail = Array("\"}\n".utf8)

  /// The exact bytes for an area's archive. Those for a whole office's are `OfficeRecord.manifest`.
  public static func bytes(of area: Area) -> [UInt8] {
    Array("{\"format\":\(currentFormat),\"kind\":\"area\",\"area\":\"\(area.name)\"}\n".utf8)
  }

  /// Reads `office.json`. Throws `.newerFormat` for a format above `currentFormat`, `.badArchive` for anything absurd.
  public init(reading bytes: [UInt8], limits: Limits) throws(OfficeError) {
    let root = try JSONDocument(bytes, limits: limits).root
    guard let value = root["format"] else {
      throw ArchiveManifest.bad("office.json names no format")
    }
    guard let format = value.integer, (0...999_999).contains(format) else {
      throw ArchiveManifest.bad("office.json has an absurd format")
    }
    guard format <= ArchiveManifest.currentFormat else {
      throw OfficeError(
        .newerFormat, "the archive has format \(format), this program reads up to 1",
        item: "office.json", remedy: "update officefs here, then import again")
    }
    self.format = format
    hasRecord = root["groups"] != nil || root["settings"] != nil
    switch root["kind"]?.string {
    case "user": kind = .user(root["user"]?.string ?? "")
    case "area": kind = .area(root["area"]?.string ?? "")
    case "office": kind = .office
    default: throw ArchiveManifest.bad("office.json names no kind of archive")
    }
  }

  private static func bad(_ reason: String) -> OfficeError {
    OfficeError(
      .badArchive, reason, item: "office.json",
      remedy: "write {\"format\":1,\"kind\":\"user\",\"user\":\"ID\"} and pack the archive again")
  }
}
