import Foundation
import Glibc
import OfficeAdmin
import OfficeArchive
import OfficeModel

/// An archive on its way in without its broken objects, which are written to a file of their own.
struct SiftedFile {
  /// The archive.
  let source: String
  /// Where the broken objects go: a file that does not exist yet.
  let refused: String
  let limits: Limits

  /// Calls `body` with an archive that holds the rest; with `source` itself if nothing was left out.
  ///
  /// The refused objects are complete and durable by then. If `body` throws, their file is removed again.
  func use(as id: UserID, _ body: (String) throws(OfficeError) -> Void) throws(OfficeError) {
    var status = stat()
    guard lstat(refused, &status) != 0 else {
      throw OfficeError(
        .exists, "\(refused) is there already",
        remedy: "name a file that does not exist: nothing is overwritten")
    }
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw FileCopy.failure("can't read \(source)") }
    defer { close(input) }
    let folder = try SiftedFile.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sifting = try Sifting(input, as: id, limits: limits, folder: folder, clock: .system)
    defer { sifting.close() }
    guard sifting.refused.count > 0 else { return try body(source) }
    try write(sifting.refused)
    do throws(OfficeError) {
      let sound = "\(folder)/\(id).udb"
      try FileCopy.write(to: sound, size: sifting.size) { (offset, buffer) throws(OfficeError) in
        try sifting.read(at: offset, into: buffer)
      }
      try body(sound)
    } catch {
      unlink(refused)
      throw error
    }
    for note in sifting.report.notes { Terminal.say("  \(note)") }
    Terminal.say(
      "left out \(sifting.refused.count) objects: \(refused) holds them, its refused.txt says why")
  }

  private func write(_ objects: RefusedObjects) throws(OfficeError) {
    let output = open(refused, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw FileCopy.failure("can't write \(refused)") }
    defer { close(output) }
    do throws(OfficeError) {
      try objects.write(to: output)
      guard fsync(output) == 0 else { throw FileCopy.failure("can't write \(refused)") }
      try FileCopy.synchronizeFolder(of: refused)
    } catch {
      unlink(refused)
      throw error
    }
  }

  /// A new private folder in $TMPDIR, else /var/tmp: it takes as much as the archive.
  private static func scratch() throws(OfficeError) -> String {
    let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
    var template = Array("\(parent)/officefs-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw FileCopy.failure("can't make a folder in \(parent)")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
