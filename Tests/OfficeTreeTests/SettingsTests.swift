import Foundation
import OfficeAdmin
import OfficeModel
import OfficeTree
import TestSupport
import Testing

@Suite("settings/")
struct SettingsTests {
  private static let days40 = Array("[undo]\ndays = 40\n".utf8)
  private static let days50 = Array("[undo]\ndays = 50\n".utf8)

  @Test("office.toml takes effect when it is closed, and stays after a restart")
  func inPlace() throws {
    let office = try TreeFixture()
    let settings = try office.node("settings")
    try office.copy(Self.days40, to: "office.toml", in: settings)
    #expect(office.registry.settings.office.undoDays == 40)
    let node = try office.node("settings/office.toml")
    try office.copy(Self.days50, to: "office.toml", in: settings, piece: 3)
    #expect(office.registry.settings.office.undoDays == 50)
    #expect(try office.node("settings/office.toml") == node)
    #expect(try office.settingsText() == String(decoding: Self.days50, as: UTF8.self))
    try office.reopen()
    #expect(office.registry.settings.office.undoDays == 50)
    #expect(try office.names(office.node("settings")) == ["backup-group", "office.toml"])
    #expect(try office.store.verify { _, _ in }.isEmpty)
  }

  @Test(
    "A wrong file is refused with its line, and the old one stays",
    arguments: [
      ("[undo]\ndays = 3\n", 2), ("[undo]\n\n# x\ndays = \"x\"\n", 4), ("[undo]\ndays = \n", 2),
      ("\n[undone]\n", 2), ("[limits]\narchive-byte = 7\n", 2), ("[undo]\n[ä]\n", 2),
      ("[\u{1}", 1), ("[ [\n", 1), (" [!undo]\n", 1),
    ])
  func wrong(text: String, line: Int) throws {
    let office = try TreeFixture()
    let settings = try office.node("settings")
    try office.copy(Self.days40, to: "office.toml", in: settings)
    do {
      try office.copy(Array(text.utf8), to: "office.toml", in: settings)
      Issue.record("not refused")
    } catch let error as OfficeError {
      #expect(error.code == .invalid)
      #expect(error.item?.contains("line \(line)") ?? false, "\(error)")
    }
    #expect(office.registry.settings.office.undoDays == 40)
    #expect(try office.settingsText() == String(decoding: Self.days40, as: UTF8.self))
  }

  @Test("Row 77: a file that is not UTF-8 is refused, a too large one at the write")
  func encodings() throws {
    let office = try TreeFixture()
    let settings = try office.node("settings")
    #expect(code { try office.copy([0xFF, 0xFE], to: "office.toml", in: settings) } == .invalid)
    let comment = [UInt8](repeating: UInt8(ascii: "#"), count: 70_000)
    #expect(code { try office.copy(comment, to: "office.toml", in: settings) } == .tooLarge)
    #expect(try office.settingsText() == nil)
  }

