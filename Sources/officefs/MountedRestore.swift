import Dispatch
import Foundation
import Glibc
import OfficeModel
import OfficeTree

/// Restores through the mount of an office: what an administrator would do in `restore/`.
final class MountedRestore: RestoreDoor {
  private let mount: String
  private var staging: String?
  private var code: String?
  private var interrupts: (any DispatchSourceSignal)?

  init(_ mount: String) { self.mount = mount }

  func archives() throws(OfficeError) -> [ArchiveChoice] {
    let latest = try? FileManager.default.destinationOfSymbolicLink(
      atPath: "\(mount)/archives/latest.sar")
    var found: [(choice: ArchiveChoice, time: timespec)] = []
    for name in try names(in: "\(mount)/archives")
    where name.hasSuffix(ArchiveName.officeSuffix) || name.hasSuffix(ArchiveName.areaSuffix) {
      var status = stat()
      guard name != ArchiveName.latest, lstat("\(mount)/archives/\(name)", &status) == 0 else {
        continue
      }
      let choice = ArchiveChoice(
        name: name, size: Int64(status.st_size), isPreselected: name == latest)
      found.append((choice, status.st_mtim))
    }
    return found.sorted {
      ($0.time.tv_sec, $0.time.tv_nsec, $0.choice.name)
        > ($1.time.tv_sec, $1.time.tv_nsec, $1.choice.name)
    }.map(\.choice)
  }

  func stage(_ archive: String) throws(OfficeError) -> (areas: [String], users: [String]) {
    let path = "\(mount)/restore/\(archive)+officefs-\(getpid())"
    guard mkdir(path, 0o700) == 0 else { throw failure("can't stage \(archive)", of: path) }
    staging = path
    cancelWhenInterrupted(path)
    return (try names(in: "\(path)/areas"), try names(in: "\(path)/users"))
  }

  func plan(_ wish: RestoreWish) throws(OfficeError) -> RestoreSummary {
    let path = try staged()
    for area in try names(in: "\(path)/areas") where !wish.isWanted(area: area) {
      try remove("\(path)/areas/\(area)")
    }
    for user in try names(in: "\(path)/users") where !wish.isWanted(user: user) {
      try remove("\(path)/users/\(user)")
    }
    if wish.groups { try make("\(path)/groups") }
    if wish.settings { try make("\(path)/settings") }
    if wish.removesOthers { try make("\(path)/remove-others") }
    let summary: RestoreSummary = try RestoreJSON.value(read("\(path)/plan.json"))
    code = summary.code
    return summary
  }

  func run(_ progress: (Int64, Int64) -> Void) throws(OfficeError) -> RestoreReport {
    let path = try staged()
    let confirm = "\(path)/confirm-\(code ?? "")"
    let file = open(confirm, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("can't confirm", of: confirm) }
    defer { close(file) }
    while let (done, total) = try underWay(path) {
      progress(done, total)
      usleep(100_000)
    }
    let isDone = futimens(file, nil) == 0
    let reason = failure("the restore failed", of: confirm)
    guard isDone else { throw reason }
    return try RestoreJSON.value(read("\(path)/result.json"))
  }

  /// A restore under way goes on.
  func cancel() {
    if let staging { rmdir(staging) }
    staging = nil
    interrupts = nil
  }

  /// How far the restore of a staging is; nil once it has ended.
  private func underWay(_ path: String) throws(OfficeError) -> (Int64, Int64)? {
    let name = path.split(separator: "/").last ?? ""
    let jobs = "\(mount)/status/jobs"
    for job in try names(in: jobs) {
      let lines = String(decoding: try read("\(jobs)/\(job)"), as: UTF8.self)
        .split(separator: "\n")
      guard lines.first == "what restore of restore/\(name)",
        let line = lines.first(where: { $0.hasPrefix("progress ") })
      else { continue }
      // `progress copying 34 % (17 of 50)`
      let numbers = line.split(separator: "(").last?.split(separator: " ") ?? []
      guard numbers.count == 3 else { return (0, 0) }
      return (Int64(numbers[0]) ?? 0, Int64(numbers[2].dropLast()) ?? 0)
    }
    return nil
  }

  /// A signal takes the staging away, which would hold its archive for a day.
  private func cancelWhenInterrupted(_ path: String) {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      if rmdir(path) != 0, errno == EBUSY {
        Terminal.complain("the restore goes on; \(path)/result.txt will say how it ended")
      }
      exit(130)
    }
    source.resume()
    interrupts = source
  }

  private func staged() throws(OfficeError) -> String {
    guard let staging else { throw OfficeError(.stale, "no archive was chosen") }
    return staging
  }

  private func names(in folder: String) throws(OfficeError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw OfficeError(.inputOutput, "can't list \(folder)", cause: error)
    }
  }

  private func remove(_ path: String) throws(OfficeError) {
    guard unlink(path) == 0 else { throw FileCopy.failure("can't remove \(path)") }
  }

  private func make(_ path: String) throws(OfficeError) {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("can't choose \(path)", of: path) }
    close(file)
  }

  private func read(_ path: String) throws(OfficeError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure("can't read \(path)", of: path) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &part, part.count)
      guard count >= 0 else { throw FileCopy.failure("can't read \(path)") }
      if count == 0 { return bytes }
      bytes += part.prefix(count)
    }
  }

  /// What the daemon says of a path that was refused: the last line about it in the log; else the system's words.
  private func failure(_ what: String, of path: String) -> OfficeError {
    let refusal = FileCopy.failure(what)
    let name = path.dropFirst(mount.count + 1)
    let log = (try? String(contentsOfFile: "\(mount)/status/errors.log", encoding: .utf8)) ?? ""
    guard let line = log.split(separator: "\n").last(where: { $0.contains(" \(name) ") }) else {
      return refusal
    }
    return OfficeError(refusal.code, "\(what): \(line)")
  }
}
