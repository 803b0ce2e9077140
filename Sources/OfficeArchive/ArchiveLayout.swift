import OfficeModel
import TarArchive

/// Where everything stands in one archive of one view, and any range of its bytes.
///
/// INVARIANT: `size` equals `ArchiveSize` of the same selection, and `read` of any range is that slice of the whole.
/// All calls may be made from any thread at once. Of a user or a whole office it holds a few bytes for each user and
/// nothing of the cells, which are looked up where they are read: to open an archive costs the same whatever is in it.
public final class ArchiveLayout: Sendable {
  /// The archive's exact size in bytes.
  public let size: Int64

  private let manifest: [UInt8]
  private let areas: [Area]
  private let users: ArchiveUsers
  private let cells: ArchiveCells

  /// Reads what the selection holds, no content. Of a user's areas `without` are left out. Throws `.notFound` without such a user.
  public convenience init(
    _ selection: ArchiveSelection, of view: any OfficeView, without: Set<Area> = []
  ) throws(OfficeError) {
    switch selection {
    case .user(let id):
      guard let user = try view.user(id) else { throw OfficeError(.notFound, "no such user") }
      if without.isEmpty {
        self.init(of: user, in: view)
      } else {
        let areas = Area.allCases.filter { !without.contains($0) }
        let known = zip(Area.allCases, try view.cells(of: user.number))
          .filter { areas.contains($0.0) }.map(\.1)
        self.init(
          of: user, areas: areas, size: known.reduce(0) { $0 + ArchiveSize.entry($1.size) },
          cells: ArchiveCells(known, width: areas.count, of: view))
      }
    case .area(let area):
      let column = try view.column(area)
      self.init(
        manifest: ArchiveManifest.bytes(of: area), areas: [area], capacity: column.count,
        cells: ArchiveCells(column.map(\.cell), width: 1, of: view)
      ) { users in
        for (id, cell) in column {
          users.append(
            id, number: UserNumber(rawValue: 0), size: ArchiveSize.entry(cell.size))
        }
      }
    case .office:
      let manifest = try OfficeRecord(of: view).manifest
      let states = try view.users()
      self.init(
        manifest: manifest, areas: Area.allCases, capacity: states.count,
        cells: ArchiveCells(of: view)
      ) { users in
        for user in states {
          users.append(user.id, number: user.number, size: ArchiveSize.cells(of: user.sums))
        }
      }
    }
  }

  /// One user's archive, of whom the view has `user`. Looks nothing up.
  public convenience init(of user: UserState, in view: any OfficeView) {
    self.init(
      of: user, areas: Area.allCases, size: ArchiveSize.cells(of: user.sums),
      cells: ArchiveCells(of: view))
  }

  private convenience init(of user: UserState, areas: [Area], size: Int64, cells: ArchiveCells) {
    self.init(
      manifest: ArchiveManifest.bytes(of: user.id), areas: areas, capacity: 1, cells: cells
    ) { $0.append(user.id, number: user.number, size: size) }
  }

  private init(
    manifest: [UInt8], areas: [Area], capacity: Int, cells: ArchiveCells,
    _ fill: (inout ArchiveUsers) -> Void
  ) {
    var users = ArchiveUsers(
      areas: areas, start: ArchiveSize.entry(Int64(manifest.count)),
      linesBefore: ChecksumList.lineSize(ArchiveManifest.path.count), capacity: capacity)
    fill(&users)
    self.manifest = manifest
    self.areas = areas
    self.users = users
    self.cells = cells
    size = users.end + ArchiveSize.entry(users.lineEnd) + TarLayout.endSize
  }

  /// Fills `buffer` from `offset` on and returns how many bytes, fewer than asked only at the end of the archive.
  /// Throws `.inputOutput` on damage.
  public func read(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> Int {
    guard offset >= 0, offset < size else { return 0 }
    let count = Int(min(Int64(buffer.count), size - offset))
    var window = ArchiveWindow(
      at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    fillManifest(&window)
    try fillCells(&window)
    try fillLines(&window)
    window.putZeros(from: size - TarLayout.endSize, count: TarLayout.endSize)
    guard window.isFull else {
      throw OfficeError(.inputOutput, "the archive's parts do not make up its size")
    }
    try cells.read(window.cells)
    return count
  }

  private func fillManifest(_ window: inout ArchiveWindow) {
    guard window.shows(0, users.start(of: 0)) else { return }
    let data = window.putFrame(
      path: ArchiveManifest.path, size: Int64(manifest.count), mtime: 0, at: 0)
    window.put(manifest, at: data)
  }

  private func fillCells(_ window: inout ArchiveWindow) throws(OfficeError) {
    guard window.shows(users.start(of: 0), users.end) else { return }
    var user = users.user(at: window.range.lowerBound)
    while user < users.count, users.start(of: user) < window.range.upperBound {
      var start = users.start(of: user)
      for (area, cell) in zip(areas, try cells.cells(of: user, in: users)) {
        let end = start + ArchiveSize.entry(cell.size)
        if window.shows(start, end) {
          let data = window.putFrame(
            path: users.path(of: user, area), size: cell.size, mtime: cell.mtime, at: start)
          window.put(cell, at: data)
        }
        start = end
      }
      user += 1
    }
  }

  private func fillLines(_ window: inout ArchiveWindow) throws(OfficeError) {
    guard window.shows(users.end, size - TarLayout.endSize) else { return }
    let data = window.putFrame(
      path: ChecksumList.path, size: users.lineEnd, mtime: 0, at: users.end)
    if window.shows(data, data + users.lineStart(of: 0)) {
      window.put(
        ChecksumList.line(path: ArchiveManifest.path, digest: Digest(of: manifest)), at: data)
    }
    var user = users.user(atLine: window.range.lowerBound - data)
    while user < users.count, data + users.lineStart(of: user) < window.range.upperBound {
      var lines: [UInt8] = []
      for (area, cell) in zip(areas, try cells.cells(of: user, in: users)) {
        lines += ChecksumList.line(path: users.path(of: user, area), digest: cell.digest)
      }
      window.put(lines, at: data + users.lineStart(of: user))
      user += 1
    }
  }
}
