import CFuse
import Glibc
import OfficeModel

/// A process that goes into the background once its mount answers.
public struct Background: Sendable {
  private let descriptor: Int32

  /// Forks. Only the child returns; the parent waits and exits with 0 once `ready` was called, else with the child's own status.
  ///
  /// To be called before anything starts a thread (opening the office, Dispatch, a Task): throws `.busy` if there is one,
  /// `.inputOutput` if the system has no process to give. Until `ready` the child writes its errors to the same terminal.
  public static func begin() throws(OfficeError) -> Background {
    let descriptor = cfuse_background_begin()
    guard descriptor >= 0 else {
      let code = errno
      throw OfficeError(
        code == EBUSY ? .busy : .inputOutput,
        "can't go into the background: \(String(cString: strerror(code)))",
        remedy: "stay in the foreground with -f")
    }
    return Background(descriptor: descriptor)
  }

  /// Leaves the terminal (its session, working directory and standard streams) and lets the parent exit with 0. Call once.
  public func ready() { cfuse_background_ready(descriptor) }
}
