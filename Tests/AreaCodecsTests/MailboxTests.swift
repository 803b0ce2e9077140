import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

@Suite struct MailboxTests {
  private let first = "From a@b.example Mon Jan  5 10:15:00 2026\n"
  private let second = "From c@d.example Tue Jan  6 10:15:00 2026\n"

  @Test("a canonical mailbox comes back byte for byte, sorted by time and Message-ID")
  func canonical() throws {
    let one = first + "Status: RO\nReceived: x\n\ty\nSubject: s\nMessage-ID:\n <1@x>\n\nbody\n\n"
    let two = second + "Subject: only a header\nMessage-Id: <2@x> \n\n"
    let decoded = try decode(.messages, one + two)
    #expect(decoded.text == one + two)
    #expect(decoded.report == DocumentReport(objects: 2))
    #expect(decoded.naturals == ["<1@x>", "<2@x>"])
    #expect(
      decoded.sink.items.map { String(decoding: $0.key.order, as: UTF8.self) } == [
        "20260105T101500Z", "20260106T101500Z",
      ])
    #expect(try decode(.webmail, two + one).text == one + two)
    #expect(try decode(.webmail, "").sink.items.isEmpty)
  }

  @Test("the head is the From line and what servers put on top")
  func cut() throws {
    let top = first + "Return-Path: <x>\nX-Status: A\nReceived: a\n b\nDelivered-To: y\n"
    let decoded = try decode(.messages, top + "Subject: s\nReceived: late\n\nb\n\n")
    #expect(decoded.sink.items.map(\.cut) == [top.utf8.count])
    #expect(try decode(.messages, first + "\nb\n\n").sink.items.map(\.cut) == [first.utf8.count])
  }

  @Test("Row 70: a body line that begins with From is quoted, and quoted ones stay")
  func quoting() throws {
    let decoded = try decode(
      .messages, first + "Subject: s\n\nFrom here on\n>From there\n\nFrom this principle, all.\n\n")
    #expect(
      decoded.contents == [
        first + "Subject: s\n\n>From here on\n>From there\n\n>From this principle, all.\n\n"
      ])
    #expect(decoded.report.notes == [DocumentNote(kind: .fromQuoted, count: 2, firstLine: 4)])
  }

  @Test("Row 71: a message without a final newline is exact but for the line end it is given")
  func finalLineEnd() throws {
    #expect(try decode(.messages, first + "A: b\n\nbody").text == first + "A: b\n\nbody\n\n")
    #expect(try decode(.messages, first + "A: b").text == first + "A: b\n\n")
    let dos = try decode(.messages, first + "A: b\r\n\r\nbody")
    #expect(dos.text == first + "A: b\r\n\r\nbody\r\n\n")
    #expect(dos.kinds == [.finalLineEnd, .separator])
  }

  @Test("Row 72: MIME parts 10,000 deep are kept")
  func deepParts() throws {
    let parts = (0..<10_000).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }
    let ends = (0..<10_000).reversed().map { "--b\($0)--\n" }
    let text = first + parts.joined() + "From x\n" + ends.joined() + "\n"
    #expect(
      try decode(.messages, text).text == text.replacing("\nFrom x\n", with: "\n>From x\n"))
    let cut = first + parts.joined()
    #expect(try decode(.messages, cut + "\n").text == cut + "\r\r\n")
  }

  @Test("Row 73: a lying Content-Length is ignored")
  func contentLength() throws {
    let one = first + "Content-Length: 100000\nMessage-ID: 1\n\nbody\n\n"
    let two = second + "Content-Length: 1\nMessage-ID: 2\n\nbody\n\n"
    #expect(try decode(.messages, one + two).contents == [one, two])
  }

  @Test("Row 67: line ends of messages stay as they are, bare CR too; the From line ends in LF")
  func lineEnds() throws {
    let decoded = try decode(
      .messages,
      "From a@b Mon Jan  5 10:15:00 2026\r\nA: b\r\n\r\nx\ry\r\r\nz\n\r\n" + second + "C: d\n\n")
    #expect(
      decoded.contents == [
        "From a@b Mon Jan  5 10:15:00 2026\nA: b\r\n\r\nx\ry\r\r\nz\n\n", second + "C: d\n\n",
      ])
    #expect(decoded.kinds == [.separator])
  }

  @Test("a message alone is given a From line by its date, and every From line in it is quoted")
  func alone() throws {
    let decoded = try decode(
      .messages,
      "Subject: s\nDate: Mon, 5 Jan 2026 11:15:00 +0100 (CET)\n\nFrom a@b Mon Jan  5 10:15:00 2026\n>>From x\n>Fro\n\n"
    )
    #expect(
      decoded.contents == [
        "From MAILER-DAEMON Mon Jan  5 10:15:00 2026\nSubject: s\nDate: Mon, 5 Jan 2026 11:15:00 +0100 (CET)\n\n"
          + ">From a@b Mon Jan  5 10:15:00 2026\n>>>From x\n>Fro\n\n\n"
      ])
    #expect(decoded.kinds == [.fromAdded, .fromQuoted])
    let dateless = try decode(.messages, "Subject: s\n\n")
    #expect(dateless.text == "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nSubject: s\n\n\n")
    let late = try decode(.messages, "Date: Fri, 31 Dec 9999 23:59:59 -0800\n\nx\n")
    #expect(late.text.hasPrefix("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n"))
  }

  @Test("what begins with neither a From line nor a header field is refused with the line")
  func noMessage() {
    #expect(refusal(.messages, "// not a message\n")?.item == "line 1")
    #expect(refusal(.messages, "\n\n<html>\n")?.item == "line 3")
    #expect(refusal(.messages, String(repeating: "\u{1}", count: 100_000))?.code == .badArchive)
  }

  @Test("separators of other writers: no empty line before, no date, CR LF, an empty sender")
  func separators() throws {
    let decoded = try decode(
      .messages,
      "\n\nFrom - \nA: 1\n\nx\nFrom - \nA: 2\n\nx\n\nFrom 12@xxx\nA: 3\n\nx\n"
        + "From up at x.org  Wed Feb  1 19:06:04 2006\nA: 4\n\nx\n\nFrom \nA: 5\n\nx\n")
    #expect(decoded.report.objects == 5)
    #expect(decoded.contents.last == "From up at x.org  Wed Feb  1 19:06:04 2006\nA: 4\n\nx\n\n")
    #expect(decoded.kinds == [.blankLines, .separator])
    let text = try decode(
      .messages, first + "A: 1\n\nx\nFrom c@d Tue Jan  6 10:15:00 2026\nnot a field\n")
    #expect(text.report.objects == 1)
  }

  @Test(
    "dates of From lines",
    arguments: [
      ("From a Mon Jan  5 10:15:00 2026", "20260105T101500Z"),
      ("From a Mon Jan 05 10:15 2026", "20260105T101500Z"),
      ("From a at b  Mon Jan  5 10:15:00 +0100 2026", "20260105T091500Z"),
      ("From a Mon Jan  5 10:15:00 2026 -0130", "20260105T114500Z"),
      ("From a Mon Jan  5 10:15:00 EST 2026", "20260105T151500Z"),
      ("From a Mon, 5 Jan 2026 10:15:00 GMT", "20260105T101500Z"),
      ("From a Thu Feb 29 23:59:60 1996", "19960301T000000Z"),
      ("From a Mon Feb 30 10:15:00 2026", ""), ("From a Mon Jan  5 10:15:00 99999", ""),
      ("From a Mon Jan  5 24:15:00 2026", ""), ("From -", ""), ("From here 10:15", ""),
    ])
  func dates(_ line: String, _ order: String) {
    let date = Array(line.utf8).withUnsafeBytes { MailDate($0) }
    #expect(String(decoding: date?.order ?? [], as: UTF8.self) == order)
  }

  @Test("NUL and 8-bit bytes are kept")
  func binary() throws {
    let body = Array((first + "A: b\n\n").utf8) + (0...255).map { UInt8($0) } + [0x0A, 0x0A]
    #expect(try decode(.messages, body).document == body)
  }

  @Test("Row 52: a line over the limit is refused with its number, however it arrives")
  func longLine() {
    var limits = Limits()
    limits.lineBytes = 1_000
    let text = first + "A: b\n\n" + String(repeating: "x", count: 1_001) + "\n"
    for piece in [1, 7, 100, 1_000, 10_000] {
      let error = #expect(throws: OfficeError.self) {
        try decode(.messages, text, piece: piece, limits: limits)
      }
      #expect(error?.code == .tooLarge)
      #expect(error?.item == "line 4")
    }
    #expect(refusal(.messages, text) == nil)
    let card = "BEGIN:VCARD\r\nNOTE:" + String(repeating: "x", count: 1_001)
    #expect(refusal(.addresses, card, limits: limits)?.item == "line 2")
  }

  @Test("a message of any size passes in large pieces, with what is held staying small")
  func streaming() throws {
    let sink = CollectingSink()
    var decoder = DocumentCodec.decoder(
      for: .messages, user: try UserID("alice"), limits: Limits(), into: sink)
    try decoder.feed(Array((first + "A: b\n\n").utf8))
    let line = String(repeating: "TUlJQ0FURSAtRi1F", count: 4) + "\r\n"
    let piece = Array(String(repeating: line, count: 4_000).utf8)
    for _ in 0..<16 { try decoder.feed(piece) }
    #expect(try decoder.finish().objects == 1)
    #expect(sink.writes < 64)
    #expect(sink.items.first?.content.count == first.utf8.count + 6 + 16 * piece.count + 1)
  }
}
