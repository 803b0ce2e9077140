import OfficeModel

/// The errors of this room: each names the line.
enum Refusal {
  /// What can't be framed.
  static func unframed(_ reason: String, line: Int, _ what: String? = nil) -> OfficeError {
    OfficeError(.badArchive, reason, item: place(line, what))
  }

  /// What is over a limit.
  static func tooLarge(_ reason: String, line: Int, _ what: String? = nil) -> OfficeError {
    OfficeError(.tooLarge, reason, item: place(line, what))
  }

  private static func place(_ line: Int, _ what: String?) -> String {
    guard let what else { return "line \(line)" }
    return "line \(line): \(what)"
  }
}
