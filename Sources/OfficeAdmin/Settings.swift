import OfficeModel
import Synchronization

/// The settings as they are at this moment: whoever needs one asks when they need it, so that a change takes effect at once.
///
/// LOCK ORDER: innermost.
public final class Settings: Sendable {
  private struct State {
    var office: OfficeSettings
    var owners = OwnerTable()
  }

  private let state: Mutex<State>
  private let observers = Mutex<[@Sendable (OfficeSettings) -> Void]>([])

  public init(_ office: OfficeSettings = OfficeSettings()) {
    state = Mutex(State(office: office))
  }

  /// The same as another's are now.
  init(_ other: Settings) { state = Mutex(other.state.withLock { $0 }) }

  /// What `office.toml` says.
  public var office: OfficeSettings { state.withLock { $0.office } }

  /// How much of anything is taken.
  public var limits: Limits { office.limits }

  /// What `owners.toml` says.
  public var owners: OwnerTable { state.withLock { $0.owners } }

  /// Takes a file's text, nil for its defaults. Throws `.invalid` with the line, and nothing changes.
  func set(_ file: SettingsFile, _ text: String?) throws(OfficeError) {
    switch file {
    case .office:
      let office = try text.map { (text) throws(OfficeError) in try OfficeSettings(parsing: text) }
      state.withLock { $0.office = office ?? OfficeSettings() }
    case .owners:
      let owners = try text.map { (text) throws(OfficeError) in try OwnerTable(parsing: text) }
      state.withLock { $0.owners = owners ?? OwnerTable() }
    }
  }

  func set(_ other: Settings) {
    let new = other.state.withLock { $0 }
    state.withLock { $0 = new }
  }

  /// Has `body` called after each change from now on, on whatever thread.
  public func observe(_ body: @escaping @Sendable (OfficeSettings) -> Void) {
    observers.withLock { $0.append(body) }
  }

  func tellObservers() {
    let observers = observers.withLock { $0 }
    for observer in observers { observer(office) }
  }
}
