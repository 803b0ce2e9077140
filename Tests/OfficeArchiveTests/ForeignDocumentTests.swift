import OfficeArchive
import OfficeModel
import TestSupport
import Testing

/// Bad calendars and cards inside an archive: what its import says, and where.
@Suite struct ForeignDocumentTests {
  private func refusal(
    _ file: String, _ text: String, limits: Limits = Limits()
  ) -> OfficeError? {
    do {
      _ = try takeIn(PackedArchive(documents: [file: text]).bytes, limits: limits)
      return nil
    } catch {
      return error as? OfficeError
    }
  }

  @Test("Row 51: a line folded more than a million times is over the limit, and its line is named")
  func folded() {
    let text = "BEGIN:VCALENDAR\r\nX:" + String(repeating: "\r\n a", count: 1_000_001)
    let error = refusal("scheduler.ics", text)
    #expect(error?.code == .tooLarge)
    #expect(error?.item == "alice/scheduler.ics line 2")
  }

  @Test("Row 52: a line longer than the limit refuses the archive, and its line is named")
  func long() {
    var limits = Limits()
    limits.lineBytes = 1 << 20
    for file in ["scheduler.ics", "addresses.vcf"] {
      let text = "X:1\r\nX:" + String(repeating: "a", count: 2 << 20)
      let error = refusal(file, text, limits: limits)
      #expect(error?.code == .tooLarge)
      #expect(error?.item == "alice/\(file) line 2")
    }
  }

  @Test("Row 61: 100,000 nested components are over the limit")
  func nested() {
    let error = refusal("todo.ics", String(repeating: "BEGIN:X\n", count: 100_000))
    #expect(error?.code == .tooLarge)
    #expect(error?.item == "alice/todo.ics line 65")
  }

  @Test(
    "Row 62: an unclosed BEGIN refuses the archive with file, line and what to do",
    arguments: [
      ("scheduler.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VCALENDAR\n", 4),
      ("scheduler.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n", 2),
      ("addresses.vcf", "BEGIN:VCARD\nFN:x\nBEGIN:VCARD\nFN:y\nEND:VCARD\n", 1),
    ])
  func unclosed(_ file: String, _ text: String, _ line: Int) {
    let error = refusal(file, text)
    #expect(error?.code == .badArchive)
    #expect(error?.item?.hasPrefix("alice/\(file) line \(line): ") == true)
    #expect(error?.remedy != nil)
  }

  @Test("Row 68: a PHOTO over the limit refuses the archive with its line")
  func photo() {
    var limits = Limits()
    limits.itemBytes = 1 << 20
    let photo = String(repeating: " AAAAAAAAAAAAAAAAAAAA\r\n", count: 100_000)
    let error = refusal(
      "addresses.vcf", "BEGIN:VCARD\r\nPHOTO;ENCODING=b:\r\n\(photo)END:VCARD\r\n", limits: limits)
    #expect(error?.code == .tooLarge)
    #expect(error?.item == "alice/addresses.vcf line 2")
  }
}
