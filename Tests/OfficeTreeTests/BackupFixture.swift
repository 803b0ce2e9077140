import BackupRepository
import Foundation
import OfficeAdmin
import OfficeModel
import OfficeTree
import Synchronization
import TestSupport

/// A tree with backups whose clock is moved by hand.
final class BackupFixture {
  let office: TreeFixture
  let backups: OfficeBackups
  private let time: TestTime

  private final class TestTime: Sendable {
    let seconds: Mutex<Int64>
    init(_ seconds: Int64) { self.seconds = Mutex(seconds) }
  }

  /// From 2026-03-05T10:00:00Z on.
  init() throws {
    let time = TestTime(1_772_704_800)
    self.time = time
    office = try TreeFixture(
      clock: WallClock { time.seconds.withLock { $0 } * 1_000_000_000 }, hasBackups: true)
    guard let backups = office.backups else { throw OfficeError(.notFound, "no backups") }
    self.backups = backups
  }

  var now: Int64 { time.seconds.withLock { $0 } }
  var day: Int64 { now / 86_400 }

  func pass(seconds: Int64) { time.seconds.withLock { $0 += seconds } }

  /// touch: sets the times to now.
  func touch(_ path: String) throws {
    _ = try office.tree.change(
      office.node(path), handle: nil, to: AttributeChange(mtimeIsNow: true), caller: office.caller)
  }

  func read(_ path: String) throws -> [UInt8] {
    let parts = path.split(separator: "/").map(String.init)
    let folder = try office.node(parts.dropLast().joined(separator: "/"))
    return try office.read(parts.last ?? "", in: folder)
  }

  func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }

  func attributes(_ path: String) throws -> Attributes {
    try office.tree.attributes(of: office.node(path))
  }

  func names(_ path: String) throws -> [String] { try office.names(office.node(path)) }

  /// Everything below a folder, a line each: its path, and of a file its links and the number of its inode in the order
  /// in which they first appear. Opened files are no part of it.
  func listing(_ path: String, inodes: inout [UInt64: Int]) throws -> [String] {
    var lines: [String] = []
    var folders = [path]
    while let folder = folders.popLast() {
      let entries = try office.list(office.node(folder)).sorted {
        $0.name.lexicographicallyPrecedes($1.name)
      }
      let files = entries.filter { !$0.attributes.isDirectory }.map { entry in
        let inode = entry.attributes.inode
        let number = inodes[inode] ?? inodes.count + 1
        inodes[inode] = number
        return "\(String(decoding: entry.name, as: UTF8.self))=\(number)x\(entry.attributes.links)"
      }
      lines.append("  \(folder): \(files.joined(separator: " "))")
      folders += entries.filter(\.attributes.isDirectory).reversed().map {
        "\(folder)/\(String(decoding: $0.name, as: UTF8.self))"
      }
    }
    return lines
  }
}
