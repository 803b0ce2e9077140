import OfficeModel

/// Keeps a set from being removed, replaced or dropped, for as long as it is held: a restore stages it.
public final class SetClaim: Sendable {
  public let set: BackupSet
  private let repository: Repository

  // INVARIANT: the claim is counted already.
  fileprivate init(_ set: BackupSet, of repository: Repository) {
    self.set = set
    self.repository = repository
  }

  deinit { repository.endClaim(on: set.number) }
}

extension Repository {
  /// Throws `.stale` if the set is gone.
  public func claim(_ set: BackupSet) throws(OfficeError) -> SetClaim {
    // Counted before it is looked for: a removal that did not see the claim has happened already.
    state.withLock { $0.claims[set.number, default: 0] += 1 }
    do throws(OfficeError) {
      guard let found = try list().numbered(set.number) else {
        throw OfficeError(.stale, "this backup set is gone", item: set.name)
      }
      return SetClaim(found.set, of: self)
    } catch {
      endClaim(on: set.number)
      throw error
    }
  }

  fileprivate func endClaim(on number: Int64) {
    state.withLock { state in
      let count = (state.claims[number] ?? 1) - 1
      state.claims[number] = count > 0 ? count : nil
    }
  }

  /// Throws `.busy` if a restore stages the set. Called within the transaction that would take it away.
  func assertUnclaimed(_ set: BackupSet) throws(OfficeError) {
    guard state.withLock({ $0.claims[set.number] }) == nil else {
      throw OfficeError(
        .busy, "the archive is in use by a restore", item: set.archiveName,
        remedy: "wait until it has ended, or rm -r its folder in restore/")
    }
  }
}
