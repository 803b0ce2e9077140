import Glibc

/// The errno with which a refusal reaches a tool. Values are the platform's (errno.h).
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// A name or a settings file that is not allowed.
  public static let invalid = ErrorCode(rawValue: EINVAL)
  /// An archive that is none, is cut, edited or damaged, or holds what can't be framed.
  public static let badArchive = ErrorCode(rawValue: EBADMSG)
  /// An archive of a newer format.
  public static let newerFormat = ErrorCode(rawValue: EOPNOTSUPP)
  /// A write to a read-only place.
  public static let readOnly = ErrorCode(rawValue: EROFS)
  /// A second writer on one name, or something in use.
  public static let busy = ErrorCode(rawValue: EBUSY)
  /// A version or a plan that no longer holds.
  public static let stale = ErrorCode(rawValue: ESTALE)
  /// A delete that would push something too young out of undo.
  public static let quota = ErrorCode(rawValue: EDQUOT)
  /// The disk is full, or what is free is the reserve.
  public static let noSpace = ErrorCode(rawValue: ENOSPC)
  /// No descriptor is left for another file.
  public static let tooManyFiles = ErrorCode(rawValue: ENFILE)
  /// Larger than the limits in settings allow.
  public static let tooLarge = ErrorCode(rawValue: EFBIG)
  /// A name longer than a directory entry may be (255 bytes).
  public static let nameTooLong = ErrorCode(rawValue: ENAMETOOLONG)
  /// A rename between two writable folders; tools then copy.
  public static let crossDevice = ErrorCode(rawValue: EXDEV)
  /// The disk, or damage: never a short read, never wrong bytes.
  public static let inputOutput = ErrorCode(rawValue: EIO)
  /// No such name.
  public static let notFound = ErrorCode(rawValue: ENOENT)
  /// A name that is taken.
  public static let exists = ErrorCode(rawValue: EEXIST)
  /// The caller may not do this.
  public static let notPermitted = ErrorCode(rawValue: EACCES)
  /// The caller gave up waiting.
  public static let interrupted = ErrorCode(rawValue: EINTR)
  /// A folder where a file is meant.
  public static let isDirectory = ErrorCode(rawValue: EISDIR)
  /// A file where a folder is meant.
  public static let notDirectory = ErrorCode(rawValue: ENOTDIR)
  /// A folder that still holds something.
  public static let notEmpty = ErrorCode(rawValue: ENOTEMPTY)
  /// Something this filesystem has no answer for; the kernel stops asking.
  public static let unsupported = ErrorCode(rawValue: ENOSYS)
}

extension ErrorCode: CustomStringConvertible {
  /// The constant's name where it is one of ours, as in `EBADMSG`.
  public var description: String {
    switch self {
    case .invalid: "EINVAL"
    case .badArchive: "EBADMSG"
    case .newerFormat: "EOPNOTSUPP"
    case .readOnly: "EROFS"
    case .busy: "EBUSY"
    case .stale: "ESTALE"
    case .quota: "EDQUOT"
    case .noSpace: "ENOSPC"
    case .tooManyFiles: "ENFILE"
    case .tooLarge: "EFBIG"
    case .nameTooLong: "ENAMETOOLONG"
    case .crossDevice: "EXDEV"
    case .inputOutput: "EIO"
    case .notFound: "ENOENT"
    case .exists: "EEXIST"
    case .notPermitted: "EACCES"
    case .interrupted: "EINTR"
    case .isDirectory: "EISDIR"
    case .notDirectory: "ENOTDIR"
    case .notEmpty: "ENOTEMPTY"
    case .unsupported: "ENOSYS"
    default: "errno \(rawValue)"
    }
  }
}
