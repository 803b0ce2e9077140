import Foundation
import TarArchive
import TestSupport
import Testing

@Suite struct TarLayoutTests {
  @Test("A header has the bytes that were written down for it")
  func headerIsByteExact() {
    var expected = Array("alice/todo.ics".utf8) + [UInt8](repeating: 0, count: 86)
    expected += Array("0000600\u{0}0000000\u{0}0000000\u{0}00000000005\u{0}".utf8)
    expected += Array("15125044221\u{0}007606\u{0} 0".utf8)
    expected += [UInt8](repeating: 0, count: 100) + Array("ustar\u{0}00".utf8)
    expected += [UInt8](repeating: 0, count: 64) + Array("0000000\u{0}0000000\u{0}".utf8)
    expected += [UInt8](repeating: 0, count: 167)
    let sum = expected.enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
    }
    expected.replaceSubrange(148..<154, with: ForgedHeader.octal(Int64(sum), digits: 6).prefix(6))
    let header = TarLayout.header(
      path: Array("alice/todo.ics".utf8), size: 5, mtime: 0o15_125_044_221)
    #expect(header == expected)
    #expect(header.count == 512)
  }

  @Test("The promised header and padding sizes are those delivered")
  func sizesHold() {
    let sizes: [Int64] = [0, 1, 511, 512, 513, 8_589_934_591, 8_589_934_592, .max]
    for size in sizes {
      let header = TarLayout.header(path: [65], size: size, mtime: 0)
      #expect(Int64(header.count) == TarLayout.headerSize(size: size))
      #expect((size &+ TarLayout.padding(size: size)) & 511 == 0)
      #expect((0..<512).contains(TarLayout.padding(size: size)))
    }
  }

  @Test("A time that no header can hold becomes the nearest that it can")
  func timesAreClamped() throws {
    for (given, kept) in [(-5, 0), (0, 0), (1 << 40, 0o77_777_777_777)] as [(Int64, Int64)] {
      let archive = written([Content(path: "a", bytes: [1], mtime: given)])
      #expect(try contents(of: archive).map(\.mtime) == [kept])
    }
  }

  @Test(
    "GNU tar writes the same bytes", .enabled(if: Tool.isInstalled("tar"), "tar is not installed"))
  func gnuWritesTheSame() throws {
    let file = try ScratchFile()
    let entries = [
      Content(path: "office.json", bytes: [UInt8](repeating: 65, count: 13), mtime: 5),
      Content(path: "alice/todo.ics", bytes: [], mtime: 5),
      Content(path: "alice/m\u{FC}.mbox", bytes: [UInt8](repeating: 65, count: 1024), mtime: 5),
    ]
    for entry in entries {
      let url = file.folder.appending(path: entry.path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(entry.bytes).write(to: url)
    }
    _ = try Tool.run(
      "tar",
      [
        "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mode=0600", "--mtime=@5",
        "-b1", "-cf", file.url.path,
      ] + entries.map(\.path), in: file.folder)
    #expect(try file.bytes == written(entries))
  }

  @Test("What is written is read back, whatever is in it")
  func roundTrip() throws {
    for seed in 0..<60 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var entries: [Content] = []
      for index in 0..<Int.random(in: 0...12, using: &random) {
        let length = Int.random(in: 0...20, using: &random)
        let letters = (0..<length).compactMap { _ in "abXY09._@- äß漢🙂".randomElement(using: &random)
        }
        let sizes = [0, 1, 511, 512, 513, Int.random(in: 0...300_000, using: &random)]
        let size = sizes.randomElement(using: &random) ?? 0
        entries.append(
          Content(
            path: "\(index)/x\(String(letters))", bytes: random.bytes(size),
            mtime: Int64.random(in: TarLayout.times, using: &random)))
      }
      let archive = written(entries)
      #expect(try contents(of: archive) == entries, "seed \(seed)")
    }
  }
}
