import OfficeModel
import Synchronization

/// Which settings a process removed a moment ago: mv, tar -x and editors do so before they write the new file.
///
/// If the new file is then refused, the old one is put back. LOCK ORDER: innermost.
final class SettingsRemovals: Sendable {
  private struct Removal {
    var bytes: [UInt8]
    var process: Int64
    /// Nanoseconds since 1970.
    var time: Int64
  }

  private let clock: WallClock
  private let recent = Mutex<[SettingsFile: Removal]>([:])

  /// In nanoseconds; a tool goes on at once.
  private static let life: Int64 = 10_000_000_000

  init(clock: WallClock) { self.clock = clock }

  func note(_ file: SettingsFile, _ bytes: [UInt8], by caller: Caller) {
    let removal = Removal(
      bytes: bytes, process: RecordShelf.process(caller), time: clock.now())
    recent.withLock { $0[file] = removal }
  }

  /// What this process removed just now. It is given once.
  func take(_ file: SettingsFile, by caller: Caller) -> [UInt8]? {
    let (now, process) = (clock.now(), RecordShelf.process(caller))
    return recent.withLock { recent in
      guard let removal = recent[file], removal.process == process,
        now - removal.time < SettingsRemovals.life
      else { return nil }
      recent[file] = nil
      return removal.bytes
    }
  }
}
