import BackupRepository
import Glibc
import OfficeModel

/// Compares two views byte by byte.
enum ViewComparison {
  /// What is not the same, and why; both are read whole. `progress` is given the bytes compared and those expected.
  static func differences(
    of left: any OfficeView, and right: any OfficeView, in areas: Set<Area>,
    progress: (Int64, Int64) -> Void
  ) throws(OfficeError) -> [(name: CellName, reason: String)] {
    var found: [(name: CellName, reason: String)] = []
    let expected = try right.users().reduce(Int64(1)) { $0 + $1.sums.padded }
    var done: Int64 = 0
    for area in Area.allCases where areas.contains(area) {
      let column = Dictionary(
        uniqueKeysWithValues: try office(area, of: left).map { ($0.id, $0.cell) })
      let others = try office(area, of: right)
      var missing = Set(column.keys)
      for (id, cell) in others {
        let name = CellName(id: id, area: area)
        missing.remove(id)
        done += cell.size
        if let known = column[id] {
          if let reason = difference(known, of: left, cell, of: right) {
            found.append((name, reason))
          }
        } else {
          found.append((name, "is missing"))
        }
        progress(min(done, expected), expected)
      }
      for id in missing.sorted() { found.append((CellName(id: id, area: area), "is too many")) }
    }
    return found
  }

  /// An area's cells, the office's own among them.
  private static func office(
    _ area: Area, of view: any OfficeView
  ) throws(OfficeError) -> [(id: UserID, cell: CellState)] {
    var column = try view.column(area)
    if let office = try view.user(.office) {
      let cells = try view.cells(of: office.number)
      if let index = Area.allCases.firstIndex(of: area) { column.append((.office, cells[index])) }
    }
    return column
  }

  private static func difference(
    _ cell: CellState, of left: any OfficeView, _ other: CellState, of right: any OfficeView
  ) -> String? {
    guard cell.size == other.size, cell.items == other.items, cell.mtime == other.mtime,
      cell.digest == other.digest
    else { return "is another version" }
    let part = 1 << 20
    let mine = UnsafeMutableRawBufferPointer.allocate(byteCount: part, alignment: 16)
    let theirs = UnsafeMutableRawBufferPointer.allocate(byteCount: part, alignment: 16)
    defer {
      mine.deallocate()
      theirs.deallocate()
    }
    var offset: Int64 = 0
    do throws(OfficeError) {
      while offset < cell.size {
        let count = Int(min(Int64(part), cell.size - offset))
        let one = UnsafeMutableRawBufferPointer(rebasing: mine[..<count])
        let two = UnsafeMutableRawBufferPointer(rebasing: theirs[..<count])
        try left.read(cell, at: offset, into: one)
        try right.read(other, at: offset, into: two)
        if let first = one.baseAddress, let second = two.baseAddress,
          memcmp(first, second, count) != 0
        {
          return "differs"
        }
        offset += Int64(count)
      }
    } catch {
      return "can't be read: \(error.reason)"
    }
    return nil
  }
}
