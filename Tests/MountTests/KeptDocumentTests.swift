import Foundation
import TestSupport
import Testing

extension RealMount {
  @Suite("Documents that are kept")
  struct KeptDocuments {
    /// A document, the cell it belongs to, and the pieces of which what comes back is made, in any order.
    struct Kept: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let cell: String
      let given: [UInt8]
      let pieces: [[UInt8]]

      init(_ name: String, _ cell: String, _ given: String, gives pieces: String...) {
        self.init(name, cell, Array(given.utf8), gives: pieces.isEmpty ? [given] : pieces)
      }

      init(_ name: String, _ cell: String, _ given: [UInt8], gives pieces: [String]) {
        testDescription = name
        (self.cell, self.given) = (cell, given)
        self.pieces = pieces.map { Array($0.utf8) }
      }
    }

    private static let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n"
    private static let tail = "END:VCALENDAR\r\n"
    private static let from = "From a@b Mon Jan  5 10:15:00 2026\n"

    private static func event(_ uid: String, _ lines: String...) -> String {
      "BEGIN:VEVENT\r\nUID:\(uid)\r\n" + lines.map { $0 + "\r\n" }.joined() + "END:VEVENT\r\n"
    }

    private static func calendar(_ parts: String...) -> String { head + parts.joined() + tail }

    private static func zone(_ offset: String) -> String {
      "BEGIN:VTIMEZONE\r\nTZID:Z\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        + "TZOFFSETFROM:\(offset)\r\nTZOFFSETTO:\(offset)\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    }

