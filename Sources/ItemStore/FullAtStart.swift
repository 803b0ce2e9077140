import OfficeModel

extension OfficeError {
  /// The same for a database that is opened on a full disk: what the last process left half-done can't be removed, so all
  /// is read and nothing written.
  public var atStart: OfficeError {
    OfficeError(
      code, "there was no room to clear up at the start: \(reason)", item: item,
      remedy: "make room, then mount again")
  }
}
