import LiveStore
import OfficeArchive
import OfficeModel
import Synchronization

/// The office's groups and settings: as they are now, and every change to them, durable when the call returns.
///
/// All calls may be made from any thread. INVARIANT: nothing else writes the office's cell while this lives.
/// LOCK ORDER: `state` is innermost and never held across a call of the store.
public final class OfficeRegistry: Sendable {
  /// What a change belongs to: the name of its folder in `undo/`.
  public enum Subject: String, Sendable {
    case groups
    case settings
  }

  /// The office's groups and settings as of one version of them.
  public struct Version: Sendable {
    public var record: OfficeRecord
    /// Nanoseconds since 1970; 0 while there are none.
    public var mtime: Int64
    /// The number of the version; nil while there is none.
    public var number: Int64?
  }

  /// The settings in effect.
  public let settings = Settings()

  private static let compareAhead = 1_000

  /// What every change passes.
  public let gate: WriterGate

  let store: LiveStore
  private let clock: WallClock
  private let audit: Journal
  private let state: Mutex<Version>

  /// Reads what the store has. Settings that this program or server can't follow are said in `errors`, and the defaults
  /// are in effect. Throws `.inputOutput` on damage.
  public init(
    store: LiveStore, clock: WallClock, audit: Journal, errors: Journal
  ) throws(OfficeError) {
    self.store = store
    self.clock = clock
    self.audit = audit
    gate = WriterGate(clock: clock)
    let version = try OfficeRegistry.version(of: try store.view())
    state = Mutex(version)
    for file in SettingsFile.allCases {
      do throws(OfficeError) {
        try settings.set(file, version.record.texts[file]?.content)
      } catch {
        errors.append(
          "settings/\(file.rawValue) \(error.code) start: the defaults are in effect: \(error)")
      }
    }
  }

  /// As they are now.
  public var current: Version { state.withLock { $0 } }

  /// As they were before an entry of undo. Throws `.stale` if it is gone.
  public func version(ofUndo file: UndoFile) throws(OfficeError) -> Version {
    try OfficeRegistry.version(of: try store.view(at: file.commit))
  }

  /// What a view has of them.
  public static func version(of view: any OfficeView) throws(OfficeError) -> Version {
    guard let user = try view.user(.office) else {
      return Version(record: OfficeRecord(), mtime: 0, number: nil)
    }
    return Version(
      record: try OfficeRecord(of: view), mtime: user.mtime, number: user.version)
  }

  /// A number for something new, and the time.
  public func newEntry() throws(OfficeError) -> OfficeRecord.Entry {
    OfficeRecord.Entry(number: try store.nextNumber(), seconds: now)
  }

  /// Seconds since 1970.
  var now: Int64 { clock.now() / 1_000_000_000 }

  /// Changes them; `body` may be called again if someone else was faster. What it leaves as it is makes no version.
  ///
  /// `what` is said in the audit log. Changes of one `group` (a process) that `joins` leave in undo what the first found.
  /// Throws what `body` throws, and `.invalid` with the line for settings that are wrong.
  public func change(
    _ subject: Subject, _ what: String, joins: Bool, caller: String, group: Int64,
    _ body: (inout OfficeRecord) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    while true {
      let before = current
      var record = before.record
      try body(&record)
      guard record != before.record else { return try store.assertWritable() }
      let changed = SettingsFile.allCases.filter { record.texts[$0] != before.record.texts[$0] }
      let settings = Settings(settings)
      for file in changed { try settings.set(file, record.texts[file]?.content) }
      guard
        let user = try publish(
          record, over: before.number, subject, joins: joins, caller: caller, group: group)
      else {
        try adoptWhatIsThere()
        continue
      }
      adopt(Version(record: record, mtime: user.mtime, number: user.version), settings)
      if !changed.isEmpty { self.settings.tellObservers() }
      audit.append("\(caller) \(what)")
      return
    }
  }

  /// Returns nil if there is a newer version than `number` by now.
  private func publish(
    _ record: OfficeRecord, over number: Int64?, _ subject: Subject, joins: Bool, caller: String,
    group: Int64
  ) throws(OfficeError) -> UserState? {
    let stage = try stage(record)
    do throws(OfficeError) {
      return try gate.pass { () throws(OfficeError) in
        try store.publishOffice(
          stage, expecting: number, what: subject.rawValue, joins: joins, by: caller, group: group)
      }
    } catch {
      stage.discard()
      if error.code == .noSpace, store.releaseReserve() {
        return try publish(
          record, over: number, subject, joins: joins, caller: caller, group: group)
      }
      if store.isReadOnly { try? adoptWhatIsThere() }
      guard error.code == .stale else { throw error }
      return nil
    }
  }

  /// The record on its way into the office's cell.
  private func stage(_ record: OfficeRecord) throws(OfficeError) -> Stage {
    let stage = try store.stage()
    do throws(OfficeError) {
      let cell = try stage.cell(.user, mtime: now)
      try record.write(to: cell)
      // What is small is compared as it is published, in the one commit that it then needs.
      if try cell.seal().items > OfficeRegistry.compareAhead {
        try store.prepare(stage, as: .office)
      }
      return stage
    } catch {
      stage.discard()
      throw error
    }
  }

  /// Takes over an archive's groups or settings, as `choice` says, within the commit that `publish` makes of the staged
  /// cell; the gate is closed by the caller. Throws `.stale` if the version is not `number`.
  func restore<T>(
    _ archived: OfficeRecord, _ choice: RestoreChoice, over number: Int64?,
    publish: (Stage) throws(OfficeError) -> (T, UserState?)
  ) throws(OfficeError) -> T {
    let before = current
    try assertCurrent(before, number)
    let record = try before.record.restoring(archived, choice) { () throws(OfficeError) in
      try store.nextNumber()
    }
    let settings = Settings(settings)
    try settings.set(.office, record.texts[.office]?.content)
    let stage = try stage(record)
    do throws(OfficeError) {
      let (value, user) = try publish(stage)
      guard let user else { return value }
      adopt(Version(record: record, mtime: user.mtime, number: user.version), settings)
      if record.texts != before.record.texts { self.settings.tellObservers() }
      return value
    } catch {
      stage.discard()
      if store.isReadOnly { try? adoptWhatIsThere() }
      throw error
    }
  }

  /// Takes over what views show: someone else's version, or one that failed behind its commit.
  private func adoptWhatIsThere() throws(OfficeError) {
    let version = try OfficeRegistry.version(of: try store.view())
    let settings = Settings(settings)
    for file in SettingsFile.allCases {
      // What this program can't follow leaves the settings in effect as they are.
      try? settings.set(file, version.record.texts[file]?.content)
    }
    adopt(version, settings)
    self.settings.tellObservers()
  }

  /// Throws `.stale` unless the version has that number; nil for none.
  private func assertCurrent(_ version: Version, _ number: Int64?) throws(OfficeError) {
    guard version.number == number else {
      throw OfficeError(
        .stale, "the groups or settings have changed since the plan was made",
        remedy: "touch plan.txt and read it again")
    }
  }

  /// Makes a version the current one unless there is a newer one by now.
  private func adopt(_ version: Version, _ settings: Settings) {
    state.withLock { current in
      guard version.number ?? 0 > current.number ?? 0 else { return }
      current = version
      self.settings.set(settings)
    }
  }
}