    private static func utf16(_ text: String) -> [UInt8] {
      [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    }

    private static var calendars: [Kept] {
      let here = calendar(zone("+0100"), event("a", "DTSTART;TZID=Z:20260105T101500"))
      let there = calendar(zone("-0900"), event("b", "DTSTART;TZID=Z:20260105T101500"))
      let request = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n" + event("a") + tail
      let cancel = "BEGIN:VCALENDAR\r\nVERSION:1.0\r\nMETHOD:CANCEL\r\n" + event("a") + tail
      let exceptions = String(repeating: "EXDATE:20260105T101500Z\r\n", count: 100_000)
      return [
        Kept(
          "Row 39: an all-day event", "scheduler.ics",
          calendar(event("a", "DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260106"))),
        Kept(
          "Row 53: a rule that repeats every second for ever", "scheduler.ics",
          calendar(event("a", "RRULE:FREQ=SECONDLY"))),
        Kept(
          "Row 54: a rule that repeats a thousand million times", "scheduler.ics",
          calendar(event("a", "RRULE:FREQ=DAILY;COUNT=1000000000"))),
        Kept(
          "Row 55: a rule that never goes on", "scheduler.ics",
          calendar(event("a", "RRULE:FREQ=DAILY;INTERVAL=0"))),
        Kept(
          "Row 56: the 30th of February", "scheduler.ics",
          calendar(event("a", "DTSTART:20260230T000000Z"))),
        Kept(
          "Row 57: 100,000 EXDATEs", "scheduler.ics",
          calendar("BEGIN:VEVENT\r\nUID:a\r\n\(exceptions)END:VEVENT\r\n")),
        Kept(
          "Row 58: the year 99999", "scheduler.ics",
          calendar(event("a", "DTSTART:999990101T000000Z"))),
        Kept(
          "Row 59: an unknown TZID", "scheduler.ics",
          calendar(event("a", "DTSTART;TZID=\"Nowhere/X: Y\":20260105T101500"))),
        Kept(
          "Row 60: one TZID defined twice differently", "scheduler.ics", there + here,
          gives: here, there),
        Kept(
          "Row 63: one UID with two contents", "scheduler.ics",
          calendar(event("a", "SUMMARY:2"), event("a", "SUMMARY:1"))),
        Kept(
          "Row 64: an override with no master", "scheduler.ics",
          calendar(event("a", "RECURRENCE-ID:20260105T101500Z"))),
        Kept(
          "Row 65: METHOD and VERSION that differ", "scheduler.ics", request + cancel,
          gives: request, cancel),
        Kept(
          "Row 66: a VTIMEZONE that nothing uses", "scheduler.ics",
          calendar(zone("+0100"), event("a"))),
        Kept(
          "Row 67: bare CR, CR CR LF and mixed line ends", "scheduler.ics",
          "BEGIN:VCALENDAR\rVERSION:2.0\r\r\nPRODID:-//x//EN\nBEGIN:VEVENT\r\nUID:a\n"
            + "SUMMARY:x\r\r\n y\rEND:VEVENT\nEND:VCALENDAR",
          gives: calendar(event("a", "SUMMARY:x", " y"))),
        Kept(
          "Row 69: ATTACH of a local file", "scheduler.ics",
          calendar(event("a", "ATTACH:file:///etc/shadow"))),
      ]
    }

    private static var mailsAndTables: [Kept] {
      let parts = (0..<10_000).map {
        "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n"
      }
      let ends = (0..<10_000).reversed().map { "--b\($0)--\n" }
      let long = from + "Content-Length: 100000\nMessage-ID: <1>\n\nbody\n\n"
      let short = from + "Content-Length: 1\nMessage-ID: <2>\n\nbody\n\n"
      let wide = "date,note\r\n2026-01-05,für 😀\r\n"
      return [
        Kept(
          "Row 40: a time sheet with two shifts on one date", "timesheet.csv",
          "date,in,out\n2026-01-05,13:00,17:00\n2026-01-05,08:00,12:00\n"),
        Kept(
          "Row 70: a body line that begins with From", "messages.mbox",
          from + "Subject: s\n\nFrom here on\n>From there\n\n",
          gives: from + "Subject: s\n\n>From here on\n>From there\n\n"),
        Kept(
          "Row 71: a message without a final newline", "webmail.mbox", from + "A: b\n\nbody",
          gives: from + "A: b\n\nbody\n\n"),
        Kept(
          "Row 72: MIME parts 10,000 deep", "messages.mbox",
          from + parts.joined() + "x\n" + ends.joined() + "\n"),
        Kept("Row 73: lying Content-Lengths", "messages.mbox", long + short),
        Kept(
          "Row 74: CR and LF in a subject", "messages.mbox",
          from + "Subject: a\rBcc: x@y\r\r\nA: b\n\nc\n\n"),
        Kept(
          "Row 75: cells that start with = + - @", "timesheet.csv",
          "date,note\n2026-01-05,=1+1\n2026-01-06,+x\n2026-01-07,-x\n2026-01-08,@SUM(A1)\n"),
        Kept("Row 77: a table in UTF-16", "timesheet.csv", utf16(wide), gives: [wide]),
      ]
    }

    @Test(
      "Rows 39-40, 53-60, 63-67, 69-75, 77: comes back as it was, also after another import",
      arguments: calendars + mailsAndTables)
    func isKept(_ kept: Kept) throws {
      try MountedOffice.with(.empty) { office in
        try Data(kept.given).write(to: URL(filePath: office.work + "/given"))
        try office.sh(
          """
          "$PACKAGE/scripts/pack-user" ann ann.udb "$CELL=given"
          cp ann.udb "$U/"
          tar -xOf "$U/ann.udb" "ann/$CELL" >back
          cp "$U/ann.udb" "$U/again.udb"
          tar -xOf "$U/again.udb" "again/$CELL" | cmp - back
          cp "$U/again.udb" "$U/ann.udb"
          tar -xOf "$U/ann.udb" "ann/$CELL" | cmp - back
          """, ["CELL": kept.cell])
        let back = try Data(contentsOf: URL(filePath: office.work + "/back"))
        #expect(back.count == kept.pieces.reduce(0) { $0 + $1.count })
        for piece in kept.pieces {
          #expect(back.range(of: Data(piece)) != nil, "\(kept): \(back.prefix(2_000))")
        }
        #expect(try office.errorLog().isEmpty)
      }
    }

    @Test("Row 77: that UTF-16 was converted stands in the audit log")
    func isReported() throws {
      try MountedOffice.with(.empty) { office in
        let text = KeptDocuments.utf16("date,note\r\n2026-01-05,für\r\n")
        try Data(text).write(to: URL(filePath: office.work + "/given"))
        try office.sh(
          """
          "$PACKAGE/scripts/pack-user" ann ann.udb timesheet.csv=given
          cp ann.udb "$U/"
          tail -n 1 "$M/status/audit.log" | grep 'timesheet.*UTF-16'
          """)
      }
    }
  }
}
