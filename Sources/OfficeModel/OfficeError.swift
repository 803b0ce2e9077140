/// Why something was refused or failed: what the tool is told, and what the administrator reads.
///
/// Errors are returned, never logged where they arise; the bridge writes each to `status/errors.log` once.
public struct OfficeError: Error, Sendable {
  /// What the tool sees.
  public var code: ErrorCode
  /// One sentence that says what is wrong, without a final stop.
  public var reason: String
  /// The entry, line, object or row it is about, where there is one.
  public var item: String?
  /// What the administrator can do about it, where we know.
  public var remedy: String?
  /// The error beneath, in its own words.
  public var cause: String?
  /// Whether `status/errors.log` has it already, since the work that failed is waited for by any number of callers, or none.
  public var isRecorded = false

  public init(
    _ code: ErrorCode, _ reason: String, item: String? = nil, remedy: String? = nil,
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.reason = reason
    self.item = item
    self.remedy = remedy
    self.cause = cause.map { "\($0)" }
  }
}

extension OfficeError: CustomStringConvertible {
  /// One line for a log or a terminal; control characters are escaped.
  public var description: String {
    var parts = [reason]
    if let item { parts.append("in \(item)") }
    if let cause { parts.append("(\(cause))") }
    if let remedy { parts.append("- \(remedy)") }
    return Escaped.line(parts.joined(separator: " "))
  }
}
