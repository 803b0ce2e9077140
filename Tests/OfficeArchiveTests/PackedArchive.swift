import Foundation
import Glibc
import OfficeArchive
import OfficeModel
import TarArchive
import TestSupport

/// An archive put together by hand, right or wrong in any way a test wants.
struct PackedArchive {
  var entries: [(path: String, content: [UInt8])] = []
  var sums: [UInt8]?
  /// By how much the header of an entry (by index) states another size than it has, with a right checksum.
  var lies: [Int: Int64] = [:]

  /// One with office.json, a user.json and the documents, and right sums.
  init(user: String = "alice", documents: [String: String] = [:]) {
    add("office.json", "{\"format\":1,\"kind\":\"user\",\"user\":\"\(user)\"}\n")
    add("\(user)/user.json", "{\"id\":\"\(user)\",\"name\":\"A\"}\n")
    for (name, text) in documents.sorted(by: { $0.key < $1.key }) { add("\(user)/\(name)", text) }
  }

  /// A whole office's, with right sums; users and documents in the order of their names.
  static func office(_ users: [String: [String: String]], says: String = "") -> PackedArchive {
    var archive = PackedArchive()
    archive.entries = []
    archive.add("office.json", "{\"format\":1,\"kind\":\"office\"\(says)}\n")
    for (user, documents) in users.sorted(by: { $0.key < $1.key }) {
      for (name, text) in documents.sorted(by: { $0.key < $1.key }) {
        archive.add("\(user)/\(name)", text)
      }
    }
    return archive
  }

  mutating func add(_ path: String, _ text: String) { entries.append((path, Array(text.utf8))) }

  var bytes: [UInt8] {
    var out: [UInt8] = []
    let list =
      sums
      ?? entries.flatMap {
        ChecksumList.line(path: Array($0.path.utf8), digest: Digest(of: $0.content))
      }
    for (index, entry) in (entries + [("SHA256SUMS", list)]).enumerated() {
      let (path, content) = entry
      let size = Int64(content.count)
      out += TarLayout.header(
        path: Array(path.utf8), size: size + (lies[index] ?? 0), mtime: 5)
      out += content
      out += [UInt8](repeating: 0, count: Int(TarLayout.padding(size: size)))
    }
    return out + [UInt8](repeating: 0, count: Int(TarLayout.endSize))
  }
}

/// What was taken in, by user and area.
typealias TakenCells = [String: [Area: CollectingSink]]

/// Bytes in an unnamed file, taken in as an archive.
func takeIn(
  _ bytes: [UInt8], for purpose: ArchiveIntake.Purpose, limits: Limits = Limits()
) throws -> (report: IntakeReport, cells: TakenCells) {
  let file = try UnnamedFile.make(in: "/tmp")
  defer { close(file) }
  _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
  let box = Box()
  let receiver = ArchiveIntake.Receiver(
    open: { id, area, _ in
      let sink = CollectingSink()
      box.cells[id.text, default: [:]][area] = sink
      return sink
    }, finish: { _, _ in })
  let never = { false }
  let report = try ArchiveFile(file: file, limits: limits).withPlain(
    scratch: "/tmp", isCancelled: never
  ) { (plain) throws(OfficeError) in
    var intake = ArchiveIntake(file: plain, for: purpose, limits: limits)
    return try intake.read(into: receiver, isCancelled: never)
  }
  return (report, box.cells)
}

/// The same as an archive of `alice`.
func takeIn(
  _ bytes: [UInt8], limits: Limits = Limits()
) throws -> (report: IntakeReport, cells: [Area: CollectingSink]) {
  let (report, cells) = try takeIn(bytes, for: .user(try UserID("alice")), limits: limits)
  return (report, cells["alice"] ?? [:])
}

private final class Box { var cells: TakenCells = [:] }

/// The errno with which bytes are refused; nil if they are taken.
func refusal(
  of bytes: [UInt8], for purpose: ArchiveIntake.Purpose? = nil, limits: Limits = Limits()
) -> OfficeError? {
  do {
    _ = try takeIn(bytes, for: purpose ?? .user(try UserID("alice")), limits: limits)
    return nil
  } catch let error as OfficeError {
    return error
  } catch {
    return OfficeError(.inputOutput, "\(error)")
  }
}
