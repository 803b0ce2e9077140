import Foundation
import OfficeArchive
import OfficeModel
import TarArchive
import TestSupport
import Testing

@Suite("Archives of a whole office")
struct WholeOfficeTests {
  /// Over the nine cells of every user.
  static func sums(of view: any OfficeView) throws -> CellSums {
    var sums = CellSums()
    for user in try view.users() {
      for cell in try view.cells(of: user.number) {
        sums.add(size: cell.size, idLength: user.id.text.utf8.count)
      }
    }
    return sums
  }

  /// What a view has to hold so that an archive of it begins with this `office.json`.
  private static func document(of record: OfficeRecord) throws -> [UInt8] {
    let sink = CollectingSink()
    try record.write(to: sink)
    return sink.items.sorted { $0.key.natural.lexicographicallyPrecedes($1.key.natural) }.flatMap(
      \.content)
  }

  private static func record() throws -> OfficeRecord {
    var record = OfficeRecord()
    var number: Int64 = 0
    func entry() -> OfficeRecord.Entry {
      number += 1
      return OfficeRecord.Entry(number: number, seconds: 5)
    }
    for name in ["sales", "board"] { try record.add(try GroupName(Array(name.utf8)), entry()) }
    for id in ["bob", "alice"] {
      try record.add(
        try UserID(id), to: .group(try GroupName(Array("sales".utf8))), entry())
    }
    try record.add(try UserID("bob"), to: .backup, entry())
    record.texts[.office] = OfficeRecord.Text(content: "[undo]\ndays = 60\n", seconds: 5)
    record.texts[.owners] = OfficeRecord.Text(content: "alice = 1001\n", seconds: 5)
    return record
  }

