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
