import BackupRepository
import OfficeAdmin
import OfficeArchive
import OfficeModel
import OfficeTree
import TestSupport
import Testing

/// What `backup/` has to show, in dictionaries.
private struct BackupModel {
  typealias Office = [UserID: [Area: DictionaryView.Cell]]

  struct Kept {
    /// What each area shows of whom.
    var areas: [Area: [UserID: DictionaryView.Cell]]
    var day: Int64?
    var until = Int64.max
    var hold: String?

    /// The users of any area, with what each area shows of them.
    var office: Office {
      var office: Office = [:]
      for (area, column) in areas {
        for (id, cell) in column { office[id, default: [:]][area] = cell }
      }
      return office
    }
  }

  var live: Office = [:]
  /// By their number, from 1 on.
  var sets: [Int: Kept] = [:]
  /// Latest first.
  var slots: [Int] = []
  var last = 0

  static let empty = DictionaryView.Cell(document: [], mtime: 0)

  mutating func backUp(_ areas: [Area], now: Int64) {
    last += 1
    var kept = slots.first.flatMap { sets[$0] } ?? Kept(areas: [:])
    kept.until = .max
    kept.hold = nil
    for area in areas { kept.areas[area] = live.mapValues { $0[area] ?? BackupModel.empty } }
    let isFull = areas.count == Area.allCases.count
    let day = now / 86_400
    if isFull && !slots.contains(where: { sets[$0]?.day == day }) {
      kept.day = day
      slots.insert(last, at: 0)
      if slots.count > 8 { sets[slots.removeLast()]?.until = now }
    } else {
      kept.day = slots.first.flatMap { sets[$0]?.day } ?? (isFull ? day : nil)
      if let replaced = slots.first {
        sets[replaced]?.until = now + 7 * 86_400
        slots[0] = last
      } else {
        slots = [last]
      }
    }
    sets[last] = kept
    expire(now)
  }

  mutating func expire(_ now: Int64) {
    for (number, set) in sets where !slots.contains(number) && set.hold == nil && set.until <= now {
      sets[number] = nil
    }
  }
}

