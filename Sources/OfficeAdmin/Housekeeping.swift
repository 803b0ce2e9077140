import Dispatch
import LiveStore
import OfficeModel

/// What a mounted office does by itself: lets undo go after its days, once at the start and then daily.
public final class Housekeeping: Sendable {
  private let store: LiveStore
  private let settings: Settings
  private let clock: WallClock
  private let audit: Journal
  private let errors: Journal
  private let queue = DispatchQueue(label: "officefs.housekeeping", qos: .utility)

  private static let day = 86_400

  public init(
    store: LiveStore, settings: Settings, clock: WallClock, audit: Journal, errors: Journal
  ) {
    self.store = store
    self.settings = settings
    self.clock = clock
    self.audit = audit
    self.errors = errors
  }

  /// Begins; it goes on for as long as the process lives.
  public func start() {
    queue.async { [self] in
      letGo()
      queue.asyncAfter(deadline: .now() + .seconds(Housekeeping.day)) { [self] in start() }
    }
  }

  /// Removes what undo has held for longer than its days.
  func letGo() {
    let undoDays = settings.office.undoDays
    let horizon = clock.now() / 1_000_000_000 - Int64(undoDays * Housekeeping.day)
    do throws(OfficeError) {
      let result = try store.purge(undoBefore: horizon)
      if result.undoFiles > 0 {
        audit.append("officefs let \(result.undoFiles) files of undo go after \(undoDays) days")
      }
    } catch {
      errors.append("undo \(error.code) purge: \(error)")
    }
  }
}
