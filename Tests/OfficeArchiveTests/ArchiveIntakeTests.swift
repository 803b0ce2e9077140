import OfficeArchive
import OfficeModel
import TestSupport
import Testing

@Suite("Archives taken in")
struct ArchiveIntakeTests {
  @Test("A hand-made archive is taken in whole")
  func handMade() throws {
    let archive = PackedArchive(documents: [
      "timesheet.csv": "date,in,out\r\n2026-01-05,08:00,16:00\r\n",
      "whereabouts.json": "{\"status\":\"in\"}\n",
    ])
    let (report, cells) = try takeIn(archive.bytes)
    #expect(report.objects == 3)
    #expect(report.sourceUser == "alice")
    #expect(Set(cells.keys) == [.user, .timesheet, .whereabouts])
  }

  @Test("Row 29: any single byte flipped, at each offset, is refused")
  func flips() throws {
    let bytes = PackedArchive(documents: [
      "timesheet.csv": "date,in\r\n2026-01-05,08:00\r\n", "todo.ics": "",
      "messages.mbox": "From a Mon Jan  5 10:15:00 2026\nSubject: x\n\nbody\n\n",
    ]).bytes
    #expect(refusal(of: bytes) == nil)
    for offset in bytes.indices {
      for mask: UInt8 in [0xFF, 0x01, 0x20, 0x80] {
        var flipped = bytes
        flipped[offset] ^= mask
        #expect(refusal(of: flipped) != nil, "offset \(offset) xor \(mask)")
      }
    }
  }

  @Test("Rows 20-21: an archive cut at any length is refused")
  func cuts() {
    let bytes = PackedArchive(documents: ["todo.ics": ""]).bytes
    for length in 0..<bytes.count {
      #expect(refusal(of: Array(bytes.prefix(length)))?.code == .badArchive, "length \(length)")
    }
  }

  @Test("Row 22: bytes after the end are refused, tar's own zero padding is not")
  func tail() {
    let bytes = PackedArchive().bytes
    #expect(refusal(of: bytes + [UInt8](repeating: 0, count: 7168)) == nil)
    #expect(refusal(of: bytes + [1])?.code == .badArchive)
    #expect(refusal(of: bytes + bytes)?.code == .badArchive)
  }

  @Test("Row 13: an entry that SHA256SUMS does not list is refused")
  func unlisted() {
    var archive = PackedArchive()
    archive.sums = Array(
      archive.entries.prefix(1).flatMap {
        ChecksumList.line(path: Array($0.path.utf8), digest: Digest(of: $0.content))
      })
    #expect(refusal(of: archive.bytes)?.code == .badArchive)
  }

  @Test("Row 14: an entry that SHA256SUMS lists but is missing is refused")
  func missing() {
    var archive = PackedArchive()
    archive.sums = Array(
      (archive.entries + [("alice/todo.ics", [])]).flatMap {
        ChecksumList.line(path: Array($0.path.utf8), digest: Digest(of: $0.content))
      })
    let error = refusal(of: archive.bytes)
    #expect(error?.code == .badArchive)
    #expect(error?.item == "alice/todo.ics")
  }

  @Test("Row 15: a wrong SHA-256 is refused and the entry is named")
  func wrongDigest() {
    var archive = PackedArchive()
    let right = archive
    archive.entries[1].content = Array("{\"id\":\"alice\",\"name\":\"B\"}\n".utf8)
    archive.sums = Array(
      right.entries.flatMap {
        ChecksumList.line(path: Array($0.path.utf8), digest: Digest(of: $0.content))
      })
    let error = refusal(of: archive.bytes)
    #expect(error?.code == .badArchive)
    #expect(error?.item == "alice/user.json")
  }

  @Test(
    "Row 16: an entry whose header states a wrong size is refused", arguments: [-1, 1, 511, 512])
  func wrongSize(difference: Int64) {
    var archive = PackedArchive(documents: ["todo.ics": ""])
    #expect(refusal(of: archive.bytes) == nil)
    archive.lies[1] = difference
    #expect(refusal(of: archive.bytes)?.code == .badArchive)
  }

