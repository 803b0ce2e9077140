import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

@Suite struct CardTests {
  private func card(_ lines: String...) -> String {
    "BEGIN:VCARD\r\n" + lines.map { $0 + "\r\n" }.joined() + "END:VCARD\r\n"
  }

  @Test("canonical cards come back byte for byte, in the order of their UIDs")
  func canonical() throws {
    let text = card("VERSION:4.0", "UID:a") + card("item1.uid;VALUE=text:b", "NOTE:x\r\n  y")
    let decoded = try decode(.addresses, text)
    #expect(decoded.text == text)
    #expect(decoded.naturals == ["a", "b"])
    #expect(decoded.report == DocumentReport(objects: 2))
    #expect(
      try decode(.directory, card("UID:b") + card("UID:a")).text == card("UID:a") + card("UID:b"))
    #expect(try decode(.directory, "").sink.items.isEmpty)
  }

  @Test("Row 37: a card without a UID is keyed by its content, twins are all kept")
  func withoutUID() throws {
    let text = card("FN:x")
    let once = try decode(.addresses, text)
    let twice = try decode(.addresses, text + text)
    #expect(once.naturals == [Digest(of: Array(text.utf8)).description])
    #expect(twice.sink.items.map(\.occurrence) == [0, 1])
    #expect(twice.sink.items.first == once.sink.items.first)
  }

  @Test("a card within a card belongs to it, and its UID does not count")
  func agent() throws {
    let text = card("AGENT:\r\n" + card("UID:inner").dropLast(), "UID:outer")
    let decoded = try decode(.addresses, text)
    #expect(decoded.text == text)
    #expect(decoded.naturals == ["outer"])
  }

  @Test("vCard 2.1: soft line breaks and base64 without blanks are framed, the line behind too")
  func oldValues() throws {
    let text = card(
      "LABEL;ENCODING=QUOTED-PRINTABLE:a=\r\nEND:VCARD and more=\r\nc",
      "PHOTO;BASE64:\r\nAAAA\r\nBBBB==\r\n", "UID:x")
    let decoded = try decode(.addresses, text)
    #expect(decoded.text == text)
    #expect(decoded.naturals == ["x"])
  }

  @Test("blank lines go where they mean nothing, and stay where they end a base64 value")
  func blanks() throws {
    let decoded = try decode(
      .addresses,
      "\r\n" + card("UID:a", "", "PHOTO;ENCODING=b:AA==\r\n AA\r\n\r\n", "FN:x") + "\r\n")
    #expect(decoded.text == card("UID:a", "PHOTO;ENCODING=b:AA==\r\n AA\r\n", "FN:x"))
    #expect(decoded.report.notes.first?.count == 4)
  }

  @Test(
    "Row 62: what is no complete card is refused with the line",
    arguments: [
      ("BEGIN:VCARD\nFN:x\n", "line 1: BEGIN:VCARD"), ("FN:x\n", "line 1: FN"),
      ("BEGIN:VCARD\nEND:VCARD\n", "line 1: BEGIN:VCARD"),
      ("BEGIN:VCARD\nFN:x\nEND:VCALENDAR\n", "line 3: END"), ("END:VCARD\n", "line 1: END"),
    ])
  func unclosed(_ text: String, _ item: String) {
    #expect(refusal(.addresses, text)?.item == item)
  }

  @Test("windows-1252 is converted line by line")
  func charset() throws {
    let start = Array("BEGIN:VCARD\r\nUID:1\r\nFN:J".utf8)
    let end = Array("rgen\r\nNOTE:ü\r\nEND:VCARD\r\n".utf8)
    let decoded = try decode(.addresses, start + [0xFC] + end)
    #expect(decoded.text == card("UID:1", "FN:Jürgen", "NOTE:ü"))
    #expect(decoded.report.notes == [DocumentNote(kind: .windows1252, count: 1, firstLine: 3)])
  }

  @Test("Row 51: a line folded too often is over the limit")
  func folds() {
    var limits = Limits()
    limits.folds = 1_000
    let folded =
      "BEGIN:VCARD\r\nNOTE:" + String(repeating: "x\r\n ", count: 2_000) + "\r\nEND:VCARD"
    #expect(refusal(.addresses, folded, limits: limits)?.code == .tooLarge)
    #expect(refusal(.addresses, folded, limits: limits)?.item == "line 2")
    #expect(refusal(.addresses, folded) == nil)
  }

  @Test("Row 68: a PHOTO over the limit is refused with its line")
  func photo() {
    var limits = Limits()
    limits.itemBytes = 100_000
    let photo = "PHOTO;ENCODING=b:" + String(repeating: "AAAA\r\n ", count: 50_000)
    let text = "BEGIN:VCARD\r\n\(photo)\r\nEND:VCARD\r\n"
    #expect(refusal(.addresses, text, limits: limits)?.code == .tooLarge)
    #expect(refusal(.addresses, text, limits: limits)?.item == "line 2")
    let many = "BEGIN:VCARD\r\n" + String(repeating: "NOTE:x\r\n", count: 50_000) + "END:VCARD\r\n"
    #expect(refusal(.addresses, many, limits: limits)?.item == "line 1")
  }
}
