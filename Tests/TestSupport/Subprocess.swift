import Foundation

/// How a tool ended and what it said.
public struct Outcome: Sendable {
  /// The exit code; 128 + the signal where one ended it; 137 where it ran out of time.
  public var status: Int32
  /// Standard output.
  public var output: [UInt8]
  /// Standard error, invalid UTF-8 repaired.
  public var errors: String
  /// It was killed because it took longer than it was given.
  public var isTimedOut: Bool

  /// Standard output as text, invalid UTF-8 repaired.
  public var text: String { String(decoding: output, as: UTF8.self) }
  /// Standard output's lines, empty ones left out.
  public var lines: [String] { text.split(separator: "\n").map(String.init) }
  /// Standard output without the white space around it.
  public var trimmed: String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
}

/// A tool that did not do what a test needs of it.
public struct ToolFailure: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }

  init(_ command: [String], _ outcome: Outcome) {
    let end = outcome.isTimedOut ? "took too long" : "ended with \(outcome.status)"
    description = """
      \(command.joined(separator: " "))
      \(end)
      stdout: \(outcome.text.suffix(2_000))
      stderr: \(outcome.errors.suffix(2_000))
      """
  }
}

/// Real tools, run with a bound on their time.
public enum Subprocess {
  /// Runs a tool to its end and gives back how it ended, whatever that is.
  ///
  /// - Parameters:
  ///   - directory: where it runs; the caller's where nil.
  ///   - environment: variables set over the caller's own.
  ///   - timeout: in seconds; then it and all its children are killed.
  /// - Throws: `ToolFailure` if it can't be started.
  public static func attempt(
    _ command: [String], in directory: String? = nil, environment: [String: String] = [:],
    timeout: Double = 60
  ) throws -> Outcome {
    try Child(command, in: directory, environment: environment).wait(timeout: timeout)
  }

  /// Runs a tool that has to succeed.
  ///
  /// - Throws: `ToolFailure` with what it said if it doesn't.
  @discardableResult
  public static func run(
    _ command: [String], in directory: String? = nil, environment: [String: String] = [:],
    timeout: Double = 60
  ) throws -> Outcome {
    let outcome = try attempt(
      command, in: directory, environment: environment, timeout: timeout)
    guard outcome.status == 0, !outcome.isTimedOut else { throw ToolFailure(command, outcome) }
    return outcome
  }

  /// Whether a tool of that name is installed.
  public static func has(_ tool: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return (path + ":/usr/sbin:/sbin").split(separator: ":").contains {
      access("\($0)/\(tool)", X_OK) == 0
    }
  }
}