  @Test("office.json of a whole office holds its groups and settings, nothing of the server")
  func officeRecord() throws {
    let record = try Self.record()
    let view = DictionaryView([
      .office: [.user: DictionaryView.Cell(document: try Self.document(of: record), mtime: 9)],
      try UserID("alice"): [:],
    ])
    let bytes = try ArchiveLayoutTests.bytes(of: ArchiveLayout(.office, of: view))
    let manifest = """
      {"format":1,"kind":"office","groups":{"board":[],"sales":["alice","bob"]},\
      "settings":{"backup-group":["bob"],"office.toml":"[undo]\\ndays = 60\\n"}}

      """
    #expect(Array(bytes[512...].prefix(manifest.utf8.count)) == Array(manifest.utf8))
    let sums = try Self.sums(of: view)
    #expect(Int64(bytes.count) == ArchiveSize.office(manifest: manifest.utf8.count, sums: sums))
    let names = try Self.names(in: bytes)
    #expect(
      names == ["office.json"] + Area.allCases.map { "alice/\($0.fileName)" } + ["SHA256SUMS"])
  }

  @Test("An office without users is an archive of office.json and SHA256SUMS")
  func nobody() throws {
    let view = DictionaryView([:])
    let bytes = try ArchiveLayoutTests.bytes(of: ArchiveLayout(.office, of: view))
    #expect(
      Int64(bytes.count)
        == ArchiveSize.office(manifest: OfficeRecord().manifest.count, sums: CellSums()))
    #expect(try Self.names(in: bytes) == ["office.json", "SHA256SUMS"])
  }

  @Test("Users stand in the order of their ids' bytes, and their times and number say nothing")
  func deterministic() throws {
    var random = SeededGenerator(seed: 5)
    let office = try ArchiveLayoutTests.office(&random)
    let first = try ArchiveLayoutTests.bytes(of: ArchiveLayout(.office, of: DictionaryView(office)))
    // Another view of the same cells, in which everybody has another number.
    let again = CountingView(DictionaryView(office), numberOffset: 1_000)
    #expect(try ArchiveLayoutTests.bytes(of: ArchiveLayout(.office, of: again)) == first)
    let ids = try Self.names(in: first).filter { $0.hasSuffix("/user.json") }
      .map { $0.dropLast("/user.json".count) }
    #expect(ids.map(String.init) == office.keys.sorted().map(\.text))
  }

  @Test("Opening an archive looks at no cell, and a read only at those of whom it delivers")
  func laziness() throws {
    var random = SeededGenerator(seed: 8)
    var office: [UserID: [Area: DictionaryView.Cell]] = [:]
    for number in 0..<300 {
      office[try UserID("user\(number)")] = [
        .messages: DictionaryView.Cell(document: random.bytes(700), mtime: 4)
      ]
    }
    let view = CountingView(DictionaryView(office))
    let layout = try ArchiveLayout(.office, of: view)
    #expect(view.looks == 0)
    var part = [UInt8](repeating: 0, count: 4096)
    for offset in [layout.size / 3, layout.size / 2, layout.size / 3 * 2] {
      let before = (view.looks, view.bytesRead)
      let count = try part.withUnsafeMutableBytes { try layout.read(at: offset, into: $0) }
      #expect(count == 4096)
      #expect(view.looks - before.0 <= 2, "a user takes more than 4096 bytes")
      #expect(view.bytesRead - before.1 <= 4096)
    }
    let before = view.bytesRead
    let listing = try part.withUnsafeMutableBytes {
      try layout.read(at: layout.size - 8192, into: $0)
    }
    #expect(listing == 4096)
    #expect(view.bytesRead == before, "SHA256SUMS is not read from the documents")
  }

  @Test("Opening a user's archive asks for nothing; then cells once, and content once a read")
  func lazyUser() throws {
    var random = SeededGenerator(seed: 9)
    var cells: [Area: DictionaryView.Cell] = [:]
    for area in Area.allCases {
      cells[area] = DictionaryView.Cell(document: random.bytes(3_000), mtime: 4)
    }
    let id = try UserID("alice")
    let view = CountingView(DictionaryView([id: cells]))
    let user = try #require(try view.user(id))
    let layout = ArchiveLayout(of: user, in: view)
    #expect(view.looks == 0)
    let whole = try ArchiveLayoutTests.bytes(of: layout)
    #expect(view.looks == 1 && view.reads == 1)
    #expect(view.bytesRead == 27_000)
    var part = [UInt8](repeating: 0, count: 8_192)
    var offset = 0
    while offset < whole.count {
      let count = try part.withUnsafeMutableBytes { try layout.read(at: Int64(offset), into: $0) }
      #expect(part[..<count].elementsEqual(whole[offset..<offset + count]))
      offset += count
    }
    #expect(view.looks == 1)
    #expect(view.reads <= 1 + (whole.count + 8_191) / 8_192)
  }

  @Test("Cells of 8 GiB and more: sizes, and every place behind them")
  func largeCells() throws {
    let sizes: [Int64] = [0, 8 << 30, 1, 20 << 30, (8 << 30) - 1]
    let view = try SizesView(["alice": sizes, "bob": [9 << 30]])
    let layout = try ArchiveLayout(.office, of: view)
    let manifest = OfficeRecord().manifest.count
    #expect(layout.size == ArchiveSize.office(manifest: manifest, sums: try Self.sums(of: view)))
    // The list at the end begins where all these sizes say.
    var position: Int64 = 1024
    for user in try view.users() {
      for cell in try view.cells(of: user.number) {
        position += TarLayout.headerSize(size: cell.size) + (cell.size + 511) / 512 * 512
      }
    }
    var block = [UInt8](repeating: 0, count: 512)
    _ = try block.withUnsafeMutableBytes { try layout.read(at: position, into: $0) }
    #expect(block.starts(with: Array("SHA256SUMS".utf8)))
    // bob's messages and those behind them.
    let bob = try #require(try view.user(UserID("bob")))
    let cells = try view.cells(of: bob.number)
    #expect(cells[0].size == 9 << 30)
    let start =
      position
      - cells.reduce(0) { sum, cell in
        sum + TarLayout.headerSize(size: cell.size) + (cell.size + 511) / 512 * 512
      }
    _ = try block.withUnsafeMutableBytes { try layout.read(at: start + 1024, into: $0) }
    #expect(block.starts(with: Array("bob/user.json".utf8)), "behind the pax header")
  }

  @Test("A user whose cells are not what was announced is EIO, never a wrong byte")
  func lyingSums() throws {
    let view = try SizesView(["alice": [10, 20]], lie: 512)
    let layout = try ArchiveLayout(.office, of: view)
    var block = [UInt8](repeating: 0, count: 4096)
    #expect(throws: OfficeError.self) {
      try block.withUnsafeMutableBytes { _ = try layout.read(at: 1024, into: $0) }
    }
  }

  /// The paths of a plain tar's entries.
  private static func names(in bytes: [UInt8]) throws -> [String] {
    let folder = try ScratchDirectory()
    try Data(bytes).write(to: URL(filePath: folder.path + "/x.sar"))
    return try Subprocess.run(["tar", "tf", folder.path + "/x.sar"]).lines
  }
}

/// A view of cells that have sizes and no content.
private final class SizesView: OfficeView {
  private let office: [(id: UserID, sizes: [Int64])]
  private let lie: Int64

  /// The sizes of each user's first cells; the others are empty. `lie` is added to what a user's sums say.
  init(_ sizes: [String: [Int64]], lie: Int64 = 0) throws {
    office = try sizes.sorted { $0.key < $1.key }.map { (try UserID($0.key), $0.value) }
    self.lie = lie
  }

  func users() throws(OfficeError) -> [UserState] {
    var users: [UserState] = []
    for (index, user) in office.enumerated() {
      var sums = CellSums()
      for cell in try cells(of: UserNumber(rawValue: Int64(index))) {
        sums.add(size: cell.size, idLength: user.id.text.utf8.count)
      }
      sums.padded += lie
      users.append(
        UserState(
          number: UserNumber(rawValue: Int64(index)), id: user.id, version: 1, born: 1, mtime: 0,
          sums: sums))
    }
    return users
  }

  func user(_ id: UserID) throws(OfficeError) -> UserState? {
    try users().first { $0.id == id }
  }

  func cells(of user: UserNumber) throws(OfficeError) -> [CellState] {
    let sizes = office[Int(user.rawValue)].sizes
    return Area.allCases.indices.map { index in
      var cell = CellState.empty
      cell.size = index < sizes.count ? sizes[index] : 0
      return cell
    }
  }

  func column(_ area: Area) throws(OfficeError) -> [(id: UserID, cell: CellState)] { [] }

  func read(
    _ cell: CellState, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }
}
