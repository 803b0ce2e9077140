import Foundation
import Testing

/// Every place of the program where a thread waits for another or for time, and why that ends. A wait is added here before it
/// is written. What a caller of the mount waits for on a pool's thread can be interrupted in any case: see `Watchdog`.
private let waits: [String: String] = [
  "CFuse/background.c waitpid(":
    "the parent of the daemon: until that answers or ends, and it can be interrupted",
  "FuseBridge/Bridge.swift usleep(": "2 s: jobs give up when the mount ends",
  "FuseBridge/Channel.swift usleep(": "10 ms, then asks whether the session has ended",
  "FuseBridge/Channel.swift fuse_session_receive_buf(":
    "for requests: the mount's end and a signal wake it",
  "FuseBridge/Crew.swift take(before: nil)": "as long as the mount is served",
  "FuseBridge/Crew.swift .join()": "behind waitUntilGone, or after an abort",
  "FuseBridge/FuseSession.swift .join()":
    "threads that were told to end; what hangs on the disk does so when the mount is gone",
  "FuseBridge/JobPool.swift take(before: nil)": "for jobs: close ends it",
  "FuseBridge/JobPool.swift .join()": "jobs that hang on the disk, when the mount is gone",
  "FuseBridge/KilledDaemon.swift usleep(": "5 s",
  "FuseBridge/Monitor.swift pthread_cond_wait(": "only for who gives no deadline: listed here",
  "FuseBridge/Notifier.swift take(before: nil)": "for notices: close ends it",
  "FuseBridge/Probe.swift .join()": "a thread that has answered",
  "FuseBridge/Probe.swift waitpid(": "fusermount3",
  "FuseBridge/SignalStop.swift sigwait(": "for the signals that end the mount",
  "FuseBridge/SignalStop.swift .join()": "behind the signal that ends it",
  "FuseBridge/WorkerThread.swift pthread_join(": "only for who joins: listed here",
  "ItemStore/Gate.swift pthread_cond_wait(":
    "for the one writer's transaction, which is short; on a disk that hangs the watchdog lets the caller go",
  "ItemStore/ItemDatabase.swift slots.wait()": "for a reader, which works and waits for nothing",
  "ItemStore/Sweeper.swift .sync {": "for one bounded step: the sweeper was told to stop",
  "BackupRepository/Repository.swift .wait()": "see Sweeper",
  "LiveStore/LiveStore.swift .wait()": "see Sweeper",
  "OfficeAdmin/BackupRunner.swift .wait()": "when the mount ends: backups were told to give up",
  "OfficeAdmin/StagingGate.swift usleep(": "asks isCancelled each 5 ms",
  "OfficeAdmin/Transfer+Publishing.swift .sync {":
    "at the end of a process: for reports being counted",
  "OfficeAdmin/TurnLine.swift usleep(":
    "asks isCancelled each time; at the end, for turns that were told to give up",
  "OfficeAdmin/WriterGate.swift usleep(": "10 s",
  "OfficeTree/MountedTree+Publishing.swift usleep(": "asks isInterrupted each 2 ms",
  "OfficeTree/MountedTree+Writing.swift usleep(": "100 ms",
  "OfficeTree/SettingsBranch+Writing.swift usleep(": "100 ms",
  "OfficeTree/Restore/RestoreWork.swift usleep(": "asks isInterrupted each 2 ms",
  "OfficeTree/Restore/RestoreWork.swift .wait()":
    "when the mount is gone: plans and restores were told to give up",
  "officefs/MountedRestore.swift usleep(": "a command's: the restore's progress, until it ends",
  "officefs/UnmountCommand.swift usleep(": "10 s",
]

@Suite("No stuck mounts")
struct WaitsTests {
  private static let sources = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources")

  private static let calls = [
    ".wait()", "slots.wait()", "sem_wait(", "pthread_cond_wait(", "take(before: nil)",
    "pthread_join(", ".join()", "waitpid(", "sigwait(", ".sync {", "usleep(", "nanosleep(",
    "sleep(forTimeInterval", "poll(", "select(", "F_SETLKW", "fuse_session_receive_buf(",
  ]

  @Test("every wait in the sources is in the list that says why it ends")
  func everyWait() throws {
    var found: Set<String> = []
    let files = FileManager.default.enumerator(atPath: Self.sources.path)?
      .compactMap { $0 as? String }
    for file in files ?? [] where file.hasSuffix(".swift") || file.hasSuffix(".c") {
      let text = try String(contentsOf: Self.sources.appending(path: file), encoding: .utf8)
      for line in text.split(separator: "\n") {
        let code = line.prefix { $0 != "/" }
        for call in Self.calls where code.contains(call) {
          if call == ".wait()", code.contains("slots.wait()") { continue }
          found.insert("\(file) \(call)")
        }
      }
    }
    #expect(found.count > 20)
    let listed = Set(waits.keys)
    #expect(found.subtracting(listed) == [], "not in the list")
    #expect(listed.subtracting(found) == [], "in the list and no more in the sources")
  }
}
