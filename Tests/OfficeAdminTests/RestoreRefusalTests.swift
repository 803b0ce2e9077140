import Dispatch
import Foundation
import OfficeArchive
import OfficeModel
import Synchronization
import TestSupport
import Testing

@testable import BackupRepository
@testable import ItemStore
@testable import LiveStore
@testable import OfficeAdmin

@Suite("A restore that can't be")
struct RestoreRefusalTests {
  private static func code(_ body: () throws -> Void) -> ErrorCode? {
    do {
      try body()
      return nil
    } catch {
      return (error as? OfficeError)?.code
    }
  }

  private static func mail(_ count: Int, seed: UInt64) -> [String: [UInt8]] {
    var random = SeededGenerator(seed: seed)
    var items: [String: [UInt8]] = [:]
    for index in 0..<count { items["key\(1_000 + index)"] = random.bytes(900) }
    return items
  }

  /// A set of alice and bob, and both changed since.
  private static func changed() throws -> (RestoreOffice, BackupSet) {
    let office = try RestoreOffice()
    for id in ["alice", "bob"] { try office.put(mail(20, seed: 1), of: id) }
    let set = try office.backUp()
    for id in ["alice", "bob"] { try office.put(mail(20, seed: 2), of: id) }
    return (office, set)
  }

  @Test("A plan of which a chosen cell has changed is ESTALE; another cell may change")
  func stale() throws {
    let (office, set) = try Self.changed()
    let choice = RestoreChoice(areas: [.messages], users: [try UserID("alice")])
    var plan = try office.restores.plan(set, choice)
    try office.put(["x": [1]], of: "bob")
    try office.put(["x": [1]], in: .todo, of: "alice")
    try office.put(["x": [1]], of: "carol")
    #expect(try office.restores.plan(set, choice).code == plan.code)
    try office.put(["x": [1]], in: .messages, of: "alice")
    #expect(try office.restores.plan(set, choice).code != plan.code)
    let before = try office.contents()
    let sets = try office.office.repository.sets().count
    #expect(Self.code { try office.run(plan) } == .stale)
    #expect(try office.contents() == before)
    // Found before the state before it was kept.
    #expect(try office.office.repository.sets().count == sets)
    plan = try office.restores.plan(set, choice)
    try office.put(["x": [2]], in: .todo, of: "alice")
    try office.store.delete(UserID("bob"), by: "test")
    try office.run(plan)
    let now = try office.contents()
    let then = try RestoreOffice.contents(of: office.office.repository.view(of: set))
    #expect(now["alice/messages"] == then["alice/messages"])
    #expect(now["alice/todo"] != before["alice/todo"] && now["bob/messages"] == nil)
    try office.verify()
  }

  @Test(
    "A plan of which nothing differs is as strict: ESTALE once a chosen cell has changed, EROFS on a failed disk"
  )
  func nothing() throws {
    let (office, set) = try Self.changed()
    var choice = try office.everything(of: set)
    choice.groups = true
    try office.restore(set, choice)
    let plan = try office.restores.plan(set, choice)
    #expect(!plan.changesAnything)
    #expect(try office.run(plan).commit == nil)
    try office.registry.change(.groups, "test", joins: false, caller: "test", group: 0) {
      (record) throws(OfficeError) in
      try record.add(try GroupName("late"), try office.registry.newEntry())
    }
    #expect(Self.code { try office.run(plan) } == .stale)
    choice.groups = false
    let second = try office.restores.plan(set, choice)
    try office.put(["x": [1]], of: "alice")
    #expect(Self.code { try office.run(second) } == .stale)
    try office.restore(set, choice)
    let third = try office.restores.plan(set, choice)
    office.store.fail(OfficeError(.inputOutput, "a test"))
    #expect(!third.changesAnything && Self.code { try office.run(third) } == .readOnly)
  }

