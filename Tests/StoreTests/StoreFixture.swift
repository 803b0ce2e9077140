import Foundation
import OfficeModel
import Synchronization
import TestSupport

@testable import LiveStore

/// A store in a folder of its own, fed with items directly.
final class StoreFixture {
  let folder: String
  private(set) var store: LiveStore

  private let clock: WallClock

  init(clock: WallClock = .system) throws {
    self.clock = clock
    folder = FileManager.default.temporaryDirectory.path + "/officefs-store-\(UUID())"
    try LiveStore.create(at: folder, clock: clock)
    store = try LiveStore(directory: folder, clock: clock)
  }

  deinit {
    store.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Closes the store and opens it again.
  func reopen() throws {
    store.close()
    store = try LiveStore(directory: folder, clock: clock)
  }

  /// Waits for what is dropped to be swept.
  func settle() throws {
    store.sweeper.wait()
    try store.sweepNow()
  }

  /// Runs one statement behind the store's back, as damage would.
  func execute(_ sql: String) throws {
    try store.items.write(urgent: true) { connection throws(OfficeError) in
      try connection.execute(sql)
    }
  }

  /// The first value of a query's first row, 0 without one.
  func value(_ sql: String) throws -> Int64 {
    try store.items.read { connection throws(OfficeError) in try connection.value(sql) ?? 0 }
  }

  /// Items of random bytes; the same for the same seed.
  func items(_ count: Int, seed: UInt64 = 1, size: Int = 700) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    var items: [String: [UInt8]] = [:]
    for index in 0..<count { items["key\(String(format: "%05d", index))"] = random.bytes(size) }
    return items
  }

  static func random(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return random.bytes(count)
  }

  /// A copy of the data directory as it lies on the disk now, as a kill would leave it.
  func crashCopy() throws -> String {
    let copy = folder + "-crash-\(UUID())"
    try FileManager.default.copyItem(atPath: folder, toPath: copy)
    return copy
  }

  /// Stages one cell of items by key.
  static func stage(
    _ items: [String: [UInt8]], in area: Area = .messages, into stage: Stage
  ) throws {
    let cell = try stage.cell(area, mtime: 7)
    for (key, content) in items.sorted(by: { $0.key < $1.key }) {
      let head = min(20, content.count)
      try cell.write(Array(content[..<head]))
      try cell.cut()
      try cell.write(Array(content[head...]))
      try cell.end(ItemKey(natural: Array(key.utf8)))
    }
    _ = try cell.seal()
  }

  /// Imports one cell; with `prepared` compared ahead, as large imports are.
  @discardableResult
  func publish(
    _ items: [String: [UInt8]], as id: String, prepared: Bool = false
  ) throws -> Publication {
    try StoreFixture.publish(items, as: id, in: store, prepared: prepared)
  }

  @discardableResult
  static func publish(
    _ items: [String: [UInt8]], as id: String, in store: LiveStore, prepared: Bool = false
  ) throws -> Publication {
    let stage = try store.stage()
    try self.stage(items, into: stage)
    if prepared { try store.prepare(stage, as: UserID(id)) }
    return try store.publish(stage, as: UserID(id), mtime: nil, by: "test")
  }

  /// A cell's document, read in one piece.
  static func document(_ view: LiveView, _ id: String, _ area: Area = .messages) throws -> [UInt8]?
  {
    guard let user = try view.user(UserID(id)) else { return nil }
    let index = Area.allCases.firstIndex(of: area) ?? 0
    let cell = try view.cells(of: user.number)[index]
    var bytes = [UInt8](repeating: 0, count: Int(cell.size))
    if !bytes.isEmpty {
      try bytes.withUnsafeMutableBytes { try view.read(cell, at: 0, into: $0) }
    }
    return bytes
  }

  /// What a document of these items is.
  static func document(of items: [String: [UInt8]]) -> [UInt8] {
    items.sorted { $0.key < $1.key }.flatMap(\.value)
  }
}

extension LiveView {
  /// A user's messages; nil without that user.
  func document(_ id: String) throws -> [UInt8]? { try StoreFixture.document(self, id) }
}

/// A clock that a test sets.
final class TestTime: Sendable {
  private let now = Atomic<Int64>(1_700_000_000_000_000_000)

  var seconds: Int64 { now.load(ordering: .relaxed) / 1_000_000_000 }

  var clock: WallClock { WallClock { self.now.load(ordering: .relaxed) } }

  func advance(seconds: Int64) { now.wrappingAdd(seconds * 1_000_000_000, ordering: .relaxed) }
}
