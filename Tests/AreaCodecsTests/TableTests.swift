import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

@Suite struct TableTests {
  @Test("a canonical table comes back byte for byte")
  func canonical() throws {
    let text =
      "date,in,out,note\r\n2026-01-05,08:00,17:00,\"a \"\"b\"\"\r\nc\"\r\n2026-01-06,,,\r\n"
    let decoded = try decode(.timesheet, text)
    #expect(decoded.text == text)
    #expect(decoded.naturals == ["", "2026-01-05", "2026-01-06"])
    #expect(decoded.report == DocumentReport(objects: 2))
    #expect(try decode(.timesheet, "").sink.items.isEmpty)
    #expect(try decode(.timesheet, "date\r\n").report.objects == 0)
  }

  @Test("Row 40: two shifts on one date come back exactly, in their order")
  func shifts() throws {
    let text = "date,in\n2026-01-05,13:00\n2026-01-05,08:00\n"
    let decoded = try decode(.timesheet, text)
    #expect(decoded.text == text)
    #expect(decoded.sink.sorted.map(\.occurrence) == [0, 0, 1])
  }

  @Test("rows are sorted by the column that is called date, the header stays first")
  func order() throws {
    let decoded = try decode(.timesheet, "Who,\" DATE \"\nzoe,2026-01-06\nbob,\"2026-01-05\"\n")
    #expect(decoded.text == "Who,\" DATE \"\nbob,\"2026-01-05\"\nzoe,2026-01-06\n")
    #expect(decoded.naturals == ["", "2026-01-05", "2026-01-06"])
  }

  @Test("semicolons and tabs separate where the header uses them")
  func separators() throws {
    let decoded = try decode(.timesheet, "a;date\nx,\"y;2026\nz;2025\n")
    #expect(decoded.naturals == ["", "2025", "2026"])
    #expect(try decode(.timesheet, "a\tdate\n1,2\t3\n").naturals == ["", "3"])
  }

  @Test("the separator is the one that makes the most columns, or the one that a first line states")
  func foreignSeparators() throws {
    let text = "Name, first;Datum;Von,Bis;x\nb, c;2026-01-02;1,5;\na, d;2026-01-01;1;2\n"
    #expect(try decode(.timesheet, text).naturals == ["", "2026-01-01", "2026-01-02"])
    let stated = "sep=;\r\na,b,c;Datum\r\nx;2026-01-02\r\ny,y,y;2026-01-01\r\n"
    let decoded = try decode(.timesheet, stated)
    #expect(decoded.naturals == ["", "", "2026-01-01", "2026-01-02"])
    #expect(decoded.report.objects == 2)
    #expect(decoded.text.hasPrefix("sep=;\r\na,b,c;Datum\r\n"))
    #expect(try decode(.timesheet, decoded.text).text == decoded.text)
  }

  @Test(
    "the date is found in other programs' headers",
    arguments: [
      ("User,Email,Start date,Start time", 2), ("Projekt;Tag;von", 1), ("Client,Date,Update", 1),
      ("\"Start Date\",Date", 1), ("Name,Update,Holiday", 0), ("Fecha de inicio\tx", 0),
      ("Größe;DATUM der Arbeit", 1),
    ])
  func dateColumns(_ header: String, _ column: Int) throws {
    let values = (0..<4).map { "v\($0)" }
    let separator = header.contains(";") ? ";" : header.contains("\t") ? "\t" : ","
    let decoded = try decode(
      .timesheet, header + "\n" + values.joined(separator: separator) + "\n")
    #expect(decoded.naturals.last == "v\(column)")
  }

  @Test("Row 75: a cell that starts with = + - @ is exact")
  func formulas() throws {
    let text = "date,note\n1,=1+1\n2,+x\n3,-x\n4,@SUM(A1)\n"
    #expect(try decode(.timesheet, text).text == text)
  }

  @Test("Row 76: an open quote is refused with the line where it opened")
  func openQuote() {
    let error = refusal(.timesheet, "date,note\r\n1,\"a\r\nb\"\r\n2,\"never\r\nclosed\r\n")
    #expect(error?.code == .badArchive)
    #expect(error?.item == "line 4")
  }

  @Test("Row 77: UTF-16 is converted and reported")
  func utf16() throws {
    let text = "date,note\r\n1,für 😀\r\n"
    let decoded = try decode(
      .timesheet, [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    #expect(decoded.text == text)
    #expect(decoded.kinds == [.utf16])
    let latin = try decode(.timesheet, Array("a\n".utf8) + [0xFC, 0x0A])
    #expect(latin.text == "a\nü\n")
    #expect(latin.kinds == [.windows1252])
  }

  @Test("Row 78: 100,000 columns are over the limit")
  func columns() {
    let wide = String(repeating: ",", count: 100_000)
    #expect(refusal(.timesheet, wide)?.code == .tooLarge)
    #expect(refusal(.timesheet, "date,x\n1,2\n" + wide)?.item == "line 3")
    #expect(refusal(.timesheet, String(repeating: ",", count: 999)) == nil)
  }

  @Test("Row 67: bare CR and CR CR LF end a row, LF and CR LF stay, blank rows go")
  func lineEnds() throws {
    let decoded = try decode(.timesheet, "date\rb\r\r\na\n\n\"c\rd\"\r\ne")
    #expect(decoded.text == "date\r\na\n\"c\rd\"\r\ne\r\nb\r\n" || decoded.contents.count == 5)
    #expect(decoded.contents.sorted() == ["\"c\rd\"\r\n", "a\n", "b\r\n", "date\r\n", "e\r\n"])
    #expect(decoded.kinds == [.lineEnds, .blankLines, .finalLineEnd])
  }

  @Test("a row without a key is keyed by its content")
  func withoutKey() throws {
    let decoded = try decode(.timesheet, "a,date\nx\ny,\n")
    #expect(
      Set(decoded.naturals) == [
        "", Digest(of: [0x78]).description, Digest(of: Array("y,".utf8)).description,
      ])
  }

  @Test(
    "A byte order mark goes from before the first row wherever it stands: written by us it would be taken away",
    arguments: ["\u{FEFF}\u{FEFF}", "\r\u{FEFF}", "\n\u{FEFF}\r\n\u{FEFF}"])
  func marks(start: String) throws {
    // Without it the quote begins a cell.
    let table = "\"date\n,a\",in\r\n2026-01-05,08:00\r\n"
    for piece in [1, 2, 100] {
      let decoded = try decode(.timesheet, start + table, piece: piece)
      #expect(decoded.text == table)
      #expect(decoded.kinds.contains(.byteOrderMark))
    }
  }

  @Test("A header row that begins with a NUL is refused: written by us it would read as UTF-16")
  func nulHeader() throws {
    for text in ["\0\n\0", "c\0\n\u{1}x\n\0\n", "\0d,x\n1,2\n"] {
      #expect(refusal(.timesheet, text)?.item == "line 1", "\(Array(text.utf8))")
    }
    #expect(try decode(.timesheet, "date\0,x\n1\0,2\n").report.objects == 1)
  }
}