@Suite("backup/ against dictionaries")
struct BackupModelTests {
  @Test(
    "Random changes, backups, holds and days show what dictionaries hold", arguments: [1, 2, 3])
  func randomOperations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let fixture = try BackupFixture()
    let office = fixture.office
    var model = BackupModel()
    var readers: [(handle: UInt64, bytes: [UInt8])] = []
    let hold = try office.node("backup/hold")
    for step in 0..<160 {
      let comment: Comment = "seed \(seed) step \(step)"
      fixture.pass(seconds: Int64.random(in: 2...40_000, using: &random))
      let id = ["alice", "bob", "carol", "dave"].randomElement(using: &random) ?? "alice"
      switch Int.random(in: 0..<12, using: &random) {
      case 0...3:
        let rows = (1...9).filter { _ in Bool.random(using: &random) }.map { "2026-02-0\($0),8,9" }
        let cells = TreeFixture.cells(
          id, rows, ["in", "out", nil].randomElement(using: &random) ?? nil,
          Int64.random(in: 0...9, using: &random))
        let user = try UserID(id)
        try office.copy(TreeFixture.archive(.user(user), of: [user: cells]), to: "\(id).udb")
        model.live[user] = cells
      case 4:
        guard model.live.removeValue(forKey: try UserID(id)) != nil else { continue }
        try office.remove("\(id).udb")
      case 5...7:
        try fixture.touch("backup/update/all")
        model.backUp(Area.allCases, now: fixture.now)
      case 8:
        let area = Area.allCases.randomElement(using: &random) ?? .todo
        try fixture.touch("backup/update/\(area.name)")
        model.backUp([area], now: fixture.now)
      case 9:
        guard let latest = model.slots.first, model.sets[latest]?.hold == nil else { continue }
        let name = "hold\(step)"
        _ = try office.tree.makeDirectory(
          Array(name.utf8), in: hold, permissions: 0o755, caller: office.caller)
        model.sets[latest]?.hold = name
      case 10:
        let held = model.sets.filter { $0.value.hold != nil }.keys.sorted()
        guard let number = held.randomElement(using: &random),
          let name = model.sets[number]?.hold
        else { continue }
        try office.tree.removeDirectory(Array(name.utf8), in: hold, caller: office.caller)
        model.sets[number]?.hold = nil
        model.expire(fixture.now)
      default:
        guard readers.count < 12, let latest = model.slots.first,
          let id = model.sets[latest]?.office.keys.sorted().randomElement(using: &random)
        else { continue }
        let users = try office.node("backup/users")
        let handle = try office.open("\(id).udb", in: users).handle
        readers.append(
          (handle, try TreeFixture.archive(.user(id), of: model.sets[latest]?.office ?? [:])))
      }
      if step % 8 == 0 { try Self.compare(fixture, model, &random, comment) }
    }
    try Self.compare(fixture, model, &random, "seed \(seed) at the end")
    for reader in readers {
      #expect(isEqual(try office.readAll(reader.handle), reader.bytes), "seed \(seed)")
      office.tree.release(reader.handle)
    }
    #expect(try fixture.backups.repository.verify { _, _ in }.isEmpty, "seed \(seed)")
  }

  private static func compare(
    _ fixture: BackupFixture, _ model: BackupModel, _ random: inout SeededGenerator,
    _ comment: Comment
  ) throws {
    let numbers = model.sets.keys.sorted()
    let dates = try fixture.names("backup/by-date")
    #expect(dates.count == numbers.count, comment)
    let holds = numbers.compactMap { model.sets[$0]?.hold }
    #expect(try fixture.names("backup/hold") == holds.sorted(), comment)
    let slots = try fixture.names("backup").filter { $0.count == 1 }
    #expect(slots == (1..<8).prefix(max(0, model.slots.count - 1)).map { "\($0)" }, comment)

    var doors = zip(numbers, dates).map { ("backup/by-date/\($1)", $0) }
    doors += model.slots.enumerated().map { ($0 == 0 ? "backup" : "backup/\($0)", $1) }
    doors += numbers.compactMap { number in
      model.sets[number]?.hold.map { ("backup/hold/\($0)", number) }
    }
    var contents: [UInt64: [UInt8]] = [:]
    var links: [UInt64: UInt32] = [:]
    for (path, number) in doors {
      guard let set = model.sets[number] else { continue }
      let office = set.office
      let entries = try fixture.office.list(fixture.office.node("\(path)/users"))
      #expect(
        entries.map { String(decoding: $0.name, as: UTF8.self) }.sorted()
          == office.keys.map { "\($0).udb" }.sorted(), comment)
      for entry in entries {
        let inode = entry.attributes.inode
        if path.hasPrefix("backup/by-date/") { links[inode, default: 0] += 1 }
        // Of some the bytes; of all that equal inodes are equal bytes.
        guard contents[inode] == nil || Int.random(in: 0..<4, using: &random) == 0 else { continue }
        let name = String(decoding: entry.name, as: UTF8.self)
        let bytes = try TreeFixture.archive(
          .user(UserID(String(name.dropLast(4)))), of: office)
        #expect(isEqual(try fixture.read("\(path)/users/\(name)"), bytes), comment)
        #expect(contents[inode].map { isEqual($0, bytes) } ?? true, comment)
        #expect(entry.attributes.size == Int64(bytes.count), comment)
        contents[inode] = bytes
      }
      guard !path.hasPrefix("backup/by-date/"),
        let area = Area.allCases.randomElement(using: &random)
      else { continue }
      let column = (set.areas[area] ?? [:]).mapValues { [area: $0] }
      #expect(
        isEqual(
          try fixture.read("\(path)/\(area.name).odb"),
          try TreeFixture.archive(.area(area), of: column)), comment)
    }
    for (path, _) in doors {
      for entry in try fixture.office.list(fixture.office.node("\(path)/users")) {
        #expect(entry.attributes.links == links[entry.attributes.inode], comment)
      }
    }
  }
}
