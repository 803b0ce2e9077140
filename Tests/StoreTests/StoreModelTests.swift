import Foundation
import LiveStore
import OfficeModel
import TestSupport
import Testing

@Suite("The store against a dictionary")
struct StoreModelTests {
  @Test(
    "Random imports, deletes and renames leave every view as it was when it was taken",
    arguments: [11, 12, 13])
  func randomChanges(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let fixture = try StoreFixture()
    var model: [String: [String: [UInt8]]] = [:]
    var views: [(view: LiveView, model: [String: [String: [UInt8]]])] = []
    let ids = ["alice", "bob", "carol", "dave"]
    for step in 0..<250 {
      let comment: Comment = "seed \(seed) step \(step)"
      let id = ids.randomElement(using: &random) ?? "alice"
      switch Int.random(in: 0..<10, using: &random) {
      case 0...5:
        var items = Bool.random(using: &random) ? (model[id] ?? [:]) : [:]
        for _ in 0..<Int.random(in: 0...12, using: &random) {
          let key = "k\(Int.random(in: 0..<30, using: &random))"
          let size =
            [0, 3, 90, 200, 5_000, 30_000, 600_000].randomElement(using: &random) ?? 1
          items[key] = Bool.random(using: &random) ? nil : random.bytes(min(size, 9_000) + size % 7)
        }
        let before = fixture.store.commit
        let publication = try fixture.publish(
          items, as: id, prepared: Bool.random(using: &random))
        let isSame =
          model[id].map { StoreFixture.document(of: $0) == StoreFixture.document(of: items) }
          ?? false
        if publication.isUnchanged { #expect(isSame, comment) }
        #expect(fixture.store.commit == before + (publication.isUnchanged ? 0 : 1), comment)
        model[id] = items
      case 6:
        guard model[id] != nil else { continue }
        try fixture.store.delete(UserID(id), by: "test", group: 1)
        model[id] = nil
      case 7:
        let other = ids.randomElement(using: &random) ?? "bob"
        guard let items = model[id], model[other] == nil else { continue }
        _ = try fixture.store.rename(UserID(id), to: UserID(other), by: "test")
        model[other] = items
        model[id] = nil
      case 8:
        views.append((try fixture.store.view(), model))
        if views.count > 12 {
          views.remove(at: Int.random(in: 0..<views.count, using: &random))
        }
      default:
        if step % 3 == 0 {
          views = []
          try fixture.reopen()
        }
      }
      try Self.compare(try fixture.store.view(), model, ids, comment)
      if let old = views.randomElement(using: &random) {
        try Self.compare(old.view, old.model, ids, comment)
      }
    }
    for old in views { try Self.compare(old.view, old.model, ids, "seed \(seed) old view") }
    try Self.checkUndo(fixture.store, seed)
    #expect(try fixture.store.verify { _, _ in }.map(\.description) == [], "seed \(seed)")
  }

  private static func compare(
    _ view: LiveView, _ model: [String: [String: [UInt8]]], _ ids: [String], _ comment: Comment
  ) throws {
    #expect(try view.users().map(\.id.text) == model.keys.sorted(), comment)
    for id in ids {
      let document = try StoreFixture.document(view, id)
      let isEqual = document == model[id].map { StoreFixture.document(of: $0) }
      #expect(isEqual, "\(id)")
    }
  }

  /// Each file of undo can be read in the view that it names.
  private static func checkUndo(_ store: LiveStore, _ seed: UInt64) throws {
    for group in try store.undoGroups() {
      for file in try store.undoFiles(of: group.number) {
        let view = try store.view(at: file.commit)
        #expect(try view.user(file.id)?.version == file.user.version, "seed \(seed)")
        _ = try StoreFixture.document(view, file.id.text)
      }
    }
  }
}
