import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

/// Documents put together at random from what gives decoders trouble.
@Suite struct GeneratedDocumentTests {
  private static let pieces: [DocumentFormat: [String]] = [
    .calendar: [
      "BEGIN:VCALENDAR", "END:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "END:VEVENT",
      "UID:1", "UID:2", "U\r\n ID:3", "RECURRENCE-ID:1", "BEGIN:VTIMEZONE", "END:VTIMEZONE",
      "TZID:Z", " folded", "\tfolded", "SUMMARY:ä", "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:x=",
      "ATTACH;ENCODING=BASE64:AA", "no colon", "", "BEGIN:VTODO", "END:VTODO", "=", "X-A:b",
    ],
    .cards: [
      "BEGIN:VCARD", "END:VCARD", "UID:1", "item1.UID:2", "FN:ü", "PHOTO;BASE64:AA", "AAAA", "",
      "NOTE;QUOTED-PRINTABLE:x=", "=", " folded", "AGENT:", "N:a=", "TEL;TYPE=X:1",
    ],
    .mailbox: [
      "From a@b Mon Jan  5 10:15:00 2026", "From -", "From ", "From", "From c@d", "From here on",
      ">From x", ">>From x", ">", "Subject: s", "Message-ID: <1>", "Message-ID: <2>", " folded",
      "Date: Mon, 5 Jan 2026 10:15:00 +0100", "", "", "Status: RO", "Received: x", "body", "\r",
      "\r\r", "Content-Type: multipart/x; boundary=b", "--b", "--b--", "--b", "Content-Length: 60",
      "Content-Length: 130", "x: \(String(repeating: "y", count: 40))",
      "From a Tue Jan  6 10:15:00 2026",
    ],
    .table: [
      "date,x", "2026-01-05,a", "2026-01-06;b", "\"q,\"\"", "q\"\"\",c", ",", ";", "\"", "", "ä,ö",
      "\"a\"b,c", "x\ty", "a\"b",
    ],
    .json: [
      "{", "}", "[", "]", ",", ":", "\"id\"", "\"name\"", "\"key\"", "1", "-0.5e1", "true",
      "\"\\u0061\"",
      "\"a\":1", "\"b\":[{\"token\":1}]", " ",
    ],
  ]

  private static let ends = ["\r\n", "\n", "\r", "\r\r\n", "\n", "\r\n", "\n\n", ""]

  @Test(
    "whatever is accepted is a fixed point, in whatever pieces it arrives", arguments: Area.allCases
  )
  func accepted(_ area: Area) throws {
    let pieces = GeneratedDocumentTests.pieces[area.format] ?? []
    var accepted = 0
    for seed in 0..<UInt64(1_200) {
      var generator = SeededGenerator(seed: seed)
      let bytes = document(area, pieces, &generator)
      do throws(OfficeError) {
        let found = try contradiction(area, bytes, &generator)
        accepted += 1
        #expect(found == nil, "seed \(seed): \(found ?? "") for \(Escaped.line(bytes))")
      } catch {
        #expect(error.code == .badArchive || error.code == .tooLarge, "seed \(seed)")
        #expect(error.item?.hasPrefix("line ") == true, "seed \(seed)")
      }
    }
    #expect(accepted > 20)
  }

  @Test("random bytes are accepted as a fixed point or refused", arguments: Area.allCases)
  func random(_ area: Area) throws {
    for seed in 0..<UInt64(300) {
      var generator = SeededGenerator(seed: seed)
      let bytes = generator.bytes(Int.random(in: 0...400, using: &generator))
      do throws(OfficeError) {
        let found = try contradiction(area, bytes, &generator)
        #expect(found == nil, "seed \(seed): \(found ?? "")")
      } catch {
        #expect(error.item?.hasPrefix("line ") == true, "seed \(seed)")
      }
    }
  }

  /// Lines at random; calendars and cards mostly closed as they must be, or nothing would be accepted.
  private func document(
    _ area: Area, _ pieces: [String], _ generator: inout SeededGenerator
  ) -> [UInt8] {
    var lines: [String] = []
    var open: [String] = []
    let isJSON = area.format == .json
    if area.format == .mailbox, Bool.random(using: &generator) { lines.append(pieces[0]) }
    for _ in 0..<Int.random(in: 0...24, using: &generator) {
      guard let piece = pieces.randomElement(using: &generator) else { continue }
      if piece.hasPrefix("END:") {
        if let last = open.popLast() { lines.append("END:" + last) }
        continue
      }
      if piece.hasPrefix("BEGIN:") {
        if area.format == .calendar, open.isEmpty != (piece == "BEGIN:VCALENDAR") { continue }
        open.append(String(piece.dropFirst(6)))
      } else if open.isEmpty, [.calendar, .cards].contains(area.format) {
        continue
      }
      lines.append(piece)
    }
    lines += open.reversed().map { "END:" + $0 }
    if isJSON { return Array(object(&generator).utf8) }
    var out: [UInt8] = []
    let usual = GeneratedDocumentTests.ends.randomElement(using: &generator) ?? "\n"
    for line in lines {
      let isOdd = Int.random(in: 0..<8, using: &generator) == 0
      out += Array(line.utf8)
      if isOdd, let end = GeneratedDocumentTests.ends.randomElement(using: &generator) {
        out += Array(end.utf8)
      } else {
        out += Array((usual.isEmpty ? "\n" : usual).utf8)
      }
      if Int.random(in: 0..<40, using: &generator) == 0 { out.append(0xE4) }
    }
    return out
  }

  private func object(_ generator: inout SeededGenerator) -> String {
    let values = [
      "1", "\"x\"", "[1, {\"token\": 2, \"a\" : [ ] }]", "{\"b\":{\"key\":1}}", "null", "tru",
    ]
    var members: [String] = []
    for index in 0..<Int.random(in: 0...6, using: &generator) {
      let name =
        ["id", "name", "password", "n\(index)", "\\u006e\(index)"]
        .randomElement(using: &generator) ?? "x"
      members.append("\"\(name)\" : \(values.randomElement(using: &generator) ?? "1")")
    }
    return "{ \(members.joined(separator: ",\n")) }"
  }
}
