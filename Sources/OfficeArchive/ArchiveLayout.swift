import OfficeModel
import TarArchive

/// Where everything stands in one archive of one view, and any range of its bytes.
///
/// INVARIANT: `size` equals `ArchiveSize` of the same selection, and `read` of any range is that slice of the whole.
/// All calls may be made from any thread at once. Of a whole office it holds a few bytes for each user and nothing of
/// the cells, which are looked up where they are read.
public final class ArchiveLayout: Sendable {
  /// The archive's exact size in bytes.
  public let size: Int64

  private let manifest: [UInt8]
  private let areas: [Area]
  private let users: ArchiveUsers
  private let cells: ArchiveCells

  /// Reads what the selection holds, no content. Of a user's areas `without` are left out. Throws `.notFound` without such a user.
  public init(
    _ selection: ArchiveSelection, of view: any OfficeView, without: Set<Area> = []
  ) throws(OfficeError) {
    let areas = selection.areas.filter { !without.contains($0) }
    let manifest: [UInt8]
    switch selection {
    case .user(let id): manifest = ArchiveManifest.bytes(of: id)
    case .area(let area): manifest = ArchiveManifest.bytes(of: area)
    case .office: manifest = try OfficeRecord(of: view).manifest
    }
    func users(_ capacity: Int) -> ArchiveUsers {
      ArchiveUsers(
        areas: areas, start: ArchiveSize.entry(Int64(manifest.count)),
        linesBefore: ChecksumList.lineSize(ArchiveManifest.path.count), capacity: capacity)
    }
    switch selection {
    case .user(let id):
      guard let user = try view.user(id) else { throw OfficeError(.notFound, "no such user") }
      let known = zip(Area.allCases, try view.cells(of: user.number))
        .filter { areas.contains($0.0) }.map(\.1)
      var only = users(1)
      only.append(
        id, number: user.number, size: known.reduce(0) { $0 + ArchiveSize.entry($1.size) })
      self.users = only
      cells = ArchiveCells(known, width: areas.count, of: view)
    case .area:
      let column = try view.column(areas[0])
      var all = users(column.count)
      for (id, cell) in column {
        all.append(id, number: UserNumber(rawValue: 0), size: ArchiveSize.entry(cell.size))
      }
      self.users = all
      cells = ArchiveCells(column.map(\.cell), width: 1, of: view)
    case .office:
      let states = try view.users()
      var all = users(states.count)
      for user in states {
        all.append(user.id, number: user.number, size: ArchiveSize.cells(of: user.sums))
      }
      self.users = all
      cells = ArchiveCells(of: view)
    }
    self.manifest = manifest
    self.areas = areas
    size = self.users.end + ArchiveSize.entry(self.users.lineEnd) + TarLayout.endSize
  }

  /// Fills `buffer` from `offset` on and returns how many bytes, fewer than asked only at the end of the archive.
  /// Throws `.inputOutput` on damage.
  public func read(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> Int {
    guard offset >= 0, offset < size else { return 0 }
    let wanted = Int(min(Int64(buffer.count), size - offset))
    var done = 0
    while done < wanted {
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<wanted])
      done += try readPiece(at: offset + Int64(done), into: target)
    }
    return done
  }

  /// An entry of the archive.
  private struct Entry {
    var path: [UInt8]
    var size: Int64
    var mtime: Int64
    /// Where its header begins.
    var start: Int64
    var content: Content

    enum Content {
      case manifest
      case cell(CellState)
      case lines
    }
  }

  /// The entry that holds the byte at `offset`; nil behind the last.
  private func entry(at offset: Int64) throws(OfficeError) -> Entry? {
    if offset < users.start(of: 0) {
      return Entry(
        path: ArchiveManifest.path, size: Int64(manifest.count), mtime: 0, start: 0,
        content: .manifest)
    }
    if offset >= users.end {
      guard offset < size - TarLayout.endSize else { return nil }
      return Entry(
        path: ChecksumList.path, size: users.lineEnd, mtime: 0, start: users.end, content: .lines)
    }
    let user = users.user(at: offset)
    var start = users.start(of: user)
    for (area, cell) in zip(areas, try cells.cells(of: user, in: users)) {
      let end = start + ArchiveSize.entry(cell.size)
      if offset < end {
        return Entry(
          path: users.path(of: user, area), size: cell.size, mtime: cell.mtime, start: start,
          content: .cell(cell))
      }
      start = end
    }
    return nil
  }

  /// Reads up to the next border between a header, its data and its padding.
  private func readPiece(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> Int {
    guard let entry = try entry(at: offset) else { return zero(buffer, until: size - offset) }
    let within = offset - entry.start
    let header = TarLayout.headerSize(size: entry.size)
    if within < header {
      let bytes = TarLayout.header(path: entry.path, size: entry.size, mtime: entry.mtime)
      return copy(bytes[Int(within)...], to: buffer)
    }
    let position = within - header
    guard position < entry.size else {
      return zero(buffer, until: entry.start + ArchiveSize.entry(entry.size) - offset)
    }
    let count = Int(min(Int64(buffer.count), entry.size - position))
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    switch entry.content {
    case .manifest: return copy(manifest[Int(position)...], to: target)
    case .lines: return try readLines(at: position, into: target)
    case .cell(let cell): try cells.read(cell, at: position, into: target)
    }
    return count
  }

  /// Reads to the end of the line that holds `position`.
  private func readLines(
    at position: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> Int {
    guard position >= users.lineStart(of: 0) else {
      let line = ChecksumList.line(path: ArchiveManifest.path, digest: Digest(of: manifest))
      return copy(line[Int(position)...], to: buffer)
    }
    let user = users.user(atLine: position)
    var start = users.lineStart(of: user)
    for (area, cell) in zip(areas, try cells.cells(of: user, in: users)) {
      let line = ChecksumList.line(path: users.path(of: user, area), digest: cell.digest)
      if position < start + Int64(line.count) {
        return copy(line[Int(position - start)...], to: buffer)
      }
      start += Int64(line.count)
    }
    throw OfficeError(.inputOutput, "a line of SHA256SUMS that no cell has")
  }

  private func zero(_ buffer: UnsafeMutableRawBufferPointer, until border: Int64) -> Int {
    let count = Int(min(Int64(buffer.count), border))
    UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]).initializeMemory(
      as: UInt8.self, repeating: 0)
    return count
  }

  private func copy(_ bytes: ArraySlice<UInt8>, to buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(bytes.count, buffer.count)
    buffer.copyBytes(from: bytes.prefix(count))
    return count
  }
}
