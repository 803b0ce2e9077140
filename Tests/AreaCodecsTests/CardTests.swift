import FuzzTargets
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
      ("BEGIN:VCARD\nFN:x", "line 1: BEGIN:VCARD"), ("FN:x\n", "line 1: FN"),
      ("BEGIN:VCARD\nBEGIN:VCARD\nFN:x\nEND:VCARD\n", "line 1: BEGIN:VCARD"),
      ("BEGIN:VCARD\nN;QUOTED-PRINTABLE:x=\n", "line 1: BEGIN:VCARD"),
      ("BEGIN:VCARD\nPHOTO;BASE64:\n AAAA\n", "line 1: BEGIN:VCARD"),
      ("FN:x\nBEGIN:VCARD\nFN:y\nEND:VCARD\n", "line 1: FN"),
      ("BEGIN:VCARD\nEND:VCARD\n", "line 1: BEGIN:VCARD"),
      ("BEGIN:VCARD\nFN:x\nEND:VCALENDAR\n", "line 3: END"), ("END:VCARD\n", "line 1: END"),
    ])
  func unclosed(_ text: String, _ item: String) {
    #expect(refusal(.addresses, text)?.item == item)
  }

  @Test("a missing BEGIN is added, and a missing END where the file ends at the end of a line")
  func repairs() throws {
    let begun = try decode(.addresses, card("UID:a") + "item1.FN:x\r\nEND:VCARD\r\n")
    #expect(Set(begun.contents) == [card("UID:a"), card("item1.FN:x")])
    #expect(begun.report.notes == [DocumentNote(kind: .beginAdded, count: 1, firstLine: 4)])
    let ended = try decode(.addresses, "BEGIN:VCARD\r\nUID:a\r\nFN:x\r\n")
    #expect(ended.text == card("UID:a", "FN:x"))
    #expect(ended.report.notes == [DocumentNote(kind: .endAdded, count: 1, firstLine: 1)])
  }

  @Test("text is what its CHARSET says, and in UTF-8; quoted-printable stays with its charset")
  func declared() throws {
    let given: [[UInt8]] = [
      Array("FN;CHARSET=SHIFT_JIS:".utf8) + [0x88, 0xC0, 0x93, 0xA1, 0x83, 0x5C],
      Array("N;charset=\"Windows-\r\n 1251\";LANGUAGE=uk:".utf8) + [0xCF, 0xD0, 0xD2],
      Array("LABEL;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=88=C0=\r\n=93".utf8),
      Array("NOTE;CHARSET=iso-8859-1;QUOTED-PRINTABLE:=FC".utf8) + [0xE4],
      Array("TITLE;CHARSET=iso-2022-jp:".utf8) + [0x1B, 0x24, 0x42, 0x30, 0x42, 0x1B, 0x28, 0x42],
      Array("ORG;CHARSET=UTF-8:ü".utf8), Array("ROLE;CHARSET=koi8-r:ASCII".utf8),
    ]
    let bytes =
      Array("BEGIN:VCARD\r\n".utf8) + given.flatMap { $0 + [0x0D, 0x0A] }
      + Array("END:VCARD\r\n".utf8)
    let decoded = try decode(.addresses, bytes)
    #expect(
      decoded.text
        == card(
          "FN;CHARSET=UTF-8:安藤ソ", "N;charset=UTF-8;LANGUAGE=uk:ПРТ",
          "LABEL;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=88=C0=\r\n=93",
          "NOTE;CHARSET=iso-8859-1;QUOTED-PRINTABLE:=FC=E4", "TITLE;CHARSET=UTF-8:安",
          "ORG;CHARSET=UTF-8:ü", "ROLE;CHARSET=koi8-r:ASCII"))
    #expect(decoded.report.notes.map(\.kind) == [.charset])
    #expect(decoded.report.notes.first?.count == 4)
    #expect(decoded.report.notes.first?.subject == "SHIFT_JIS")
    var generator = SeededGenerator(seed: 3)
    #expect(try contradiction(.addresses, bytes, &generator) == nil)
  }

  @Test("a property that says nothing is read in the charset that its card names elsewhere")
  func cardCharset() throws {
    let start = Array("BEGIN:VCARD\r\nFN:".utf8) + [0xC1, 0xED]
    let label = Array("\r\nUID:".utf8) + [0xC1] + Array("\r\nLABEL;CHARSET=".utf8)
    let rest = { (name: String) in
      Array("\(name);QUOTED-PRINTABLE:=E8\r\nX:ü\r\nEND:VCARD\r\n".utf8)
    }
    let greek = try decode(.addresses, start + label + rest("Windows-1253"))
    #expect(
      greek.text
        == card(
          "FN:Αν", "UID:Α", "LABEL;CHARSET=Windows-1253;QUOTED-PRINTABLE:=E8", "X:ü"))
    #expect(greek.naturals == ["Α"])
    #expect(greek.kinds == [.cardCharset])
    let unknown = try decode(.addresses, start + label + rest("Murks"))
    #expect(unknown.text.hasPrefix("BEGIN:VCARD\r\nFN:Áí\r\nUID:Á\r\n"))
    #expect(unknown.kinds == [.windows1252])
  }

  @Test("a byte order mark outweighs what a property says of its charset")
  func mark() throws {
    let text = card("FN;CHARSET=windows-1252:ü", "N;CHARSET=windows-1252;QUOTED-PRINTABLE:ü=FC")
    let decoded = try decode(.addresses, "\u{FEFF}" + text)
    #expect(
      decoded.text == card("FN;CHARSET=UTF-8:ü", "N;CHARSET=windows-1252;QUOTED-PRINTABLE:ü=FC"))
    #expect(try decode(.addresses, decoded.document).report.notes.isEmpty)
    // But not where it is wrong.
    let lying = Array("\u{FEFF}BEGIN:VCARD\r\nFN;CHARSET=SHIFT_JIS:".utf8) + [0xB1, 0xC4, 0xB3]
    let believed = try decode(.addresses, lying + Array("\r\nEND:VCARD\r\n".utf8))
    #expect(believed.text == card("FN;CHARSET=UTF-8:\u{FF71}\u{FF84}\u{FF73}"))
    #expect(try decode(.addresses, believed.document).document == believed.document)
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

  @Test("Row 52: a line without an end is refused once it is over the limit, not held")
  func endless() throws {
    for area in [Area.scheduler, .addresses] {
      var decoder = DocumentCodec.decoder(
        for: area, user: try UserID("alice"), limits: Limits(), into: CollectingSink())
      let mebibyte = [UInt8](repeating: 0x41, count: 1 << 20)
      var fed = 0
      let error = #expect(throws: OfficeError.self) {
        while fed < 1_024 {
          try decoder.feed(mebibyte)
          fed += 1
        }
      }
      #expect(error?.code == .tooLarge)
      #expect(error?.item == "line 1")
      #expect(fed == Limits().lineBytes >> 20)
    }
  }

  @Test("Row 67: cards with bare CR, CR CR LF and mixed line ends are framed right, photos too")
  func lineEnds() throws {
    let right = card("VERSION:2.1", "PHOTO;BASE64:", " AAAA", " BBBB", "", "UID:x")
    for end in ["\r", "\n", "\r\n", "\r\r\n"] {
      let given = right.replacingLineEnds(with: end)
      let decoded = try decode(.addresses, given)
      #expect(decoded.text == right, "\(end.debugDescription)")
      #expect(decoded.naturals == ["x"])
    }
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

extension String {
  fileprivate func replacingLineEnds(with end: String) -> String {
    split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: end)
  }
}
