import OfficeModel

/// A step from one archive format to the next: what the older one called its documents and what it did not hold.
///
/// An archive of format n goes through the steps n, n + 1 … to `ArchiveManifest.currentFormat`; nothing else in the program
/// knows of older formats. A format once written never changes: see the frozen archives of the tests.
struct Migration: Sendable {
  /// The format that it reads; what it gives is of the next one.
  var format: Int
  /// The next format's names of documents by those of this one, where they differ.
  var renamed: [String: String] = [:]
  /// Whether this format's `office.json` held groups and settings.
  var hasRecord = true

  /// One for each format before the current one, in order.
  static let all = [Migration.from0]

  /// What the next format calls a document; nil for a name that this one did not have.
  func next(_ fileName: String) -> String? {
    if let new = renamed[fileName] { return new }
    return renamed.values.contains(fileName) ? nil : fileName
  }
}

extension Migration {
  /// The area of a document in an archive of `format`; nil if that format had none of this name.
  static func area(fileName: String, format: Int) -> Area? {
    var name = fileName
    for step in all.dropFirst(format) {
      guard let next = step.next(name) else { return nil }
      name = next
    }
    return Area(fileName: name)
  }

  /// Whether an office's archive of `format` holds groups and settings.
  static func hasRecord(format: Int) -> Bool { all.dropFirst(format).allSatisfy(\.hasRecord) }
}
