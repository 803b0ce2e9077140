import OfficeModel

/// The time of a file's next version.
///
/// rsync takes a file for unchanged where size and whole second are equal, and an archive's size is a multiple of 512:
/// two versions within one second would leave the older one in the copy.
enum FileTime {
  /// How far a time may run ahead of the clock, in nanoseconds: what changes more often for longer is in motion
  /// when rsync reads it anyway.
  static let mostAhead: Int64 = 10_000_000_000

  /// `tick` or, where the version before has a time in that second, one in the second behind that; both in nanoseconds since 1970.
  ///
  /// INVARIANT: larger than `previous` unless a tool set that to more than `mostAhead` in the future.
  static func next(_ tick: Int64, after previous: Int64?) -> Int64 {
    guard let previous else { return tick }
    // A tool may have set any time.
    let (ahead, isFar) = previous.subtractingReportingOverflow(tick)
    guard !isFar, ahead <= mostAhead else { return tick }
    let second = WallClock.seconds(previous)
    guard second >= WallClock.seconds(tick) else { return tick }
    let next = (second + 1) * 1_000_000_000 + tick % 1_000_000_000
    return next - tick <= mostAhead ? next : max(tick, previous + 1)
  }
}
