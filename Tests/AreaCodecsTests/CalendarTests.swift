import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

@Suite struct CalendarTests {
  private let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n"
  private let tail = "END:VCALENDAR\r\n"

  private func event(_ uid: String, _ more: String = "") -> String {
    "BEGIN:VEVENT\r\nUID:\(uid)\r\n\(more)END:VEVENT\r\n"
  }

  @Test("a canonical calendar comes back byte for byte, head, events, tail")
  func canonical() throws {
    let text = head + event("a") + event("b", "SUMMARY:folded\r\n  on\r\n\tand on\r\n") + tail
    let decoded = try decode(.scheduler, text)
    #expect(decoded.text == text)
    #expect(decoded.report == DocumentReport(objects: 2))
    #expect(decoded.naturals == ["", "VEVENT:a", "VEVENT:b", ""])
    #expect(decoded.sink.items == decoded.sink.sorted)
  }

  @Test("an empty document has no items, a calendar without components keeps its head")
  func empty() throws {
    #expect(try decode(.scheduler, "").sink.items.isEmpty)
    #expect(try decode(.scheduler, head + tail).text == head + tail)
    #expect(try decode(.scheduler, head + tail).report.objects == 0)
  }

  @Test("a series is one item: overrides join the master before them, or the first behind them")
  func series() throws {
    let first = event("u", "RECURRENCE-ID:1\r\n")
    let second = event("u", "recurrence-id;TZID=x:2\r\n")
    let text = head + first + event("z") + event("u", "X:master\r\n") + second + tail
    let decoded = try decode(.scheduler, text)
    #expect(decoded.contents[1] == event("u", "X:master\r\n") + first + second)
    #expect(decoded.report.objects == 2)
    var generator = SeededGenerator(seed: 1)
    #expect(try contradiction(.scheduler, Array(text.utf8), &generator) == nil)
  }

  @Test("Row 64: overrides without a master are one item")
  func orphans() throws {
    let text = head + event("u", "RECURRENCE-ID:2\r\n") + event("u", "RECURRENCE-ID:1\r\n") + tail
    let decoded = try decode(.scheduler, text)
    #expect(decoded.text == text)
    #expect(decoded.report.objects == 1)
  }

  @Test("Row 63: one UID with two contents: both are kept")
  func twins() throws {
    let text = head + event("u", "X:2\r\n") + event("u", "X:1\r\n") + tail
    let decoded = try decode(.scheduler, text)
    #expect(decoded.text == text)
    #expect(decoded.sink.sorted.map(\.occurrence) == [0, 0, 1, 0])
  }

  @Test("overrides of one UID in two calendars with equal heads stay where they are found again")
  func equalHeads() throws {
    let master = event("u", "X:m\r\n")
    let override = event("u", "RECURRENCE-ID:1\r\n")
    let text = head + master + tail + head + override + tail
    let decoded = try decode(.scheduler, text)
    #expect(decoded.text == head + master + override + tail)
    #expect(decoded.report.objects == 1)
  }

  @Test("Row 59: an unknown TZID is kept")
  func unknownZone() throws {
    let text = head + event("u", "DTSTART;TZID=\"Nowhere/X: Y\":20260105T101500\r\n") + tail
    #expect(try decode(.scheduler, text).text == text)
  }

  @Test("Row 60: one TZID defined twice differently: each event keeps its own")
  func zones() throws {
    func zone(_ offset: String) -> String {
      "BEGIN:VTIMEZONE\r\nTZID:Z\r\nBEGIN:STANDARD\r\nTZOFFSETTO:\(offset)\r\nEND:STANDARD\r\n"
        + "END:VTIMEZONE\r\n"
    }
    let one = head + zone("+0100") + event("a") + tail
    let two = head + zone("+0200") + event("b") + tail
    let decoded = try decode(.scheduler, one + two)
    #expect(decoded.text == one + two || decoded.text == two + one)
    #expect(decoded.report.objects == 2)
    let hoisted = try decode(.scheduler, head + event("a") + zone("+0100") + tail)
    #expect(hoisted.text == one)
  }

  @Test("Row 65: METHOD and VERSION that differ stay in separate calendars")
  func methods() throws {
    let request = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n" + event("a") + tail
    let cancel = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\n" + event("a") + tail
    let text = try decode(.scheduler, request + cancel).text
    #expect(text == request + cancel || text == cancel + request)
  }

  @Test("Row 66: a VTIMEZONE that nothing uses is kept")
  func unusedZone() throws {
    let text = head + "BEGIN:VTIMEZONE\r\nTZID:Z\r\nEND:VTIMEZONE\r\n" + event("a") + tail
    #expect(try decode(.scheduler, text).text == text)
  }

