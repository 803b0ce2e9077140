import Foundation
import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

/// Files other programs wrote. Where they lie is told by OFFICEFS_CORPUS, else `shared/corpus` beside the package.
@Suite struct CorpusTests {
  struct File {
    var name: String
    var area: Area
    var bytes: [UInt8]
    var isMalformed: Bool
  }

  static let root: String? = {
    let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("shared/corpus").path
    let path = ProcessInfo.processInfo.environment["OFFICEFS_CORPUS"] ?? beside
    return FileManager.default.fileExists(atPath: path + "/MALFORMED.md") ? path : nil
  }()

  static let files: [File] = {
    guard let root,
      let list = try? String(contentsOfFile: root + "/MALFORMED.md", encoding: .utf8)
    else { return [] }
    let folders: [(String, Area)] = [
      ("ics", .scheduler), ("vcf", .addresses), ("mail", .messages), ("csv", .timesheet),
    ]
    var out: [File] = []
    for (folder, area) in folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
      for name in names.sorted() {
        guard let data = FileManager.default.contents(atPath: "\(root)/\(folder)/\(name)") else {
          continue
        }
        let isCalendar = area == .addresses && data.starts(with: Array("BEGIN:VCALENDAR".utf8))
        out.append(
          File(
            name: name, area: isCalendar ? .scheduler : area, bytes: Array(data),
            isMalformed: list.contains("`\(name)`")))
      }
    }
    return out
  }()

  @Test(
    "every well-formed file is imported with every line, and is a fixed point",
    .enabled(if: root != nil))
  func wellFormed() throws {
    let files = CorpusTests.files.filter { !$0.isMalformed }
    #expect(files.count { $0.area.format != .table } == 102)
    for file in files {
      let seed = UInt64(file.bytes.count)
      var generator = SeededGenerator(seed: seed)
      let found = try contradiction(file.area, file.bytes, &generator)
      #expect(found == nil, "\(file.name), seed \(seed): \(found ?? "")")
      let decoded = try decode(file.area, file.bytes)
      #expect(decoded.report.objects > 0, "\(file.name)")
      let missing = missingLine(file, decoded.document)
      #expect(missing == nil, "\(file.name): lost \(missing ?? "")")
    }
  }

  @Test(
    "a malformed file is imported as a fixed point or refused with the line",
    .enabled(if: root != nil))
  func malformed() throws {
    for file in CorpusTests.files where file.isMalformed {
      var generator = SeededGenerator(seed: UInt64(file.bytes.count))
      do throws(OfficeError) {
        let found = try contradiction(file.area, file.bytes, &generator)
        #expect(found == nil, "\(file.name): \(found ?? "")")
      } catch {
        #expect(error.code == .badArchive, "\(file.name)")
        #expect(error.item?.hasPrefix("line ") == true, "\(file.name): \(error)")
      }
    }
  }

  @Test(
    "a file with its line ends changed gives the same cards and events",
    .enabled(if: root != nil))
  func lineEnds() throws {
    for file in CorpusTests.files where [.cards, .calendar].contains(file.area.format) {
      guard let given = try? decode(file.area, file.bytes), !file.bytes.starts(with: [0xFF, 0xFE])
      else { continue }
      for end in ["\r\n", "\n", "\r", "\r\r\n"] {
        let changed = lines(file.bytes).flatMap { Array($0) + Array(end.utf8) }
        let decoded = try decode(file.area, changed)
        #expect(decoded.document == given.document, "\(file.name) with \(end.debugDescription)")
      }
    }
  }

  @Test(
    "mailboxes of many writers hold as many messages as their origins count",
    .enabled(if: root != nil),
    arguments: [
      ("MimeKit__content-length.mbox.txt", 29), ("MimeKit__issue1189.mbox.txt", 4),
      ("MimeKit__simple.mbox.txt", 3), ("MimeKit__unmunged.mbox.txt", 2),
      ("mbox-messageparser__invalid-boundaries.txt", 8),
      ("mbox-messageparser__malformed.txt", 54), ("mbox-messageparser__separators1.sep", 4),
      ("mbox-messageparser__separators2.sep", 2), ("ponymail__no_date.mbox", 1),
      ("ponymail__maven-dev-2017-11-mboxvm.mbox", 317), ("tika__simple.mbox", 2),
      ("ponymail__maven_duplicates_2017_mboxvm.mbox", 10),
      ("mbox-messageparser__mailarc-1-dos.txt", 14),
      ("mikel-mail__attachment_message_rfc822_inline_image.eml", 1),
    ])
  func messages(_ name: String, _ count: Int) throws {
    let file = try #require(CorpusTests.files.first { $0.name == name })
    #expect(try decode(.messages, file.bytes).report.objects == count)
  }

  /// A line of the file that its canonical document does not hold often enough; nil if there is none.
  private func missingLine(_ file: File, _ document: [UInt8]) -> String? {
    var counts: [ArraySlice<UInt8>: Int] = [:]
    for line in lines(document) { counts[line, default: 0] += 1 }
    for line in lines(file.bytes) {
      // Equal calendars share one wrapper.
      if line.isEmpty || line.starts(with: Array("BEGIN:VCALENDAR".utf8)) { continue }
      if line.starts(with: Array("END:VCALENDAR".utf8)) { continue }
      let kept =
        file.area.format == .mailbox && counts[line, default: 0] == 0
        ? [UInt8(ascii: ">")] + line : line
      counts[kept, default: 0] -= 1
      if counts[kept, default: 0] < 0 { return Escaped.line(line) }
    }
    return nil
  }

  /// Lines without their ends.
  private func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var out: [ArraySlice<UInt8>] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      let isEnd = bytes[index] == 0x0A || bytes[index] == 0x0D
      guard isEnd else {
        index += 1
        continue
      }
      out.append(bytes[start..<index])
      let rest = bytes[index...]
      let end = ["\r\r\n", "\r\n"].first { rest.starts(with: $0.utf8) }
      index += end?.utf8.count ?? 1
      start = index
    }
    return start < bytes.count ? out + [bytes[start...]] : out
  }
}
