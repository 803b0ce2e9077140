import OfficeModel
import TarArchive

/// The users of an archive, and where the entries and the checksum lines of each begin.
///
/// Takes 24 bytes a user and those of the id: an open archive of a large office holds no more.
struct ArchiveUsers: Sendable {
  private let areas: [Area]
  private let linesBefore: Int64
  private let names: Int64
  private var ids: [UInt8] = []
  /// Where each user's id ends in `ids`.
  private var ends: [Int64] = []
  private var numbers: [UserNumber] = []
  /// Where each user's entries begin; then where the last one's end.
  private var starts: [Int64]

  /// Entries begin at `start`; `linesBefore` are the bytes of the checksum list that stand before the users' lines.
  init(areas: [Area], start: Int64, linesBefore: Int64, capacity: Int) {
    self.areas = areas
    self.linesBefore = linesBefore
    names = ChecksumList.size(areas: areas, users: 1, idBytes: 0)
    starts = [start]
    starts.reserveCapacity(capacity + 1)
    ends.reserveCapacity(capacity)
    numbers.reserveCapacity(capacity)
  }

  /// Adds a user whose entries take `size` bytes.
  mutating func append(_ id: UserID, number: UserNumber, size: Int64) {
    ids += id.text.utf8
    ends.append(Int64(ids.count))
    numbers.append(number)
    starts.append(end + size)
  }

  var count: Int { numbers.count }

  /// Where the last user's entries end.
  var end: Int64 { starts[starts.count - 1] }

  /// Where the last user's lines end in the checksum list.
  var lineEnd: Int64 { lineStart(of: count) }

  /// The bytes of the id.
  func id(of user: Int) -> ArraySlice<UInt8> { ids[Int(idStart(of: user))..<Int(ends[user])] }

  func number(of user: Int) -> UserNumber { numbers[user] }

  /// Where a user's entries begin.
  func start(of user: Int) -> Int64 { starts[user] }

  /// The bytes of a user's entries.
  func size(of user: Int) -> Int64 { starts[user + 1] - starts[user] }

  /// Where a user's lines begin in the checksum list.
  func lineStart(of user: Int) -> Int64 {
    linesBefore + Int64(user) * names + idStart(of: user) * Int64(areas.count)
  }

  /// The path of a user's cell in an area.
  func path(of user: Int, _ area: Area) -> [UInt8] {
    id(of: user) + [UInt8(ascii: "/")] + area.fileName.utf8
  }

  /// Whose entries hold the byte at `offset`; the first user before them, the last behind them.
  func user(at offset: Int64) -> Int { search { starts[$0] <= offset } }

  /// Whose lines hold the byte at `position` of the checksum list; the first user before them, the last behind them.
  func user(atLine position: Int64) -> Int { search { lineStart(of: $0) <= position } }

  /// The last user for whom `isNotAfter` holds, which ends to hold once; the first if it never does.
  private func search(_ isNotAfter: (Int) -> Bool) -> Int {
    var low = 0
    var high = count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if isNotAfter(middle) { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private func idStart(of user: Int) -> Int64 { user == 0 ? 0 : ends[user - 1] }
}
