import Foundation
import Testing

/// The rooms of the house and which of ours each may enter. A room is added here before it is built.
/// CArchive, CXXHash, CFuse and CFuse3 are libraries in C, each behind one room only.
private let allowed: [String: Set<String>] = [
  "OfficeModel": [],
  "AreaCodecs": ["OfficeModel"],
  "TarArchive": ["CArchive"],
  "OfficeArchive": ["OfficeModel", "AreaCodecs", "TarArchive"],
  "ItemStore": ["OfficeModel", "CXXHash"],
  "LiveStore": ["OfficeModel", "ItemStore"],
  "BackupRepository": ["OfficeModel", "ItemStore"],
  "OfficeAdmin": [
    "OfficeModel", "AreaCodecs", "TarArchive", "OfficeArchive", "ItemStore", "LiveStore",
    "BackupRepository",
  ],
  "OfficeTree": [
    "OfficeModel", "AreaCodecs", "OfficeArchive", "LiveStore", "BackupRepository", "OfficeAdmin",
  ],
  "FuseBridge": ["OfficeTree", "OfficeModel", "CFuse", "CFuse3"],
  "DemoOffice": ["OfficeModel"],
  "officefs": [
    "OfficeModel", "AreaCodecs", "TarArchive", "OfficeArchive", "ItemStore", "LiveStore",
    "BackupRepository", "OfficeAdmin", "OfficeTree", "FuseBridge", "DemoOffice",
  ],
]

@Suite("The rooms keep to their doors")
struct ImportAllowListTests {
  private static let sources = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources")

  @Test("No room imports one that its line of the allow-list does not name")
  func importsAreAllowed() throws {
    let rooms = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    let ours = Set(rooms)
    var seen = 0
    for room in rooms.sorted() {
      let folder = Self.sources.appending(path: room)
      let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
      let swift = (files ?? []).filter { $0.hasSuffix(".swift") }
      guard !swift.isEmpty else { continue }
      let doors = try #require(
        allowed[room], "the room \(room) stands in no line of the allow-list")
      for file in swift {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        for line in text.split(separator: "\n") where line.contains("import ") {
          let words = line.split(separator: " ")
          guard let index = words.firstIndex(of: "import"), index <= 1, index + 1 < words.count
          else { continue }
          let module = String(words[index + 1])
          seen += 1
          if ours.contains(module) {
            #expect(doors.contains(module), "\(room)/\(file) imports \(module)")
          }
        }
      }
    }
    #expect(seen > 20)
  }
}
