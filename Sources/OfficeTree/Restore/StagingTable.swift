import OfficeModel
import Synchronization

/// The stagings there are. LOCK ORDER: `content` before a staging's state.
final class StagingTable: Sendable {
  private struct Content {
    var stagings: [UInt64: Staging] = [:]
    var last: UInt64 = 0
    var stamp: Int64 = 0
  }

  /// For how long a staging stays, in nanoseconds.
  static let life: Int64 = 24 * 3_600 * 1_000_000_000
  /// Each keeps a set open.
  static let most = 100

  private let content = Mutex(Content())
  private let clock: WallClock

  init(clock: WallClock) { self.clock = clock }

  /// Rises when a staging comes or goes.
  var stamp: Int64 { content.withLock { $0.stamp } }

  /// In the order in which they were made.
  var all: [Staging] {
    sweep()
    return content.withLock { $0.stagings.values.sorted { $0.number < $1.number } }
  }

  subscript(number: UInt64) -> Staging? {
    sweep()
    return content.withLock { $0.stagings[number] }
  }

  subscript(name: [UInt8]) -> Staging? { all.first { $0.name == name } }

  /// Adds one that `make` makes with its number. Throws `.exists` if the name is taken, `.noSpace` if there are too many.
  func insert(_ name: [UInt8], _ make: (UInt64) -> Staging) throws(OfficeError) -> Staging {
    sweep()
    let result = content.withLock { content -> Result<Staging, OfficeError> in
      guard !content.stagings.values.contains(where: { $0.name == name }) else {
        return .failure(OfficeError(.exists, "the staging is there", item: Escaped.line(name)))
      }
      guard content.stagings.count < StagingTable.most else {
        return .failure(
          OfficeError(
            .noSpace, "\(StagingTable.most) archives are staged", remedy: "rm -r some in restore/"))
      }
      content.last += 1
      content.stamp += 1
      let staging = make(content.last)
      content.stagings[content.last] = staging
      return .success(staging)
    }
    return try result.get()
  }

  func remove(_ number: UInt64) {
    let staging = content.withLock { content in
      content.stamp += 1
      return content.stagings.removeValue(forKey: number)
    }
    staging.map(forget)
  }

  /// Forgets what is older than a day, but for a restore under way.
  func sweep() {
    let now = clock.now()
    let old = content.withLock { content in
      let old = content.stagings.values.filter { staging in
        now - staging.time >= StagingTable.life
          && staging.state.withLock { $0.running == nil }
      }
      for staging in old { content.stagings[staging.number] = nil }
      if !old.isEmpty { content.stamp += 1 }
      return old
    }
    old.forEach(forget)
  }

  private func forget(_ staging: Staging) {
    let (planning, quiet) = staging.state.withLock { state in
      defer { state.quiet = nil }
      return (state.planning, state.quiet)
    }
    planning?.cancel()
    quiet?.release()
  }
}
