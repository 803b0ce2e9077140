import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

/// Documents of which the sound objects are imported and the broken ones handed over.
@Suite struct BrokenObjectTests {
  private let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
  private let tail = "END:VCALENDAR\r\n"

  private func event(_ uid: String) -> String { "BEGIN:VEVENT\r\nUID:\(uid)\r\nEND:VEVENT\r\n" }

  private func card(_ uid: String) -> String { "BEGIN:VCARD\r\nUID:\(uid)\r\nEND:VCARD\r\n" }

  private func check(
    _ area: Area, _ text: String, gives expected: String, leaves broken: [(Int, String)],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let decoded = try leaveOut(area, Array(text.utf8))
    #expect(decoded.text == expected, sourceLocation: location)
    let found = decoded.broken.map { "\($0.line) \(String(decoding: $0.bytes, as: UTF8.self))" }
    #expect(found == broken.map { "\($0.0) \($0.1)" }, sourceLocation: location)
    #expect(decoded.report.leftOut == broken.count, sourceLocation: location)
    for object in decoded.broken {
      #expect(object.reason.code == .badArchive, sourceLocation: location)
      #expect(object.reason.item?.hasPrefix("line ") == true, sourceLocation: location)
    }
  }

  @Test(
    "Row 62: an event that is not closed ends before the next one, or before the calendar's end")
  func unclosedEvent() throws {
    let open = "BEGIN:VEVENT\nUID:open\nBEGIN:VALARM\n END folded\nEND:VALARM\n\n"
    try check(
      .scheduler, head + event("a") + open + event("b") + tail,
      gives: head + event("a") + event("b") + tail, leaves: [(6, open)])
    try check(
      .scheduler, head + event("a") + open + tail, gives: head + event("a") + tail,
      leaves: [(6, open)])
    try check(
      .scheduler, head + event("a") + open, gives: head + event("a") + tail, leaves: [(6, open)])
    try check(
      .scheduler, head + open + head + event("a") + tail, gives: head + event("a") + tail,
      leaves: [(3, open)])
  }

  @Test("an event in which something is closed that never began is left out whole")
  func unmatched() throws {
    let broken = "BEGIN:VEVENT\r\nEND:STANDAR\r\nUID:b\r\nBEGIN:VALARM\r\nEND:VEVENT\r\n"
    try check(
      .scheduler, head + broken + event("a") + tail, gives: head + event("a") + tail,
      leaves: [(3, broken)])
  }

  @Test("lines outside of everything are left out together, with the line of the first")
  func strayLines() throws {
    let stray = "X-A:1\nno colon\n\nEND:VEVENT\n"
    try check(
      .scheduler, stray + head + event("a") + tail, gives: head + event("a") + tail,
      leaves: [(1, stray)])
    try check(
      .addresses, card("a") + "no colon\r" + card("b") + "x", gives: card("a") + card("b"),
      leaves: [(4, "no colon\r"), (8, "x")])
  }

  @Test("Row 62: a card that is not closed ends before the next one")
  func unclosedCards() throws {
    let open = "BEGIN:VCARD\r\nUID:open\r\n"
    try check(
      .addresses, card("a") + open + open + card("b"), gives: card("a") + card("b"),
      leaves: [(4, open), (6, open)])
    try check(
      .addresses, "FN:none\r\n" + card("b") + "BEGIN:VCARD\r\nEND:VCARD\r\n", gives: card("b"),
      leaves: [(1, "FN:none\r\n"), (5, "BEGIN:VCARD\r\nEND:VCARD\r\n")])
    try check(
      .addresses, card("a") + open + "NOTE:cut off", gives: card("a"),
      leaves: [(4, open + "NOTE:cut off")])
  }

  @Test("a thousand cards that are not closed are a thousand broken objects")
  func manyUnclosed() throws {
    let open = "BEGIN:VCARD\nNOTE:x\n"
    let decoded = try leaveOut(
      .addresses, Array((String(repeating: open, count: 1_000) + card("a")).utf8))
    #expect(decoded.text == card("a"))
    #expect(decoded.broken.count == 1_000)
    #expect(decoded.broken.allSatisfy { $0.bytes == Array(open.utf8) })
    #expect(decoded.broken.map(\.line) == (0..<1_000).map { 1 + $0 * 2 })
  }

