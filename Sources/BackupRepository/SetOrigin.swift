import OfficeModel

/// What an uploaded set came from.
public struct UploadOrigin: Sendable, Equatable {
  /// The file's name; of those that were not removed no two have the same.
  public var name: ArchiveName
  /// The one area it is a column of; nil for a whole office.
  public var area: Area?
  /// Equal for the same archive uploaded again; nil once something of it was erased.
  public var fingerprint: Digest?

  public init(name: ArchiveName, area: Area?, fingerprint: Digest?) {
    self.name = name
    self.area = area
    self.fingerprint = fingerprint
  }
}

/// Why a set is in no list any more but still readable, until its `until`.
public struct SetRemoval: Sendable, Equatable {
  /// When it was removed, in seconds since 1970; of two removals that would be called the same one is a second later.
  public var seconds: Int64
  public var cause: Cause

  /// What removed it, as in the name of its folder in `undo/`.
  public enum Cause: String, Sendable {
    /// An administrator removed the upload.
    case delete
    /// Another upload took its name.
    case upload
    /// Its hold was released when nothing else kept it.
    case release
  }

  /// For how long a removed set stays readable unless told otherwise, in seconds.
  public static let kept: Int64 = 30 * 86_400

  public init(seconds: Int64, cause: Cause) {
    self.seconds = seconds
    self.cause = cause
  }

  /// The name of its folder in `undo/`.
  public var folder: String { "\(Stamp.text(seconds: seconds))_\(cause.rawValue)" }
}

extension BackupSet {
  /// Its name in `archives/`: an upload's own, else `<stamp>_<process>.sar`.
  public var archiveName: String {
    upload?.name.text ?? "\(name)_\(process)\(ArchiveName.officeSuffix)"
  }

  /// Where the mount shows it.
  public var path: String {
    if let removal { return "undo/\(removal.folder)/\(archiveName)" }
    return upload == nil ? "backup/by-date/\(name)" : "archives/\(archiveName)"
  }
}
