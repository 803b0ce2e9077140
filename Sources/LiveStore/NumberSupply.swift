import ItemStore
import OfficeModel

/// Numbers that were set aside on disk, so that no crash gives one of them twice.
///
/// There is one block to take from and one to go on with: whoever makes a file while the disk hangs need not wait for it.
struct NumberSupply {
  private var current: Range<Int64> = 0..<0
  private var spare: Range<Int64> = 0..<0
  private var isOrdered = false

  static let block: Int64 = 4_096

  /// The next number, if there is one.
  mutating func take() -> Int64? {
    if current.isEmpty { swap(&current, &spare) }
    return current.popFirst()
  }

  /// True, once, when a block is to be set aside; `add` or `cancel` has to follow.
  mutating func order() -> Bool {
    guard spare.isEmpty, !isOrdered else { return false }
    isOrdered = true
    return true
  }

  /// What was ordered can't be had now.
  mutating func cancel() { isOrdered = false }

  /// Takes a block that was set aside on disk. There may be two at hand by now; its numbers are never used then.
  mutating func add(_ block: Range<Int64>) {
    isOrdered = false
    if current.isEmpty {
      current = block
    } else if spare.isEmpty {
      spare = block
    }
  }
}

extension LiveStore {
  /// The next of the numbers that are never given twice, not even after a crash. Writes only if none are at hand.
  public func nextNumber() throws(OfficeError) -> Int64 {
    while true {
      if let number = state.withLock({ $0.numbers.take() }) {
        keepNumbers()
        return number
      }
      try setNumbersAside(mayUseReserve: true)
    }
  }

  /// Has numbers set aside in the background, if there are not enough. What fails is done by whoever needs one.
  public func keepNumbers() {
    guard state.withLock({ $0.numbers.order() }) else { return }
    sweeper.enqueue { [weak self] in
      guard let self else { return }
      if (try? self.setNumbersAside(mayUseReserve: false)) == nil {
        self.state.withLock { $0.numbers.cancel() }
      }
    }
  }

  private func setNumbersAside(mayUseReserve: Bool) throws(OfficeError) {
    let block = try items.write(urgent: true, mayUseReserve: mayUseReserve) {
      connection throws(OfficeError) in
      let first = try MetaTable.value(.number, in: connection)
      let end = first + NumberSupply.block
      try MetaTable.set(.number, end, in: connection)
      return first..<end
    }
    state.withLock { $0.numbers.add(block) }
  }
}
