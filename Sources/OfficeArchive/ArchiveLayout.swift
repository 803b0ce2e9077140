import OfficeModel
import TarArchive

/// Where everything stands in one archive of one view, and any range of its bytes.
///
/// INVARIANT: `size` equals `ArchiveSize` of the same selection, and `read` of any range is that slice of the whole.
/// All calls may be made from any thread at once.
public final class ArchiveLayout: Sendable {
  /// The archive's exact size in bytes.
  public let size: Int64

  private let view: any OfficeView
  private let selection: ArchiveSelection
  private let manifest: [UInt8]
  private let cells: [CellState]
  /// The areas of a user's archive, in order.
  private let areas: [Area]
  /// The users of a column, in order; empty for a user's archive.
  private let users: [UserID]
  /// Where each entry begins: the manifest, the cells, the checksum list; then where the last ends.
  private let starts: [Int64]
  /// Where each line begins in the checksum list; then where the last ends.
  private let lines: [Int64]

  /// Reads the cells' states of the selection, no content. Of a user's areas `without` are left out.
  public init(
    _ selection: ArchiveSelection, of view: any OfficeView, without: Set<Area> = []
  ) throws(OfficeError) {
    areas = Area.allCases.filter { !without.contains($0) }
    self.view = view
    self.selection = selection
    manifest = ArchiveManifest.bytes(of: selection)
    switch selection {
    case .user(let id):
      guard let user = try view.user(id) else { throw OfficeError(.notFound, "no such user") }
      cells = zip(Area.allCases, try view.cells(of: user.number))
        .filter { !without.contains($0.0) }.map(\.1)
      users = []
    case .area(let area):
      let column = try view.column(area)
      cells = column.map(\.cell)
      users = column.map(\.id)
    }
    var starts: [Int64] = [0]
    var lines: [Int64] = [0]
    starts.reserveCapacity(cells.count + 3)
    lines.reserveCapacity(cells.count + 2)
    var position = ArchiveLayout.extent(of: Int64(manifest.count))
    var line = ChecksumList.lineOverhead + Int64(ArchiveManifest.path.count)
    let fixed = ArchiveLayout.fixedPathLength(selection)
    for (index, cell) in cells.enumerated() {
      starts.append(position)
      lines.append(line)
      position += ArchiveLayout.extent(of: cell.size)
      switch selection {
      case .user:
        line += ChecksumList.lineOverhead + fixed + Int64(areas[index].fileName.utf8.count)
      case .area:
        line += ChecksumList.lineOverhead + fixed + Int64(users[index].text.utf8.count)
      }
    }
    starts.append(position)
    lines.append(line)
    position += ArchiveLayout.extent(of: line)
    starts.append(position)
    self.starts = starts
    self.lines = lines
    size = position + TarLayout.endSize
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

  /// Reads up to the next border between a header, its data and its padding.
  private func readPiece(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) -> Int {
    let entry = starts.lastIndex(notAfter: offset)
    guard entry < starts.count - 1 else { return zero(buffer, until: size - offset) }
    let within = offset - starts[entry]
    let dataSize = size(ofEntry: entry)
    let header = TarLayout.headerSize(size: dataSize)
    if within < header {
      let bytes = TarLayout.header(
        path: path(ofEntry: entry), size: dataSize, mtime: mtime(ofEntry: entry))
      return copy(bytes[Int(within)...], to: buffer)
    }
    let position = within - header
    guard position < dataSize else {
      return zero(buffer, until: starts[entry + 1] - offset)
    }
    let count = Int(min(Int64(buffer.count), dataSize - position))
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    switch entry {
    case 0: return copy(manifest[Int(position)...], to: target)
    case cells.count + 1: return readLines(at: position, into: target)
    default: try view.read(cells[entry - 1], at: position, into: target)
    }
    return count
  }

  /// Reads to the end of the line that holds `position`.
  private func readLines(at position: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let index = lines.lastIndex(notAfter: position)
    let digest = index == 0 ? Digest(of: manifest) : cells[index - 1].digest
    let line = ChecksumList.line(path: path(ofEntry: index), digest: digest)
    return copy(line[Int(position - lines[index])...], to: buffer)
  }

  private func size(ofEntry entry: Int) -> Int64 {
    switch entry {
    case 0: Int64(manifest.count)
    case cells.count + 1: lines[lines.count - 1]
    default: cells[entry - 1].size
    }
  }

  private func mtime(ofEntry entry: Int) -> Int64 {
    entry == 0 || entry == cells.count + 1 ? 0 : cells[entry - 1].mtime
  }

  private func path(ofEntry entry: Int) -> [UInt8] {
    switch entry {
    case 0: return ArchiveManifest.path
    case cells.count + 1: return ChecksumList.path
    default:
      switch selection {
      case .user(let id): return Array("\(id.text)/\(areas[entry - 1].fileName)".utf8)
      case .area(let area): return Array("\(users[entry - 1].text)/\(area.fileName)".utf8)
      }
    }
  }

  /// The part of a cell's path length that all cells of a selection share.
  private static func fixedPathLength(_ selection: ArchiveSelection) -> Int64 {
    switch selection {
    case .user(let id): Int64(id.text.utf8.count) + 1
    case .area(let area): Int64(area.fileName.utf8.count) + 1
    }
  }

  private static func extent(of size: Int64) -> Int64 {
    TarLayout.headerSize(size: size) + size + TarLayout.padding(size: size)
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

extension [Int64] {
  /// The last index whose value is not above `value`; the array ascends and begins at or below it.
  fileprivate func lastIndex(notAfter value: Int64) -> Int {
    var low = 0
    var high = count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if self[middle] <= value { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