  @Test("A user who was deleted, renamed, added or erased since is a chosen cell that changed")
  func users() throws {
    let changes: [(RestoreOffice) throws -> Void] = [
      { try $0.store.delete(UserID("alice"), by: "test") },
      { _ = try $0.store.rename(UserID("alice"), to: UserID("al"), by: "test") },
      { _ = try $0.store.purge(user: UserID("alice")) },
      { _ = try $0.store.add(UserID("dave"), by: "test") },
    ]
    for (index, change) in changes.enumerated() {
      let (office, set) = try Self.changed()
      let plan = try office.restores.plan(set, try office.everything(of: set, removesOthers: true))
      try change(office)
      let before = try office.contents()
      #expect(Self.code { try office.run(plan) } == .stale, "\(index)")
      #expect(try office.contents() == before, "\(index)")
    }
  }

  @Test("What can't be carried out has no code, and the reason")
  func refusals() throws {
    let (office, set) = try Self.changed()
    _ = try office.store.rename(UserID("bob"), to: UserID("Bob"), by: "test")
    let all = try office.everything(of: set)
    var wrong: [(RestoreChoice, ErrorCode)] = [(RestoreChoice(areas: [], users: []), .invalid)]
    var choice = all
    choice.areas.remove(.todo)
    choice.removesOthers = true
    choice.users.remove(try UserID("bob"))
    wrong.append((choice, .invalid))
    choice = all
    choice.users.insert(try UserID("nobody"))
    wrong.append((choice, .invalid))
    wrong.append((all, .exists))
    for (choice, code) in wrong {
      let plan = try office.restores.plan(set, choice)
      #expect(plan.code == nil && plan.refusals.contains { $0.code == code }, "\(choice)")
      #expect(Self.code { try office.run(plan) } == plan.refusals[0].code)
    }
    choice = all
    choice.removesOthers = true
    let then = try RestoreOffice.contents(of: office.office.repository.view(of: set))
    try office.restore(set, choice)
    #expect(try office.contents() == then)
  }

