import Foundation
import OfficeModel
import TestSupport
import Testing

@testable import OfficeArchive

@Suite("Archives of many users taken in")
struct SetIntakeTests {
  private static let office = PackedArchive.office([
    "alice": ["user.json": "{\"id\":\"alice\"}\n", "todo.ics": ""],
    "bob": ["user.json": "{\"id\":\"bob\"}\n", "timesheet.csv": "date,in\r\n2026-01-05,08:00\r\n"],
  ])

  @Test("A whole office is taken in, each cell under the id it has inside")
  func wholeOffice() throws {
    let (report, cells) = try takeIn(Self.office.bytes, for: .set)
    #expect(report.kind == .office && report.users == 2 && report.record == nil)
    #expect(
      cells.mapValues { Set($0.keys) } == ["alice": [.user, .todo], "bob": [.user, .timesheet]])
    #expect(cells["bob"]?[.user]?.document == Array("{\n\"id\":\"bob\"\n}\n".utf8))
    #expect(report.documents.map(\.area) == [.todo, .user, .timesheet] && report.objects == 3)
  }

  @Test("Groups and settings of a whole office are handed on as office.json says them")
  func record() throws {
    let says = ",\"groups\":{\"sales\":[\"alice\"]},\"settings\":{\"backup-group\":[\"bob\"]}"
    let archive = PackedArchive.office(["alice": ["todo.ics": ""]], says: says)
    let bytes = try #require(try takeIn(archive.bytes, for: .set).report.record)
    var number: Int64 = 0
    let record = try OfficeRecord(manifest: bytes, seconds: 1) { () throws(OfficeError) in
      number += 1
      return number
    }
    #expect(record.memberships == [try UserID("alice"): [try GroupName("sales")]])
    #expect(record.members(of: .backup)?.keys.map(\.text) == ["bob"])
  }

  @Test("A column is taken in, and only what belongs to its area")
  func column() throws {
    var archive = PackedArchive.office(["alice": ["todo.ics": ""], "bob": ["todo.ics": ""]])
    archive.entries[0].content = Array("{\"format\":1,\"kind\":\"area\",\"area\":\"todo\"}\n".utf8)
    let (report, cells) = try takeIn(archive.bytes, for: .set)
    #expect(report.kind == .area("todo") && Set(cells.keys) == ["alice", "bob"])
    for (path, place) in [("carol/user.json", 3), ("alice/user.json", 0)] {
      var other = archive
      other.entries.insert((path, Array("{}\n".utf8)), at: place)
      #expect(refusal(of: other.bytes, for: .set)?.code == .badArchive)
    }
    archive.entries[0].content = Array("{\"format\":1,\"kind\":\"area\",\"area\":\"x\"}\n".utf8)
    #expect(refusal(of: archive.bytes, for: .set)?.item == "office.json")
  }

  @Test("Rows 34-35: a user's archive is refused as an upload, a whole office's as a user's")
  func kinds() {
    #expect(refusal(of: PackedArchive().bytes, for: .set)?.item == "office.json")
    #expect(refusal(of: Self.office.bytes)?.code == .badArchive)
    for bytes in [PackedArchive().bytes, Self.office.bytes] {
      #expect(refusal(of: bytes, for: .any) == nil)
    }
  }

  @Test(
    "Users in any order and with their documents apart, and sums in another order, are taken in")
  func anyOrder() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20 {
      var archive = Self.office
      archive.entries.shuffle(using: &random)
      let lines = archive.entries.shuffled(using: &random).map {
        ChecksumList.line(path: Array("./\($0.path)".utf8), digest: Digest(of: $0.content))
      }
      archive.sums = lines.flatMap(\.self)
      #expect(try takeIn(archive.bytes, for: .set).cells.count == 2)
    }
  }

  @Test("Row 46: two users whose ids differ only in case are refused, also far apart")
  func twins() {
    var archive = Self.office
    archive.add("ALICE/user.json", "{}\n")
    let error = refusal(of: archive.bytes, for: .set)
    #expect(error?.code == .badArchive && error?.item == "ALICE/user.json")
  }

  @Test("Rows 11 and 19: an entry twice, and a second office.json, are refused")
  func twice() {
    for index in [0, 1, 3] {
      var archive = Self.office
      archive.entries.append(archive.entries[index])
      #expect(refusal(of: archive.bytes, for: .set)?.code == .badArchive)
    }
  }

  @Test(
    "Rows 20 and 29: any single byte flipped, and any cut, refuses a whole office or changes nothing"
  )
  func flips() throws {
    let bytes = Self.office.bytes
    let whole = try takeIn(bytes, for: .set).cells.mapValues { $0.mapValues(\.document) }
    for offset in bytes.indices {
      #expect(refusal(of: Array(bytes.prefix(offset)), for: .set) != nil, "cut at \(offset)")
      for mask: UInt8 in [0xFF, 0x0A] {
        var flipped = bytes
        flipped[offset] ^= mask
        guard let taken = try? takeIn(flipped, for: .set) else { continue }
        let cells = taken.cells.mapValues { $0.mapValues(\.document) }
        #expect(cells == whole, "offset \(offset) xor \(mask)")
      }
    }
  }

  @Test("Rows 13-15: what is wrong with the sums of a large archive is named, whatever their order")
  func largeSums() {
    var users: [String: [String: String]] = [:]
    for index in 1_000..<1_200 { users["u\(index)"] = ["todo.ics": "", "user.json": "{}\n"] }
    let archive = PackedArchive.office(users)
    var lines = archive.entries.map {
      ChecksumList.line(path: Array($0.path.utf8), digest: Digest(of: $0.content))
    }
    lines.reverse()
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20 {
      let index = Int.random(in: 0..<lines.count, using: &random)
      let path = archive.entries[lines.count - 1 - index].path
      var missing = archive
      missing.sums = (lines[..<index] + lines[(index + 1)...]).flatMap(\.self)
      #expect(refusal(of: missing.bytes, for: .set)?.item == path)
      var wrong = archive
      var other = lines
      other[index] = ChecksumList.line(path: Array(path.utf8), digest: Digest(of: [1]))
      wrong.sums = other.flatMap(\.self)
      let error = refusal(of: wrong.bytes, for: .set)
      #expect(error?.item == path && error?.reason.contains("does not match") == true)
      var more = archive
      more.sums = lines.flatMap(\.self) + lines[index]
      #expect(refusal(of: more.bytes, for: .set)?.code == .badArchive)
      more.sums =
        lines.flatMap(\.self) + ChecksumList.line(path: Array("zed/x".utf8), digest: Digest(of: []))
      #expect(refusal(of: more.bytes, for: .set)?.item == "zed/x")
    }
  }

  @Test("Row 24: more entries than the limit are refused before anything is read")
  func tooMany() {
    var limits = Limits()
    limits.archiveEntries = 5
    #expect(refusal(of: Self.office.bytes, for: .set, limits: limits)?.code == .tooLarge)
  }

  @Test("Row 32: the frozen archive of format 0 is migrated: its documents under their newer names")
  func formatZero() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden/format-0.sar")
    let (report, cells) = try takeIn(Array(try Data(contentsOf: path)), for: .set)
    #expect(report.format == 0 && report.kind == .office && report.record == nil)
    #expect(Set(cells.keys) == ["alice", "bob"])
    for id in ["alice", "bob"] { #expect(Set((cells[id] ?? [:]).keys) == Set(Area.allCases)) }
    let status = cells["alice"]?[.whereabouts]?.document
    #expect(status == Array("{\n\"status\":\"in\",\n\"note\":\"back at noon\"\n}\n".utf8))
    #expect(cells["alice"]?[.timesheet]?.items.count == 2)
  }

  @Test(
    "Rows 30-32: each format is read by its own names only, and an older one with office.json first"
  )
  func formats() {
    #expect(Migration.all.map(\.format) == Array(0..<ArchiveManifest.currentFormat))
    func archive(_ format: Int, _ name: String) -> PackedArchive {
      var archive = PackedArchive.office(["alice": [name: "{}\n"]])
      archive.entries[0].content = Array("{\"format\":\(format),\"kind\":\"office\"}\n".utf8)
      return archive
    }
    #expect(refusal(of: archive(0, "status.json").bytes, for: .set) == nil)
    #expect(refusal(of: archive(0, "whereabouts.json").bytes, for: .set)?.code == .badArchive)
    #expect(refusal(of: archive(1, "status.json").bytes, for: .set)?.code == .badArchive)
    #expect(refusal(of: archive(2, "user.json").bytes, for: .set)?.code == .newerFormat)
    var late = archive(0, "user.json")
    late.entries.swapAt(0, 1)
    #expect(refusal(of: late.bytes, for: .set)?.item == "office.json")
  }
}