  private func isKept(_ line: String) throws -> Bool {
    let text = head + event("a", line + "\r\n") + tail
    return try decode(.scheduler, text).text == text
  }

  @Test("Row 53: a rule that repeats every second for ever is kept")
  func secondly() throws { #expect(try isKept("RRULE:FREQ=SECONDLY")) }

  @Test("Row 54: a rule that repeats a thousand million times is kept")
  func often() throws { #expect(try isKept("RRULE:FREQ=DAILY;COUNT=1000000000")) }

  @Test("Row 55: a rule that never goes on is kept")
  func interval() throws { #expect(try isKept("RRULE:FREQ=DAILY;INTERVAL=0")) }

  @Test("Row 56: the 30th of February is kept")
  func february() throws { #expect(try isKept("DTSTART:20260230T000000Z")) }

  @Test("Row 58: the year 99999 is kept")
  func year() throws { #expect(try isKept("DTSTART:999990101T000000Z")) }

  @Test("Row 57: 100,000 EXDATEs are kept")
  func exceptions() throws {
    let dates = String(repeating: "EXDATE:20260105T101500Z\r\n", count: 100_000)
    let text = head + event("a", dates) + tail
    #expect(try decode(.scheduler, text).document == Array(text.utf8))
  }

  @Test("Row 60: bare zones and events, and calendars of other files, keep to their own zones")
  func bareZones() throws {
    func zone(_ offset: String) -> String {
      "BEGIN:VTIMEZONE\r\nTZID:Z\r\nTZOFFSETTO:\(offset)\r\nEND:VTIMEZONE\r\n"
    }
    // As many calendars as there are offsets, each with an event that looks the same.
    let calendars = (0..<20).map { index in
      head + zone("+\(100 + index)") + event("e\(index)", "DTSTART;TZID=Z:20260105T101500\r\n")
        + tail
    }
    let decoded = try decode(.scheduler, calendars.shuffled().joined() + zone("-0900") + event("b"))
    for calendar in calendars { #expect(decoded.text.contains(calendar)) }
    #expect(decoded.text.contains(zone("-0900") + event("b")))
    #expect(decoded.report.objects == 21)
  }

  @Test("Row 61: 100,000 nested components are over the limit")
  func nested() {
    let error = refusal(.scheduler, String(repeating: "BEGIN:X\r\n", count: 100_000))
    #expect(error?.code == .tooLarge)
    #expect(error?.item == "line 65")
  }

  @Test("Row 62: an unclosed or unmatched component is refused with its line")
  func unclosed() {
    #expect(refusal(.scheduler, head + "BEGIN:VEVENT\r\nUID:a\r\n")?.item == "line 4: BEGIN:VEVENT")
    #expect(refusal(.scheduler, head + "BEGIN:VEVENT\r\n" + tail)?.item == "line 5: END:VCALENDAR")
    #expect(refusal(.scheduler, "END:VEVENT\r\n")?.item == "line 1: END:VEVENT")
    #expect(refusal(.scheduler, "UID:secret\r\n")?.item == "line 1: UID")
  }

  @Test("Row 39: an all-day event comes back exactly")
  func allDay() throws {
    let text =
      head + event("a", "DTSTART;VALUE=DATE:20260105\r\nDTEND;VALUE=DATE:20260106\r\n") + tail
    #expect(try decode(.scheduler, text).text == text)
  }

  @Test("Row 67: bare CR, CR CR LF and mixed line ends are framed right")
  func lineEnds() throws {
    let right = head + event("a", "SUMMARY:x\r\n y\r\n") + tail
    let decoded = try decode(
      .scheduler,
      "BEGIN:VCALENDAR\rVERSION:2.0\r\r\nPRODID:-//x//EN\nBEGIN:VEVENT\r\nUID:a\n\r\n"
        + "SUMMARY:x\r\r\n y\rEND:VEVENT\nEND:VCALENDAR")
    #expect(decoded.text == right)
    #expect(decoded.kinds == [.lineEnds, .blankLines, .finalLineEnd])
  }

  @Test("Row 69: ATTACH of a local file is kept, never opened")
  func attachment() throws {
    let text = head + event("a", "ATTACH:file:///etc/shadow\r\n") + tail
    #expect(try decode(.scheduler, text).text == text)
  }

  @Test("Row 38: a group event is the same item in each participant's calendar")
  func groupEvent() throws {
    let shared = event("meeting", "ATTENDEE:mailto:bob@example.org\r\n")
    let alice = try decode(.scheduler, head + event("a") + shared + tail)
    let bob = try decode(.scheduler, head + shared + event("z") + tail)
    let items = bob.sink.items
    #expect(alice.sink.items.count { items.contains($0) } == 3)
  }

  @Test("components without a VCALENDAR are wrapped, a property behind the end moves into it")
  func repairs() throws {
    let bare = try decode(.todo, "BEGIN:VTODO\nUID:1\nEND:VTODO\n")
    #expect(
      bare.text
        == "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//officefs//EN\r\nBEGIN:VTODO\r\nUID:1\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
    #expect(bare.kinds == [.wrapped, .lineEnds])
    let moved = try decode(.scheduler, head + event("a") + tail + "X-COMMENT:cached\r\n")
    #expect(moved.text == head + "X-COMMENT:cached\r\n" + event("a") + tail)
    #expect(moved.kinds == [.moved])
  }

  @Test("a calendar within a calendar is put beside it; one that only wraps it goes")
  func withinCalendar() throws {
    let inner = "BEGIN:VCALENDAR\r\nVERSION:1.0\r\n" + event("i") + tail
    let both = try decode(.scheduler, head + event("a") + inner + event("b") + tail)
    let outer = head + event("a") + event("b") + tail
    #expect(both.text == inner + outer || both.text == outer + inner)
    #expect(both.kinds == [.unwrapped])
    let wrapped = try decode(.scheduler, "BEGIN:VCALENDAR\r\n" + inner + tail)
    #expect(wrapped.text == inner)
    var generator = SeededGenerator(seed: 2)
    #expect(try contradiction(.scheduler, Array(both.document), &generator) == nil)
  }

  @Test("a missing END:VCALENDAR is added where the file ends at the end of a line")
  func unclosedCalendar() throws {
    let ended = try decode(.scheduler, head + event("a"))
    #expect(ended.text == head + event("a") + tail)
    #expect(ended.report.notes == [DocumentNote(kind: .endAdded, count: 1, firstLine: 1)])
    #expect(try decode(.scheduler, head + "BEGIN:X\r\nEND:X").report.objects == 1)
    #expect(refusal(.scheduler, head + event("a") + "X-A:cut")?.item == "line 1: BEGIN:VCALENDAR")
    let joined = try decode(.scheduler, head + event("a") + head + event("b") + tail)
    #expect(joined.text == head + event("a") + event("b") + tail)
    #expect(joined.kinds == [.unwrapped, .endAdded])
  }

  @Test("UTF-16 without a byte order mark is known by its zero bytes")
  func unmarked() throws {
    let text = head + event("a", "SUMMARY:Grüße\r\n") + tail
    for isLittle in [false, true] {
      let bytes = text.utf16.flatMap {
        isLittle ? [UInt8($0 & 255), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 255)]
      }
      for piece in [1, 2, 3, 1_000] {
        let decoded = try decode(.scheduler, bytes, piece: piece)
        #expect(decoded.text == text)
        #expect(decoded.kinds == [.utf16])
      }
    }
  }

  @Test("UTF-16 and windows-1252 are converted, a character that folding cut in two is kept")
  func charsets() throws {
    let text = head + event("a", "SUMMARY:Grüße 😀\r\n") + tail
    let little = text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    for bytes in [[0xFF, 0xFE] + little, [0xFE, 0xFF] + big] {
      let decoded = try decode(.scheduler, bytes)
      #expect(decoded.text == text)
      #expect(decoded.kinds == [.utf16])
    }
    let start = Array((head + "BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:").utf8)
    let end = Array(("\r\nEND:VEVENT\r\n" + tail).utf8)
    let latin = try decode(.scheduler, start + [0x47, 0xFC, 0x80] + end)
    #expect(latin.text == head + event("a", "SUMMARY:Gü€\r\n") + tail)
    #expect(latin.kinds == [.windows1252])
    let folded = start + [0xC3, 0x0D, 0x0A, 0x20, 0xBC] + end
    #expect(try decode(.scheduler, folded).document == folded)
    #expect(throws: OfficeError.self) { try decode(.scheduler, [0xFF, 0xFE, 0x41, 0xD8, 0x41, 0]) }
  }

  @Test("vCalendar 1.0: a quoted-printable value may go on over lines that look like components")
  func softBreaks() throws {
    let note = "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:a=\r\nBEGIN:VEVENT=\r\n=0D=0A=\r\n\r\n"
    let text = "BEGIN:VCALENDAR\r\nVERSION:1.0\r\n" + event("a", note) + tail
    #expect(try decode(.scheduler, text).text == text)
    let stray = "DESCRIPTION;QUOTED-PRINTABLE:a=\r\n"
    let cut = "BEGIN:VCALENDAR\r\nVERSION:1.0\r\n" + event("a", stray) + tail
    #expect(try decode(.scheduler, cut).text == cut)
  }
}
