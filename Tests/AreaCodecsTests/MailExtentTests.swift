import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

/// From lines within messages, and where messages end.
@Suite struct MailExtentTests {
  private let first = "From a@b.example Mon Jan  5 10:15:00 2026\n"
  private let second = "From c@d.example Tue Jan  6 10:15:00 2026\n"
  private let parts =
    "Content-Type: multipart/mixed;\n boundary=\"=_b\"\n\npreamble\n\n--=_b\n\nx\n"

  @Test("a From line stays in its message where a later delimiter proves that it is in a part")
  func insidePart() throws {
    let attached = "\n--=_b\nContent-Type: message/rfc822\n\n\(second)Subject: inner\n\nhere\n\n"
    let text = first + parts + attached + second + "Subject: inner too\n\nz\n--=_b--\n\n"
    let decoded = try decode(.messages, text + second + "Subject: next\n\ny\n\n")
    #expect(
      decoded.contents == [
        text.replacing("\n" + second, with: "\n>" + second), second + "Subject: next\n\ny\n\n",
      ])
    #expect(decoded.report.notes == [DocumentNote(kind: .fromQuoted, count: 2, firstLine: 14)])
    let dos = try decode(
      .messages, (text + second + "Subject: next\n\ny\n\n").replacing("\n", with: "\r\n"))
    #expect(dos.report.objects == 2)
  }

  @Test("a multipart that is cut short takes nothing of the messages behind it")
  func cutShort() throws {
    let one = first + "Message-ID: <1>\n" + parts + "cut here"
    let two = second + "Message-ID: <2>\n\n-- \n--=_bb\nbody\n\n"
    let decoded = try decode(.messages, one + "\n\n" + two)
    #expect(decoded.contents == [one + "\n\r\r\n", two])
    #expect(decoded.kinds == [.separator])
    // Behind the mark nothing is its rest any more, whatever comes there by the order of time.
    let three = second + "Message-ID: <3>\n\n--=_b\nnot its rest\n\n"
    let sorted = try decode(.messages, decoded.text + three)
    #expect(sorted.contents == [one + "\n\r\r\n", two, three])
    #expect(sorted.report.notes.isEmpty)
  }

  @Test("a message with the boundary of the one before, which is cut short, is no part of it")
  func twin() throws {
    let one = first + "Message-ID: <1>\n" + parts
    let decoded = try decode(.messages, one + "\n" + second + parts + "--=_b--\n\n")
    #expect(decoded.report.objects == 2)
    #expect(decoded.contents == [one + "\r\r\n", second + parts + "--=_b--\n\n"])
  }

  @Test(
    "behind the last part, in a boundary never used and in one that only begins alike, messages end"
  )
  func epilogue() throws {
    for body in ["--=_b--\n", "--=_bc\n", "text\n"] {
      let header = "Content-Type: multipart/mixed; boundary==_b\n\n"
      let one = first + header + (body == "--=_b--\n" ? "--=_b\n" + body : body) + "\n"
      let two = second + "A: b\n\n--=_b\n\n"
      #expect(try decode(.messages, one + two).contents == [one, two], "\(body)")
    }
  }

  @Test(
    "mboxcl2: a Content-Length that ends at a From line, or with the mailbox, proves what is before"
  )
  func contentLength() throws {
    let body = String(repeating: "a long line of text\n", count: 20)
    let quoted = "\n" + second + "Subject: not a header\n\n" + body
    let length = "Content-Length: \(body.utf8.count + quoted.utf8.count)\n\n"
    let one = first + length + body + quoted + "\n"
    let canonical = first + length + body + quoted.replacing("From", with: ">From") + "\n"
    let two = second + "A: b\n\nc\n\n"
    #expect(try decode(.messages, one + two).contents == [canonical, two])
    #expect(try decode(.messages, one).contents == [canonical])
    // Into the midst of the next message: a lie.
    let lie = one.replacing("\(body.utf8.count + quoted.utf8.count)", with: "600")
    #expect(try decode(.messages, lie + two).report.objects == 3)
  }

  @Test(
    "lengths that mean nothing are ignored and leave the mailbox as it is",
    arguments: ["0", "-5", "1", "18446744073709551617", "9999999999999999999999", "x", "", "3 000"])
  func meaningless(_ length: String) throws {
    let text = first + "Content-Length: \(length)\n\nbody\n\n" + second + "A: b\n\nbody\n\n"
    #expect(try decode(.messages, text).text == text)
  }

  @Test("lengths that count CR LF for LF are ignored and leave the mailbox as it is")
  func lengthOfCRLF() throws {
    let body = String(repeating: "line\n", count: 100)
    let text = first + "Content-Length: \(body.utf8.count + 100)\n\n\(body)\n\(second)A: b\n\nc\n\n"
    #expect(try decode(.messages, text).text == text)
  }

  @Test("a part of 6 MiB is looked through, one of 12 MiB is not, in pieces of any size")
  func window() throws {
    let line = String(repeating: "x", count: 76) + "\n"
    for (mebibytes, count) in [(6, 1), (12, 2)] {
      let filling = String(repeating: line, count: (mebibytes << 20) / line.utf8.count)
      let text = Array((first + parts + "\n" + second + "A: b\n\n\(filling)--=_b--\n\n").utf8)
      for piece in [10_007, 1 << 20, text.count] {
        #expect(try decode(.messages, text, piece: piece).report.objects == count)
      }
    }
  }

  @Test("20,000 messages that are all cut short take no longer than their bytes allow")
  func manyCutShort() throws {
    let text = String(
      repeating: first + "Content-Type: multipart/a; boundary=b\n\n--b\n\n", count: 20_000)
    #expect(try decode(.messages, text, piece: 1 << 20).report.objects == 20_000)
  }

  @Test("bare CR and CR CR LF for line ends become CR LF")
  func carriages() throws {
    let text = first + "A: b\n\nx\n\ny\n\n" + second + "A: c\n\nFrom z\n\n"
    let dos = try decode(.messages, text.replacing("\n", with: "\r\n"))
    #expect(dos.contents.count == 2)
    for end in ["\r", "\r\r\n"] {
      let bytes = Array(text.replacing("\n", with: end).utf8)
      for piece in [1, 2, 3, 5, bytes.count] {
        let decoded = try decode(.messages, bytes, piece: piece)
        #expect(decoded.document == dos.document)
        #expect(decoded.kinds == dos.kinds.union([.lineEnds]))
      }
    }
    #expect(try decode(.messages, "A: b\r\rx\r").text.hasSuffix("1970\nA: b\r\n\r\nx\r\n\n"))
    let mixed = first + "A: b\n\nx\ry\r\r\nz\r\n\n"
    #expect(try decode(.messages, mixed).text == mixed)
  }

  @Test("a mailbox in UTF-16 is converted, a byte order mark removed")
  func charsets() throws {
    let text = first + "Subject: für\n\nb\n\n"
    let wide: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let decoded = try decode(.messages, wide)
    #expect(decoded.text == text)
    #expect(decoded.kinds == [.utf16])
    let marked = try decode(.messages, [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(marked.text == text)
    #expect(marked.kinds == [.byteOrderMark])
  }

  @Test("Row 74: CR and LF in a subject are kept, and escaped where a refusal shows them")
  func subject() throws {
    let text = first + "Subject: a\rBcc: x@y\r\r\nA: b\n\nc\n\n"
    #expect(try decode(.messages, text).text == text)
    let error = refusal(.scheduler, "BEGIN:VEVENT\r\nSUMMARY:a\\nb\r\nEND:VTODO\u{1B}[2J\r\n")
    #expect(error.map { "\($0)".utf8.allSatisfy { $0 >= 0x20 } } == true)
  }

  @Test("a header of 210 KB, in one line or many, is kept")
  func largeHeader() throws {
    let value = String(repeating: "z", count: 210_000)
    let folded = String(repeating: " <\(value.prefix(60))@x>\n", count: 3_500)
    for header in ["X-A: \(value)\n", "References:\n\(folded)", "X-A: \(value)\nTo:\n\(folded)"] {
      let text = first + header + "Message-ID: <1>\n\nb\n\n"
      let decoded = try decode(.messages, text, piece: 4_096)
      #expect(decoded.text == text)
      #expect(decoded.naturals == ["<1>"])
    }
  }
}