  @Test("A temporary file renamed onto office.toml is checked then: a wrong one stays what it is")
  func renamed() throws {
    let office = try TreeFixture()
    let settings = try office.node("settings")
    try office.copy(Self.days40, to: "office.toml", in: settings)
    try office.copy(Self.days50, to: ".office.toml.Ab12Cd", in: settings)
    try office.rename(".office.toml.Ab12Cd", to: "office.toml", in: settings)
    #expect(office.registry.settings.office.undoDays == 50)
    try office.copy([UInt8(ascii: "[")], to: "sedAbCdEf", in: settings)
    #expect(code { try office.rename("sedAbCdEf", to: "office.toml", in: settings) } == .invalid)
    #expect(office.registry.settings.office.undoDays == 50)
    #expect(
      try office.names(office.node("settings")) == ["backup-group", "office.toml", "sedAbCdEf"])
    #expect(code { try office.copy([], to: "notes.txt", in: settings) } == .invalid)
    let wrong = [UInt8(ascii: "[")]
    #expect(code { try office.copy(wrong, to: "office.toml.part", in: settings) } == .invalid)
  }

  @Test("rm brings the defaults back, undo/ what was there; a refused mv puts the old one back")
  func removed() throws {
    let office = try TreeFixture()
    let settings = try office.node("settings")
    try office.copy(Self.days40, to: "office.toml", in: settings)
    try office.remove("office.toml", in: settings)
    #expect(office.registry.settings.office.undoDays == 30)
    #expect(try office.settingsText() == nil)
    let entry = try #require(try office.names(office.node("undo")).last)
    let past = try office.settingsText("undo/\(entry)/settings")
    #expect(past == String(decoding: Self.days40, as: UTF8.self))
    #expect(code { try office.remove("office.toml", in: settings) } == .notFound)
    // mv from another disk: unlink, then create.
    try office.copy(Self.days50, to: "office.toml", in: settings)
    try office.remove("office.toml", in: settings, caller: office.caller)
    let wrong = [UInt8(ascii: "=")]
    #expect(code { try office.copy(wrong, to: "office.toml", in: settings) } == .invalid)
    #expect(office.registry.settings.office.undoDays == 50)
    #expect(try office.settingsText() == String(decoding: Self.days50, as: UTF8.self))
  }

  @Test("An editor that puts the old file aside first, as vim does")
  func aside() throws {
    let office = try TreeFixture()
    let settings = try office.node("settings")
    try office.copy(Self.days40, to: "office.toml", in: settings)
    try office.rename("office.toml", to: "office.toml~", in: settings)
    try office.copy(Self.days50, to: "office.toml", in: settings)
    #expect(try office.read("office.toml~", in: settings) == Self.days40)
    try office.remove("office.toml~", in: settings)
    #expect(office.registry.settings.office.undoDays == 50)
    #expect(try office.names(settings) == ["backup-group", "office.toml"])
  }

  @Test("Several processes writing one file: what the opener closes counts; another is refused")
  func writers() throws {
    let office = try TreeFixture()
    let settings = try office.node("settings")
    try office.copy(Self.days40, to: "office.toml", in: settings)
    let handle = try office.openToWrite("office.toml", in: settings)
    try Array("[undo]\n".utf8).withUnsafeBytes { try office.tree.write(handle, at: 0, $0) }
    let child = Caller(pid: 1, uid: 0, gid: 0)
    try office.tree.flush(handle, caller: child, isInterrupted: { false })
    #expect(office.registry.settings.office.undoDays == 40)
    #expect(code { _ = try office.openToWrite("office.toml", in: settings) } == .busy)
    #expect(code { try office.remove("office.toml", in: settings) } == .busy)
    try Array("days = 60\n".utf8).withUnsafeBytes { try office.tree.write(handle, at: 7, $0) }
    try office.tree.flush(handle, caller: office.caller, isInterrupted: { false })
    office.tree.release(handle)
    #expect(office.registry.settings.office.undoDays == 60)
  }

  @Test("owners.toml says who owns a user's file; a wrong one is refused with its line")
  func owners() throws {
    let office = try TreeFixture()
    try office.copy(try TreeFixture.archive("alice"), to: "alice.udb")
    try office.copy(try TreeFixture.archive("b.ob"), to: "b.ob.udb")
    let settings = try office.node("settings")
    try office.copy(
      Array("alice = \"daemon\"\n\"b.ob\" = 4711\n".utf8), to: "owners.toml", in: settings)
    let users = try office.list()
    #expect(users.map(\.attributes.owner) == [1, 4711])
    #expect(users.map(\.attributes.permissions) == [0o400, 0o400])
    for wrong in ["alice = \"no such user\"", "alice = -1", "b.ob = 1", "\"a b\" = 1"] {
      #expect(
        code { try office.copy(Array("\n\(wrong)\n".utf8), to: "owners.toml", in: settings) }
          == .invalid)
    }
    #expect(try office.list().map(\.attributes.owner) == [1, 4711])
    try office.remove("owners.toml", in: settings)
    #expect(try office.list().map(\.attributes.permissions) == [0o600, 0o600])
  }

  @Test("The backup group is filled from a group, and undo/ has it as it was")
  func backupGroup() throws {
    let office = try TreeFixture()
    let group = try office.node("settings/backup-group")
    try office.touch("alice", in: group)
    try office.touch("bob", in: group)
    #expect(try office.names(group) == ["alice", "bob"])
    #expect(code { try office.copy([1], to: "eve", in: group) } == .invalid)
    try office.remove("alice", in: group)
    #expect(try office.names(group) == ["bob"])
    let entry = try #require(try office.names(office.node("undo")).last)
    #expect(
      try office.names(office.node("undo/\(entry)/settings/backup-group")) == ["alice", "bob"])
    #expect(
      code {
        try office.tree.removeDirectory(
          Array("backup-group".utf8), in: office.node("settings"), caller: office.caller)
      } == .readOnly)
  }

  @Test("office.toml in the data directory is taken over at the start, a wrong one is refused")
  func takenOver() throws {
    let office = try TreeFixture()
    let file = office.folder.appending(path: "office.toml")
    try Data(Self.days50).write(to: file)
    try office.reopen()
    #expect(office.registry.settings.office.undoDays == 50)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    #expect(try office.settingsText() == String(decoding: Self.days50, as: UTF8.self))
    try Data("[undo]\ndays = 1\n".utf8).write(to: file)
    #expect(
      code { try office.registry.takeOver(from: office.folder.path, caller: "test") } == .invalid)
    #expect(FileManager.default.fileExists(atPath: file.path))
  }

  @Test(
    "Random writes, renames and removals leave office.toml as they leave a variable",
    arguments: 1...5)
  func model(seed: UInt64) throws {
    let office = try TreeFixture()
    var random = SeededGenerator(seed: seed)
    var text: String?
    for step in 0..<80 {
      let settings = try office.node("settings")
      let days = Int.random(in: 5...60, using: &random)
      let new = "[undo]\ndays = \(days)\n"
      let isGood = days >= 7
      var failure: ErrorCode?
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1:
        failure = code { try office.copy(Array(new.utf8), to: "office.toml", in: settings) }
        if isGood { text = new }
      case 2, 3:
        try office.copy(Array(new.utf8), to: ".office.toml.123456", in: settings)
        failure = code {
          try office.rename(".office.toml.123456", to: "office.toml", in: settings)
        }
        if failure != nil { try office.remove(".office.toml.123456", in: settings) }
        if isGood { text = new }
      case 4:
        // Another process: its refusals put nothing back.
        let wasThere = text != nil
        #expect(
          code { try office.remove("office.toml", in: settings) }
            == (wasThere ? nil : .notFound), "seed \(seed) step \(step)")
        text = nil
        continue
      default:
        try office.reopen()
        continue
      }
      #expect(failure == (isGood ? nil : .invalid), "seed \(seed) step \(step)")
      #expect(try office.settingsText() == text, "seed \(seed) step \(step)")
    }
    #expect(try office.store.verify { _, _ in }.isEmpty, "seed \(seed)")
  }
}