  @Test("what is left out is given as it stood: line ends, windows-1252, UTF-16")
  func original() throws {
    let broken: [UInt8] = Array("BEGIN:VEVENT\r".utf8) + [0x58, 0x3A, 0xFC, 0x0D, 0x0D, 0x0A]
    let bytes = Array(head.utf8) + broken + Array((event("a") + tail).utf8)
    #expect(try leaveOut(.scheduler, bytes).broken.map(\.bytes) == [broken])
    let text = "BEGIN:VEVENT\nSUMMARY:😀 ä\n"
    let wide: (String) -> [UInt8] = { $0.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }
    let decoded = try leaveOut(.scheduler, [0xFE, 0xFF] + wide(head + text + event("a") + tail))
    #expect(decoded.broken.map(\.bytes) == [wide(text)])
    #expect(decoded.text == head + event("a") + tail)
  }

  @Test("an object over the limit refuses the document, as does what its receiver throws")
  func limits() throws {
    var limits = Limits()
    limits.itemBytes = 1_000
    let long = head + "BEGIN:VEVENT\r\n" + String(repeating: "X:1\r\n", count: 1_000) + tail
    #expect(throws: OfficeError.self) {
      try leaveOut(.scheduler, Array(long.utf8), limits: limits)
    }
    var decoder = DocumentCodec.decoder(
      for: .addresses, user: try UserID("alice"), limits: limits, into: CollectingSink(),
      leavingOut: { _ throws(OfficeError) in throw OfficeError(.noSpace, "full") })
    let error = #expect(throws: OfficeError.self) {
      try decoder.feed(Array("no card\n\n".utf8))
      _ = try decoder.finish()
    }
    #expect(error?.code == .noSpace)
  }

  @Test(
    "whatever is fed, sound objects and what is left out are the whole document",
    arguments: [Area.scheduler, .addresses])
  func everything(_ area: Area) throws {
    let isCalendar = area == .scheduler
    let words =
      isCalendar
      ? ["BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM"]
      : ["BEGIN:VCARD", "END:VCARD", "BEGIN:VCARD", "END:VCARD", "AGENT:"]
    let pieces =
      words + words
      + ["END:VALARM", "UID:1", "RECURRENCE-ID:1", " folded", "X:y", "no colon", "", "N:a="]
    var leftOut = 0
    for seed in 0..<UInt64(2_000) {
      var generator = SeededGenerator(seed: seed)
      var bytes: [UInt8] = []
      var lines: [String] = []
      for _ in 0..<Int.random(in: 0...20, using: &generator) {
        guard let piece = pieces.randomElement(using: &generator) else { continue }
        lines.append(piece)
        bytes +=
          Array(piece.utf8) + (["\n", "\r\n", "\r"].randomElement(using: &generator) ?? "").utf8
      }
      let decoded = try leaveOut(area, bytes)
      var random = generator
      let pieced = try decode(area, bytes, leavingOut: true) {
        Int.random(in: 1...30, using: &random)
      }
      let comment = Comment(rawValue: "seed \(seed): \(Escaped.line(bytes))")
      #expect(pieced.sink.items == decoded.sink.items, comment)
      #expect(pieced.broken.map(\.bytes) == decoded.broken.map(\.bytes), comment)
      #expect(pieced.report == decoded.report, comment)
      if decoded.broken.isEmpty {
        if let strict = try? decode(area, bytes) {
          #expect(strict.sink.items == decoded.sink.items, comment)
          #expect(strict.report == decoded.report, comment)
        }
      } else {
        leftOut += 1
        #expect(refusal(area, String(decoding: bytes, as: UTF8.self)) != nil, comment)
      }
      let again = try? decode(area, decoded.document)
      #expect(again?.sink.items == decoded.sink.sorted, comment)
      let kept = BrokenObjectTests.lines(decoded.document)
      let left = decoded.broken.flatMap { BrokenObjectTests.lines($0.bytes) }
      var rest = kept + left
      for line in lines where !line.isEmpty && !line.hasSuffix(":VCALENDAR") {
        let index = rest.firstIndex(of: line)
        #expect(index != nil, "\(line), \(comment)")
        // Calendars with equal properties share them.
        if let index, !isCalendar { rest.remove(at: index) }
      }
    }
    #expect(leftOut > 500)
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }
}
