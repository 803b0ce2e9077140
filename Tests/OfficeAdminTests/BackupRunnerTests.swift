import BackupRepository
import Dispatch
import Foundation
import LiveStore
import OfficeAdmin
import OfficeModel
import Synchronization
import TestSupport
import Testing

@Suite("Backups one at a time")
struct BackupRunnerTests {
  @Test("Who asks while one runs shares the next one; each finds what was acknowledged before")
  func sharing() throws {
    let office = try BackupOffice()
    let entered = DispatchSemaphore(value: 0)
    let goesOn = DispatchSemaphore(value: 0)
    let isFirst = Atomic<Bool>(true)
    office.repository.observe {
      guard isFirst.exchange(false, ordering: .relaxed) else { return }
      entered.signal()
      goesOn.wait()
    }
    let runner = office.backups.runner
    let jobs = office.jobs
    let made = Mutex<[Int64]>([])
    let group = DispatchGroup()
    func ask() {
      group.enter()
      Thread {
        let result = try? runner.backUp(process: "manual", caller: "test")
        made.withLock { $0.append(result?.set.number ?? 0) }
        group.leave()
      }.start()
    }
    ask()
    entered.wait()
    #expect(jobs.jobs.map { $0.hasEnded } == [false])
    try office.publish("second", as: "alice")
    for _ in 0..<8 { ask() }
    Thread.sleep(forTimeInterval: 0.3)
    goesOn.signal()
    group.wait()
    let numbers = made.withLock { $0 }
    let last = try #require(numbers.max())
    #expect(numbers.count == 9 && Set(numbers).count < 9 && !numbers.contains(0), "\(numbers)")
    let sets = try office.repository.list()
    let view = try office.repository.view(of: #require(sets.numbered(last)?.set))
    #expect(try view.user(UserID("alice")) != nil)
    #expect(jobs.jobs.allSatisfy { $0.hasEnded })
  }

  @Test("Row 90: on a full disk a backup rotates nothing, is noted for health, tried in an hour")
  func failure() throws {
    let office = try BackupOffice()
    try office.publish("one", as: "alice")
    office.backups.look()
    let first = try office.repository.sets()
    #expect(first.count == 1)
    office.clock += 86_400
    try office.publish(String(repeating: "much", count: 200_000), as: "bob")
    try office.fillRepository()
    office.backups.look()
    #expect(try office.repository.sets() == first)
    let outcome = try #require(office.backups.notes.last(of: nil))
    #expect(outcome.failure?.isEmpty == false && outcome.text.contains("full"), "\(outcome)")
    #expect(try office.health().contains("WARN: the last backup of everything"))
    try office.makeRoom()
    office.clock += 60
    office.backups.look()
    #expect(try office.repository.sets() == first, "not again at once")
    office.clock += 3_600
    office.backups.look()
    #expect(try office.repository.sets().count == 2)
    #expect(office.backups.notes.failures.isEmpty)
    #expect(BackupNotes(of: office.folder).last(of: .todo)?.failure == nil)
    #expect(try !office.health().contains("failed"))
  }

  @Test("Unmounting ends a long backup without a trace")
  func ending() throws {
    let office = try BackupOffice()
    for index in 0..<40 { try office.publish("text \(index)", as: "user\(index)") }
    office.repository.stopBackups()
    let error = #expect(throws: OfficeError.self) {
      try office.backups.runner.backUp(process: "manual", caller: "test")
    }
    #expect(error?.code == .interrupted)
    #expect(try office.repository.sets() == [])
    #expect(try office.repository.verify { _, _ in } == [])
  }
}
