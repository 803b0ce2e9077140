import Glibc
import OfficeModel

/// A file without a name (open(2), O_TMPFILE): gone with its descriptor, also after a crash.
public enum UnnamedFile {
  /// Makes one in `directory`, open for reading and writing; the caller closes it. Throws `.noSpace`, `.tooManyFiles` or
  /// `.inputOutput`.
  public static func make(in directory: String) throws(OfficeError) -> Int32 {
    let file = open(directory, temporary | O_RDWR | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw failure(errno, in: directory)
    }
    return file
  }

  private static func failure(_ number: Int32, in directory: String) -> OfficeError {
    let reason = "can't make a file in \(directory)"
    switch number {
    case ENOSPC, EDQUOT: return OfficeError(.noSpace, reason, remedy: "make room, then try again")
    case EMFILE, ENFILE:
      return OfficeError(.tooManyFiles, reason, remedy: "raise the limit of open files")
    default: return OfficeError(.inputOutput, reason, remedy: "check the disk")
    }
  }

  /// O_TMPFILE, which Swift does not import (asm-generic/fcntl.h).
  private static let temporary: Int32 = 0o20_000_000 | O_DIRECTORY
}
