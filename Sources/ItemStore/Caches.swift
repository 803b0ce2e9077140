import Synchronization

/// Chunks that were read in part and checked: the next read begins in the same one.
final class ChunkCache: Sendable {
  private let kept = Mutex<[(id: Int64, hash: UInt32, bytes: [UInt8])]>([])
  private let budget: Int

  /// `budget` in bytes.
  init(budget: Int) { self.budget = budget }

  func bytes(of reference: ChunkReference) -> [UInt8]? {
    kept.withLock { kept in
      kept.first { $0.id == reference.id && $0.hash == reference.hash }?.bytes
    }
  }

  func keep(_ bytes: [UInt8], of reference: ChunkReference) {
    kept.withLock { kept in
      guard !kept.contains(where: { $0.id == reference.id }) else { return }
      kept.append((reference.id, reference.hash, bytes))
      var total = kept.reduce(0) { $0 + $1.bytes.count }
      while total > budget, !kept.isEmpty { total -= kept.removeFirst().bytes.count }
    }
  }

  /// After an erasure nothing of it may stay in memory.
  func clear() { kept.withLock { $0 = [] } }
}

/// Where an item begins in its cell's document.
struct ItemPosition: Sendable {
  /// How many items come before it.
  var ordinal: Int64 = 0
  /// Bytes before it.
  var offset: Int64 = 0
  /// Its encoded key; empty for the first.
  var key: [UInt8] = []
}

/// Where every 64th item of one version of a cell begins; made as far as it was read.
final class OffsetIndex: Sendable {
  private struct State {
    var samples: [ItemPosition] = []
    var recent: ItemPosition?
    var isComplete = false
    var cost = OffsetIndex.leastCost
  }

  static let step: Int64 = 64
  /// Roughly, in bytes.
  fileprivate static let leastCost = 256
  private let state = Mutex(State())
  private let weight: CacheWeight

  fileprivate init(weighing weight: CacheWeight) {
    self.weight = weight
    weight.add(OffsetIndex.leastCost)
  }

  /// The nearest known position at or before `offset`.
  func position(before offset: Int64) -> ItemPosition {
    state.withLock { state in
      var low = 0
      var high = state.samples.count
      while low < high {
        let middle = (low + high) / 2
        if state.samples[middle].offset <= offset { low = middle + 1 } else { high = middle }
      }
      let sample = low > 0 ? state.samples[low - 1] : ItemPosition()
      if let recent = state.recent, recent.offset <= offset, recent.offset >= sample.offset {
        return recent
      }
      return sample
    }
  }

  /// Notes an item whose ordinal is a multiple of `step`; ignored unless it is the next one missing.
  func add(_ position: ItemPosition) {
    state.withLock { state in
      if position.ordinal == Int64(state.samples.count) * OffsetIndex.step {
        state.samples.append(position)
        state.cost += 64 + position.key.count
        weight.add(64 + position.key.count)
      }
    }
  }

  /// Notes where a reader stopped: the next read begins there.
  func remember(_ position: ItemPosition) { state.withLock { $0.recent = position } }

  /// Whether all items were walked once and their count and sum were right.
  var isComplete: Bool { state.withLock { $0.isComplete } }

  func complete() { state.withLock { $0.isComplete = true } }

  /// Roughly, in bytes.
  var cost: Int { state.withLock { $0.cost } }
}

/// The indexes of the cells read lately, within a budget of bytes.
final class OffsetIndexCache: Sendable {
  private struct Name: Hashable {
    var storage: Int64
    var born: Int64
  }

  private struct State {
    var kept: [Name: (index: OffsetIndex, used: UInt64)] = [:]
    var clock: UInt64 = 0
  }

  private let state = Mutex(State())
  private let weight = CacheWeight()
  private let budget: Int
  private static let mostEntries = 4_096

  init(budget: Int) { self.budget = budget }

  func index(storage: Int64, born: Int64) -> OffsetIndex {
    state.withLock { state in
      state.clock += 1
      let name = Name(storage: storage, born: born)
      let index = state.kept[name]?.index ?? OffsetIndex(weighing: weight)
      let isNew = state.kept.updateValue((index, state.clock), forKey: name) == nil
      if isNew, weight.bytes > budget || state.kept.count > OffsetIndexCache.mostEntries {
        evict(&state)
      }
      return index
    }
  }

  // The older half goes, so that what this costs is shared by all that come until the next time.
  private func evict(_ state: inout State) {
    let sized = state.kept.map { (name: $0.key, used: $0.value.used, cost: $0.value.index.cost) }
    var total = sized.reduce(0) { $0 + $1.cost }
    var count = sized.count
    for entry in sized.sorted(by: { $0.used < $1.used })
    where total > budget / 2 || count > OffsetIndexCache.mostEntries / 2 {
      state.kept[entry.name] = nil
      total -= entry.cost
      count -= 1
    }
    weight.set(total)
  }
}

/// What indexes weigh together, roughly, in bytes. One that was dropped while it grows is counted until the next eviction.
private final class CacheWeight: Sendable {
  private let sum = Atomic<Int>(0)

  var bytes: Int { sum.load(ordering: .relaxed) }

  func add(_ bytes: Int) { sum.add(bytes, ordering: .relaxed) }

  func set(_ bytes: Int) { sum.store(bytes, ordering: .relaxed) }
}
