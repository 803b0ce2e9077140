import Foundation

/// A sanitizer takes time and memory of its own, so that figures for either say nothing.
public enum Sanitizer {
  /// Whether `scripts/sanitize` runs the tests.
  public static let isOn = ProcessInfo.processInfo.environment["OFFICEFS_SANITIZER"] != nil
}
