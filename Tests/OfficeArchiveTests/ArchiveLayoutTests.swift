import Foundation
import OfficeArchive
import OfficeModel
import TestSupport
import Testing

@Suite("Archives by layout")
struct ArchiveLayoutTests {
  static func office(_ random: inout SeededGenerator) throws -> [UserID: [Area: DictionaryView
    .Cell]]
  {
    var office: [UserID: [Area: DictionaryView.Cell]] = [:]
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let letters = Array("abcXYZ019._@-")
      let tail = (0..<Int.random(in: 0...63, using: &random)).map { _ in
        letters.randomElement(using: &random) ?? "a"
      }
      var cells: [Area: DictionaryView.Cell] = [:]
      for area in Area.allCases where Bool.random(using: &random) {
        let size = [0, 1, 511, 512, 513, 3000].randomElement(using: &random) ?? 0
        cells[area] = DictionaryView.Cell(
          document: random.bytes(size), mtime: Int64.random(in: 0...4_000_000_000, using: &random))
      }
      office[try UserID("u" + String(tail))] = cells
    }
    return office
  }

  static func bytes(of layout: ArchiveLayout) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: Int(layout.size) + 100)
    let count = try bytes.withUnsafeMutableBytes { try layout.read(at: 0, into: $0) }
    return Array(bytes.prefix(count))
  }

  @Test(
    "Invariant 2: promised size equals delivered size, and any range is that slice of the whole",
    arguments: 1...12)
  func ranges(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let office = try Self.office(&random)
    let view = DictionaryView(office)
    var selections = office.keys.map { ArchiveSelection.user($0) }
    selections += Area.allCases.map { .area($0) } + [.office]
    for selection in selections {
      let layout = try ArchiveLayout(selection, of: view)
      let whole = try Self.bytes(of: layout)
      #expect(Int64(whole.count) == layout.size, "seed \(seed) \(selection)")
      switch selection {
      case .user(let id):
        let sums = try #require(try view.user(id)).sums
        #expect(ArchiveSize.user(id, sums: sums) == layout.size, "seed \(seed)")
      case .area(let area):
        var sums = CellSums()
        for (id, cell) in try view.column(area) {
          sums.add(size: cell.size, idLength: id.text.utf8.count)
        }
        #expect(ArchiveSize.area(area, sums: sums) == layout.size, "seed \(seed)")
      case .office:
        let size = ArchiveSize.office(
          manifest: OfficeRecord().manifest.count, sums: try WholeOfficeTests.sums(of: view))
        #expect(size == layout.size, "seed \(seed)")
      }
      for _ in 0..<40 {
        let start = Int.random(in: 0...whole.count, using: &random)
        let length = Int.random(in: 0...2000, using: &random)
        var part = [UInt8](repeating: 0x55, count: length)
        let got = try part.withUnsafeMutableBytes { try layout.read(at: Int64(start), into: $0) }
        #expect(
          Array(part.prefix(got)) == Array(whole[start...].prefix(length)),
          "seed \(seed) \(selection) at \(start)+\(length)")
      }
    }
  }

  @Test("GNU tar, bsdtar, Python's tarfile and sha256sum agree with our archives")
  func otherReaders() throws {
    var random = SeededGenerator(seed: 99)
    let office = try Self.office(&random)
    let view = DictionaryView(office)
    let folder = FileManager.default.temporaryDirectory.appending(path: "officefs-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let selections = office.keys.sorted().map { ArchiveSelection.user($0) } + [.office]
    for selection in selections {
      let bytes = try Self.bytes(of: ArchiveLayout(selection, of: view))
      let files = selection == .office ? 9 * office.count + 2 : 11
      try Data(bytes).write(to: folder.appending(path: "x.udb"))
      for tool in [
        "tar xf ../x.udb", "bsdtar xf ../x.udb",
        "python3 -c 'import tarfile; tarfile.open(\"../x.udb\").extractall()'",
      ] {
        let word = tool.prefix { $0 != " " }
        let script = """
          cd \(folder.path) && rm -rf d && mkdir d && cd d || exit 1
          command -v \(word) >/dev/null || exit 0
          \(tool) && sha256sum --quiet --strict -c SHA256SUMS && test $(find . -type f | wc -l) = \(files)
          """
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(tool), \(selection)")
      }
    }
  }
}