  @Test("While quiet holds, every change is EBUSY and the restore is done; then changes are again")
  func quiet() throws {
    let (office, set) = try Self.changed()
    let isOver = Atomic<Bool>(false)
    let counts = Mutex<(done: Int, refused: Int)>((0, 0))
    let group = DispatchGroup()
    let transfer = office.transfer
    DispatchQueue.global().async(group: group) {
      var number = 0
      while !isOver.load(ordering: .relaxed) {
        number += 1
        let code = Self.code {
          _ = try transfer.add(try UserID("new\(number)"), mtime: nil, caller: "test")
        }
        counts.withLock { if code == .busy { $0.refused += 1 } else { $0.done += 1 } }
        usleep(2_000)
      }
    }
    defer {
      isOver.store(true, ordering: .relaxed)
      group.wait()
    }
    let choice = try office.everything(of: set, removesOthers: true)
    while counts.withLock({ $0.done }) < 3 { usleep(1_000) }
    let stale = try office.restores.plan(set, choice)
    let done = counts.withLock { $0.done }
    while counts.withLock({ $0.done }) < done + 2 { usleep(1_000) }
    #expect(Self.code { try office.run(stale) } == .stale)

    let quiet = office.restores.gate.quiet()
    while counts.withLock({ $0.refused }) < 2 { usleep(1_000) }
    let plan = try office.restores.plan(set, choice)
    #expect(Self.code { try office.run(plan) } == .busy)
    #expect(
      Self.code { try office.registry.set(.office, nil, "x", caller: "test", group: 1) } == nil)
    #expect(
      Self.code {
        try office.registry.set(.office, Array("# 1\n".utf8), "x", caller: "test", group: 1)
      } == .busy)
    try office.run(plan, holding: quiet)
    #expect(
      try office.contents() == RestoreOffice.contents(of: office.office.repository.view(of: set)))
    quiet.release()
    let now = counts.withLock { $0.done }
    while counts.withLock({ $0.done }) == now { usleep(1_000) }
  }

  @Test("A quiet is over after ten minutes, whatever the clock does")
  func quietEnds() throws {
    let office = try RestoreOffice()
    for step in [WriterGate.mostQuiet, -1, 86_400] {
      let quiet = office.restores.gate.quiet()
      #expect(office.restores.gate.isClosed && !quiet.isOver)
      office.office.clock += step
      #expect(!office.restores.gate.isClosed && quiet.isOver)
    }
    _ = office.restores.gate.quiet()
    #expect(!office.restores.gate.isClosed)
  }

  @Test("On a full disk a restore changes nothing, and what it had copied is gone")
  func fullDisk() throws {
    let office = try RestoreOffice()
    for id in ["alice", "bob"] { try office.put(Self.mail(2_000, seed: 1), of: id) }
    let set = try office.backUp()
    for id in ["alice", "bob"] { try office.store.delete(UserID(id), by: "test") }
    _ = try office.backUp()
    _ = try office.store.purge(user: UserID("alice"))
    _ = try office.store.purge(user: UserID("bob"))
    let before = try office.contents()
    let plan = try office.restores.plan(set, try office.everything(of: set))
    #expect(plan.space.needed > 1_800_000 && plan.code != nil)
    try office.limitOffice(pages: 100)
    #expect(Self.code { try office.run(plan) } == .noSpace)
    #expect(try office.contents() == before)
    try office.limitOffice(pages: 1_000_000)
    try office.settle()
    #expect(try office.value("SELECT count(*) FROM restored") == 0)
    #expect(try office.value("SELECT count(*) FROM storage WHERE state <> 1") == 0)
    try office.run(plan)
    #expect(
      try office.contents() == RestoreOffice.contents(of: office.office.repository.view(of: set)))
    try office.verify()
  }

  @Test("Groups that changed since are found before anything is kept")
  func staleGroups() throws {
    let (office, set) = try Self.changed()
    let change = { (name: String) in
      _ = try office.registry.change(.groups, "x", joins: false, caller: "test", group: 1) {
        (record) throws(OfficeError) in
        try record.add(
          GroupName(name), OfficeRecord.Entry(number: office.store.nextNumber(), seconds: 1))
      }
    }
    try change("sales")
    var choice = RestoreChoice(areas: [], users: [])
    choice.groups = true
    let plan = try office.restores.plan(set, choice)
    #expect(plan.officeChanges == ["groups/sales: removed"])
    try change("late")
    let sets = try office.office.repository.sets().count
    #expect(Self.code { try office.run(plan) } == .stale)
    #expect(try office.office.repository.sets().count == sets)
    // Chosen groups that do not differ may not change either, while users are copied.
    choice = try office.everything(of: set)
    choice.groups = true
    try office.restore(set, choice)
    try office.put(["x": [1]], of: "alice")
    let users = try office.restores.plan(set, choice)
    #expect(users.officeChanges == [])
    let before = try office.contents()
    let refusal = Self.code {
      _ = try office.restores.run(
        users, caller: "test",
        progress: { progress in if progress.step == .publishing { try? change("later") } })
    }
    #expect(refusal == .stale)
    #expect(try office.contents() == before)
  }

  @Test(
    "Whenever a restore is interrupted, nothing has changed, and no set of the state before is begun"
  )
  func interruptedAnywhere() throws {
    let (office, set) = try Self.changed()
    for id in ["carol", "dave"] { try office.put(Self.mail(300, seed: 3), of: id) }
    let choice = try office.everything(of: set)
    let before = try office.contents()
    let sets = try office.office.repository.sets().count
    var most = 0
    while true {
      let plan = try office.restores.plan(set, choice)
      let calls = Mutex(0)
      let stop = most
      let code = Self.code {
        _ = try office.restores.run(
          plan, caller: "test",
          isCancelled: {
            calls.withLock { calls in
              calls += 1
              return calls > stop
            }
          })
      }
      guard code == .interrupted else {
        #expect(code == nil)
        break
      }
      #expect(try office.contents() == before, "after \(most)")
      let made = try office.office.repository.sets()
      #expect(made.count - sets <= 1, "after \(most)")
      // It interrupted the copy: what was kept of the state before stays.
      if made.count > sets { break }
      most += 1
    }
    #expect(most > 3)
    office.office.repository.sweep()
    office.office.repository.sweeper.wait()
    try office.settle()
    try office.verify()
  }

  @Test(
    "A restore that waits for another backup lets go when it is interrupted, and nothing is made")
  func interruptedWaiting() throws {
    let (office, set) = try Self.changed()
    let plan = try office.restores.plan(set, try office.everything(of: set))
    let isHeld = Atomic<Bool>(false)
    let isOver = Atomic<Bool>(false)
    let group = DispatchGroup()
    let runner = office.office.backups.runner
    DispatchQueue.global().async(group: group) {
      _ = try? runner.backUpComparing(process: "manual", caller: "test") { _, _ in
        isHeld.store(true, ordering: .relaxed)
        while !isOver.load(ordering: .relaxed) { usleep(1_000) }
      }
    }
    while !isHeld.load(ordering: .relaxed) { usleep(1_000) }
    let sets = try office.office.repository.sets().count
    let before = try office.contents()
    let asked = Mutex(0)
    #expect(
      Self.code {
        _ = try office.restores.run(
          plan, caller: "test",
          isCancelled: {
            asked.withLock { asked in
              asked += 1
              return asked > 5
            }
          })
      } == .interrupted)
    #expect(asked.withLock { $0 } == 6)
    isOver.store(true, ordering: .relaxed)
    group.wait()
    #expect(try office.contents() == before)
    #expect(try office.office.repository.sets().count == sets)
    try office.run(plan)
  }

  @Test("A restore that is interrupted leaves nothing, and a start clears what a kill left")
  func interrupted() throws {
    let office = try RestoreOffice()
    for id in ["alice", "bob", "carol"] { try office.put(Self.mail(1_500, seed: 1), of: id) }
    let set = try office.backUp()
    for id in ["alice", "bob", "carol"] { try office.put(Self.mail(1_500, seed: 2), of: id) }
    let before = try office.contents()
    let plan = try office.restores.plan(set, try office.everything(of: set))
    let rest = Atomic<Int>(4)
    let code = Self.code {
      _ = try office.restores.run(
        plan, caller: "test",
        isCancelled: { rest.subtract(1, ordering: .relaxed).newValue < 0 })
    }
    #expect(code == .interrupted)
    try office.settle()
    #expect(try office.value("SELECT count(*) FROM storage WHERE state <> 1") == 0)
    let restoration = office.store.restoration(from: plan.archive, over: plan.basis)
    let archived = try #require(try plan.archive.user(UserID("bob")))
    let cells = try plan.archive.cells(of: archived.number)
    try restoration.put(
      cells[Area.messages.index], .messages, of: archived.id, over: .empty, isCancelled: { false })
    try restoration.flush()
    #expect(try office.value("SELECT count(*) FROM restored") == 1)
    let copy = office.office.folder + "/killed"
    try FileManager.default.copyItem(atPath: office.office.folder + "/live", toPath: copy)
    let store = try LiveStore(directory: copy, clock: office.office.wall)
    defer { store.close() }
    #expect(try RestoreOffice.contents(of: store.view()) == before)
    #expect(try store.verify { _, _ in } == [])
    try store.sweepNow()
    let idle = try store.items.read { connection throws(OfficeError) in
      try connection.value(
        "SELECT count(*) FROM storage WHERE state <> 1 OR EXISTS(SELECT 1 FROM restored)")
    }
    #expect(idle == 0)
    restoration.discard()
  }
}
