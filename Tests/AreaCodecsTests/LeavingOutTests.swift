import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

/// Mail, tables and JSON whose broken objects are handed over. Calendars and cards: BrokenObjectTests.
@Suite struct LeavingOutTests {
  private final class Box { var objects: [BrokenObject] = [] }

  private func sift(
    _ area: Area, _ bytes: [UInt8], piece: Int
  ) throws(OfficeError) -> (decoded: Decoded, broken: [BrokenObject]) {
    let sink = CollectingSink()
    let box = Box()
    var decoder = DocumentCodec.decoder(
      for: area, user: try UserID("alice"), limits: Limits(), into: sink,
      leavingOut: { (object) throws(OfficeError) in box.objects.append(object) })
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + piece)
      try decoder.feed(Array(bytes[start..<end]))
      start = end
    }
    return (Decoded(sink: sink, report: try decoder.finish()), box.objects)
  }

  private func check(
    _ area: Area, _ bytes: [UInt8], gives text: String, leavesOut broken: [(line: Int, [UInt8])],
    head: [UInt8] = []
  ) throws {
    for piece in [1, 3, 100, max(1, bytes.count)] {
      let sifted = try sift(area, bytes, piece: piece)
      #expect(sifted.decoded.text == text)
      #expect(sifted.decoded.report.leftOut == broken.count)
      #expect(sifted.broken.map(\.line) == broken.map(\.line))
      #expect(sifted.broken.map(\.bytes) == broken.map(\.1))
      #expect(sifted.broken.allSatisfy { $0.head == head && $0.reason.code == .badArchive })
    }
  }

  @Test("a row with an open quote is left out up to its line's end, and those behind it are taken")
  func rows() throws {
    let head = "date,note\r\n"
    let broken = "2026-01-02,\"a\r\nb\",\"never\r\n"
    try check(
      .timesheet, Array((head + "2026-01-01,x\r\n" + broken + "2026-01-03,y\r\n").utf8),
      gives: head + "2026-01-01,x\r\n2026-01-03,y\r\n",
      leavesOut: [(3, Array(broken.utf8))], head: Array(head.utf8))
    try check(
      .timesheet, Array("date\n\"".utf8), gives: "date\n", leavesOut: [(2, Array("\"".utf8))],
      head: Array("date\n".utf8))
    #expect(throws: OfficeError.self) {
      try sift(.timesheet, Array("date,\"x\n1,2\n".utf8), piece: 4)
    }
  }

  @Test("a row of a UTF-16 table is handed over in UTF-16")
  func wideRows() throws {
    func wide(_ text: String) -> [UInt8] {
      text.utf16.flatMap { unit in [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
    }
    try check(
      .timesheet, [0xFF, 0xFE] + wide("date,ü\n1,\"x\n2,y\n"), gives: "date,ü\n2,y\n",
      leavesOut: [(2, wide("1,\"x\n"))], head: wide("date,ü\n"))
  }

  @Test("what stands before the first message is left out, and a document without one as a whole")
  func mail() throws {
    let message = "From a@b.example Mon Jan  5 10:15:00 2026\nA: b\n\nc\n\n"
    try check(
      .messages, Array(("<html>\nFrom x\n\n" + message + message).utf8), gives: message + message,
      leavesOut: [(1, Array("<html>\nFrom x\n\n".utf8))])
    try check(
      .webmail, Array("// none\n\nat all".utf8), gives: "",
      leavesOut: [(1, Array("// none\n\nat all".utf8))])
  }

  @Test("JSON that is none is left out as a whole, what is over a limit refuses the document")
  func json() throws {
    for text in ["{\"a\":1", "[]", "{\"a\":1,\"a\":2}", "\u{FEFF}x", "{}{}"] {
      try check(.user, Array(text.utf8), gives: "", leavesOut: [(1, Array(text.utf8))])
    }
    let sound = "{\"a\":1}"
    try check(
      .whereabouts, Array(sound.utf8), gives: try decode(.whereabouts, sound).text, leavesOut: [])
    let large = [UInt8](repeating: 0x20, count: 3 << 20)
    #expect(throws: OfficeError.self) { try sift(.whereabouts, large, piece: 1 << 20) }
  }
}
