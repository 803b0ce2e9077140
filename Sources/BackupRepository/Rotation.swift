/// Which set stands in which slot: pure, by number and calendar day, never by the clock.
///
/// The first full backup of a day moves latest → 1 → … → 7 and lets the old 7 go; another one of that day takes the
/// latest one's place, and so does an area's update, whatever the day. A day counts as had when a set in a slot stands
/// for it, so a clock that was set back rotates nothing twice.
public enum Rotation {
  /// The slot before the first that is numbered: `backup/` itself.
  public static let latest = 0
  /// The last slot.
  public static let last = 7
  /// How long a set whose place was taken is kept in `by-date/`, in seconds.
  public static let kept: Int64 = 7 * 86_400

  /// What a new set does to the slots.
  public struct Outcome: Sendable, Equatable {
    /// The sets whose slot changes; nil for none.
    public var moved: [Int64: Int?] = [:]
    /// The set whose place was taken: it is kept for `kept`.
    public var replaced: Int64?
    /// The set that fell out of the last slot.
    public var fallen: Int64?
    /// The day that the new set stands for.
    public var day: Int64?
  }

  /// `sets` in any order; those without a slot do not matter. `day` is the calendar day in the office's time zone.
  public static func adding(full isFull: Bool, on day: Int64, to sets: [BackupSet]) -> Outcome {
    let slotted = sets.filter { $0.slot != nil }
    let current = slotted.first { $0.slot == latest }
    var outcome = Outcome()
    guard isFull && !slotted.contains(where: { $0.day == day }) else {
      outcome.replaced = current?.number
      if let current { outcome.moved[current.number] = .some(nil) }
      outcome.day = current.map(\.day) ?? (isFull ? day : nil)
      return outcome
    }
    outcome.day = day
    for set in slotted {
      guard let slot = set.slot else { continue }
      if slot < last {
        outcome.moved[set.number] = slot + 1
      } else {
        outcome.moved[set.number] = .some(nil)
        outcome.fallen = set.number
      }
    }
    return outcome
  }
}