  @Test("Rows 17-18: JSON with a key twice, or 100,000 deep, is refused")
  func badJSON() {
    var twice = PackedArchive()
    twice.entries[1].content = Array("{\"id\":\"alice\",\"id\":\"bob\"}".utf8)
    #expect(refusal(of: twice.bytes)?.code == .badArchive)
    var deep = PackedArchive()
    let brackets = String(repeating: "[", count: 100_000)
    let closing = String(repeating: "]", count: 100_000)
    deep.entries[1].content = Array("{\"a\":\(brackets)\(closing)}".utf8)
    #expect(refusal(of: deep.bytes) != nil)
  }

  @Test("Row 19: two office.json are refused")
  func twoManifests() {
    var archive = PackedArchive()
    archive.entries.append(archive.entries[0])
    #expect(refusal(of: archive.bytes)?.code == .badArchive)
  }

  @Test("Row 30: a newer format is refused with EOPNOTSUPP")
  func newer() {
    var archive = PackedArchive()
    archive.entries[0].content = Array("{\"format\":2,\"kind\":\"user\",\"user\":\"alice\"}".utf8)
    #expect(refusal(of: archive.bytes)?.code == .newerFormat)
  }

  @Test(
    "Row 31: a format that is missing or absurd is refused with EBADMSG",
    arguments: [
      "{}", "{\"format\":\"1\"}", "{\"format\":-1}", "{\"format\":1.5}", "{\"format\":1e9}",
      "{\"format\":99999999999999999999}", "{\"format\":1}", "{\"format\":1,\"kind\":\"x\"}", "[1]",
    ])
  func absurd(manifest: String) {
    var archive = PackedArchive()
    archive.entries[0].content = Array(manifest.utf8)
    #expect(refusal(of: archive.bytes)?.code == .badArchive)
  }

  @Test("Row 32: a user's archive of an older format is migrated")
  func older() throws {
    var archive = PackedArchive()
    archive.entries[0].content = Array("{\"format\":0,\"kind\":\"user\",\"user\":\"alice\"}".utf8)
    #expect(try takeIn(archive.bytes).report.format == 0)
  }

  @Test("Row 34: a column's archive is refused as a user's")
  func column() {
    var archive = PackedArchive()
    archive.entries[0].content = Array("{\"format\":1,\"kind\":\"area\",\"area\":\"todo\"}".utf8)
    #expect(refusal(of: archive.bytes)?.code == .badArchive)
  }

  @Test("Row 35: what an archive of a user does not hold is refused by name")
  func unknownEntry() {
    var archive = PackedArchive()
    archive.add("alice/notes.txt", "x")
    #expect(refusal(of: archive.bytes)?.item == "alice/notes.txt")
    var two = PackedArchive()
    two.add("bob/todo.ics", "")
    #expect(refusal(of: two.bytes)?.code == .badArchive)
  }

  @Test("Row 26: an archive inside a message is kept and never opened")
  func nested() throws {
    let inner = String(repeating: "PK\u{3}\u{4}", count: 10)
    let mail = "From a Mon Jan  5 10:15:00 2026\nSubject: x\n\n\(inner)\n\n"
    let (_, cells) = try takeIn(PackedArchive(documents: ["messages.mbox": mail]).bytes)
    #expect(cells[.messages]?.document == Array(mail.utf8))
  }

  @Test("SHA256SUMS anywhere but last is refused, and the advice says so")
  func sumsFirst() {
    var archive = PackedArchive()
    let sums = archive.entries.flatMap {
      ChecksumList.line(path: Array($0.path.utf8), digest: Digest(of: $0.content))
    }
    archive.entries.insert(("SHA256SUMS", sums), at: 0)
    archive.sums = nil
    let error = refusal(of: archive.bytes)
    #expect(error?.code == .badArchive)
  }
}
