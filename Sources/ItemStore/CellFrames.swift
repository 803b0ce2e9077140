import OfficeModel

extension ItemDatabase {
  /// How many frames a calendar has: the head and the tail of each group, found by jumping from group to group. Nil for a
  /// cell whose groups do not begin with a head: then only a walk tells.
  public func calendarFrames(of cell: StoredCell) throws(OfficeError) -> Int? {
    guard cell.items > 0 else { return 0 }
    var frames = 0
    var from: [UInt8] = []
    while true {
      let place = from
      let key = try read { connection throws(OfficeError) -> [UInt8]? in
        let cursor = try ItemCursor(cell.storage, at: cell.number, from: place, in: connection)
        defer { cursor.close() }
        return cursor.isValid ? Array(cursor.key) : nil
      }
      guard let key else { return frames }
      let parts = try KeyParts(key)
      let group = parts.groupName(of: key)
      guard parts.isFrame, !group.isEmpty else { return nil }
      frames += 2
      // A tail's order ends with 2: behind it the next group begins.
      from = group + [3]
    }
  }
}
