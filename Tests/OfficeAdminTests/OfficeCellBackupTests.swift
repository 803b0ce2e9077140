import Foundation
import OfficeAdmin
import OfficeArchive
import OfficeModel
import Testing

@testable import BackupRepository

@Suite("Groups and settings in backups")
struct OfficeCellBackupTests {
  private static func registry(_ office: BackupOffice) throws -> OfficeRegistry {
    let clock = WallClock { 1_780_308_000_000_000_000 }
    let journal = try Journal(path: office.folder + "/audit.log", clock: clock)
    return try OfficeRegistry(store: office.store, clock: clock, audit: journal, errors: journal)
  }

  private static func add(_ id: String, to group: String, _ registry: OfficeRegistry) throws {
    let name = try GroupName(group)
    let (one, two) = (try registry.newEntry(), try registry.newEntry())
    let user = try UserID(id)
    try registry.change(.groups, "test", joins: true, caller: "test", group: 1) {
      (record) throws(OfficeError) in
      if record.groups[name] == nil { try record.add(name, one) }
      try record.add(user, to: .group(name), two)
    }
  }

  @Test("Each set has them as they were, in no list and in no sum, also when all is compared")
  func areKept() throws {
    let office = try BackupOffice()
    try office.publish("one", as: "alice")
    let registry = try Self.registry(office)
    let caller = "test"
    var expected: [OfficeRecord] = []
    var sets: [BackupSet] = []
    for id in ["bob", "carol", "dave"] {
      try Self.add(id, to: "sales", registry)
      try registry.set(.office, Array("# \(id)\n".utf8), "test", caller: caller, group: 1)
      expected.append(registry.current.record)
      sets.append(try office.backups.runner.backUp(process: "manual", caller: caller).set)
      office.clock += 60
    }
    let compared = try office.backups.runner.backUpComparing(process: "manual", caller: caller) {
      _, _ in
    }
    #expect(compared.defects.isEmpty, "\(compared.defects)")
    #expect(compared.set.users == 1)
    for (set, record) in zip(sets, expected) {
      let view = try office.repository.view(of: set)
      #expect(try OfficeRegistry.version(of: view).record == record)
      #expect(try view.users().map(\.id.text) == ["alice"])
      #expect(try view.column(.user).map(\.id.text) == ["alice"])
      #expect(set.users == 1)
    }
    #expect(try office.repository.verify { _, _ in }.isEmpty)
  }

  @Test("An erased user is in no group any more: in the office, in undo, in any set, in any file")
  func areErased() throws {
    let office = try BackupOffice()
    let registry = try Self.registry(office)
    let erased = try UserID("mercury")
    var expected: [[UInt8]] = []
    for (index, id) in ["mercury", "bob", "carol", "Mercury", "dave"].enumerated() {
      try office.publish("one", as: id == "Mercury" ? "eve" : id)
      let user = try UserID(id)
      let entry = try registry.newEntry()
      // The first set's group has no other member, and its document nothing else.
      try Self.add(id, to: index == 3 ? "support" : "sales", registry)
      try registry.change(.settings, "test", joins: false, caller: "test", group: 2) {
        (record) throws(OfficeError) in
        guard index != 3 else { return }
        try record.add(user, to: .backup, entry)
      }
      if index == 2 {
        try registry.set(
          .office, Array("# a text\n".utf8) + [UInt8](repeating: 10, count: 300), "test",
          caller: "test", group: 1)
      }
      var record = registry.current.record
      for list in [OfficeRecord.List.backup, .group(try GroupName("sales"))] {
        try? record.remove(erased, from: list)
      }
      if index >= 3 {
        try record.remove(UserID("Mercury"), from: .group(GroupName("support")))
      }
      expected.append(record.manifest)
      let areas = index == 2 ? [Area.user, .todo] : Set(Area.allCases)
      _ = try office.backups.runner.backUp(areas, process: "manual", caller: "test")
      office.clock += 86_400
    }
    #expect(
      try office.repository.purge(user: erased) { OfficeRecord.isMember(erased, item: $0) } > 0)
    _ = try office.store.purge(user: erased) { OfficeRecord.isMember(erased, item: $0) }
    #expect(try office.repository.verify { _, _ in }.map(\.description) == [])
    #expect(try office.store.verify { _, _ in }.map(\.description) == [])
    for (entry, manifest) in zip(try office.repository.list().all, expected) {
      let view = try office.repository.view(of: entry.set)
      #expect(try OfficeRegistry.version(of: view).record.manifest == manifest)
    }
    #expect(try OfficeRegistry.version(of: office.store.view()).record.manifest == expected.last)
    for group in try office.store.undoGroups() {
      for file in try office.store.undoFiles(of: group.number) where file.id == .office {
        let version = try OfficeRegistry.version(of: office.store.view(at: file.commit))
        #expect(!"\(version.record)".lowercased().contains("mercury"))
      }
    }
    let set = try office.backups.runner.backUp(process: "manual", caller: "test").set
    let view = try office.repository.view(of: set)
    #expect(try OfficeRegistry.version(of: view).record.manifest == expected.last)
    #expect(try office.repository.verify { _, _ in }.map(\.description) == [])
    for folder in ["live", "backup"].map({ office.folder + "/" + $0 }) {
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        let bytes = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
        for word in ["mercury", "Mercury"] {
          #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) in \(name)")
        }
      }
    }
  }

  @Test("office.json is the same for the same groups and settings, and gives them back")
  func manifest() throws {
    let office = try BackupOffice()
    let registry = try Self.registry(office)
    for id in ["bob", "alice"] {
      try Self.add(id, to: "sales", registry)
      try Self.add(id, to: "a.team", registry)
    }
    let text = "# \"quoted\"\t\\ é\u{1}\r\n[undo]\ndays = 40\n"
    // A control character is no TOML: only what is one can be a setting.
    let setting = text.replacing("\u{1}", with: "")
    try registry.set(.office, Array(setting.utf8), "test", caller: "test", group: 1)
    try registry.set(.owners, Array("alice = 1\n".utf8), "test", caller: "test", group: 1)
    let bytes = registry.current.record.manifest
    let json = #""groups":{"a.team":["alice","bob"],"sales":["alice","bob"]}"#
    let shown = String(decoding: bytes, as: UTF8.self)
    #expect(shown.contains(json) && !shown.contains("owners"), "\(shown)")
    var number: Int64 = 100
    let back = try OfficeRecord(manifest: bytes, seconds: 7) { () throws(OfficeError) in
      number += 1
      return number
    }
    #expect(back.manifest == bytes)
    #expect(back.texts[.office]?.content == setting && back.texts[.owners] == nil)
    for wrong in [
      #"{"groups":{"a b":[]}}"#, #"{"groups":{"a":["-"]}}"#, #"{"groups":{"a":[],"A":[]}}"#,
      #"{"settings":{"x":""}}"#, #"{"groups":{"a":7}}"#,
    ] {
      #expect(throws: OfficeError.self) {
        try OfficeRecord(manifest: Array(wrong.utf8), seconds: 7) { 1 }
      }
    }
  }
}
