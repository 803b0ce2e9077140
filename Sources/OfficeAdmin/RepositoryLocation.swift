import BackupRepository
import Foundation
import LiveStore
import OfficeModel

/// Where an office's repository is: `backup/` in its data directory, or the folder that the file `repository` there names.
public enum RepositoryLocation {
  private static let noteName = "repository"

  /// The folder's path.
  public static func path(of data: String) throws(OfficeError) -> String {
    let note = "\(data)/\(noteName)"
    guard FileManager.default.fileExists(atPath: note) else { return "\(data)/backup" }
    do {
      let text = try String(contentsOfFile: note, encoding: .utf8)
      return text.trimmingCharacters(in: .newlines)
    } catch {
      throw OfficeError(.inputOutput, "can't read \(note)", cause: error)
    }
  }

  /// Makes a repository for the office in `data`: in `folder`, which is noted, else in the data directory. One that is
  /// in the folder already is taken as it is; the next backup then compares everything.
  public static func create(for data: String, in folder: String?) throws(OfficeError) {
    let path = folder.map { URL(filePath: $0).standardizedFileURL.path } ?? "\(data)/backup"
    if !Repository.exists(at: path) { try Repository.create(at: path) }
    guard folder != nil else { return }
    do {
      try "\(path)\n".write(toFile: "\(data)/\(noteName)", atomically: true, encoding: .utf8)
    } catch {
      throw OfficeError(.inputOutput, "can't write \(data)/\(noteName)", cause: error)
    }
  }

  /// Opens the office's repository; an office that was never backed up gets one. Throws `.notFound` if it is gone:
  /// an empty one would silently take the place of all sets.
  public static func open(for data: String, _ store: LiveStore) throws(OfficeError) -> Repository {
    let path = try path(of: data)
    if !Repository.exists(at: path) {
      guard try !store.wasBackedUp() else {
        throw OfficeError(
          .notFound, "the backup repository is gone", item: path,
          remedy: "put it back, or begin a new one: officefs init DATA --repository DIR")
      }
      try create(for: data, in: path == "\(data)/backup" ? nil : path)
    }
    return try Repository(at: path)
  }
}
