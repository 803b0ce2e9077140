import OfficeModel
import TarArchive

/// The stretch of an archive that one read asks for, while it is being filled.
///
/// What lies outside of the stretch is cut off where it is put, so that the layout need not look where the borders fall.
struct ArchiveWindow {
  /// Which bytes of the archive it shows.
  let range: Range<Int64>
  /// The cells' parts, to be read all at once when everything else has been put.
  private(set) var cells: [CellRange] = []
  private let buffer: UnsafeMutableRawBufferPointer
  private var filled = 0

  /// `buffer` shows the archive from `offset` on.
  init(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) {
    range = offset..<offset + Int64(buffer.count)
    self.buffer = buffer
  }

  /// Whether every byte was put once.
  var isFull: Bool { filled == buffer.count }

  /// Whether anything from `start` up to `end` is wanted.
  func shows(_ start: Int64, _ end: Int64) -> Bool {
    start < range.upperBound && end > range.lowerBound
  }

  /// Puts bytes that stand at `start` in the archive.
  mutating func put(_ bytes: [UInt8], at start: Int64) {
    guard let target = part(start, start + Int64(bytes.count)) else { return }
    let skipped = Int(max(0, range.lowerBound - start))
    bytes.withUnsafeBytes { bytes in
      target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[skipped..<skipped + target.count]))
    }
  }

  /// Puts the document of a cell.
  mutating func put(_ cell: CellState, at start: Int64) {
    guard let target = part(start, start + cell.size) else { return }
    cells.append(
      CellRange(cell: cell, offset: max(0, range.lowerBound - start), buffer: target))
  }

  /// Puts what stands around the data of an entry that begins at `start`: the header, and zeros up to the next entry.
  /// Gives where the data begins.
  mutating func putFrame(
    path: @autoclosure () -> [UInt8], size: Int64, mtime: Int64, at start: Int64
  ) -> Int64 {
    let data = start + TarLayout.headerSize(size: size)
    if shows(start, data) {
      put(TarLayout.header(path: path(), size: size, mtime: mtime), at: start)
    }
    putZeros(from: data + size, count: TarLayout.padding(size: size))
    return data
  }

  mutating func putZeros(from start: Int64, count: Int64) {
    part(start, start + count)?.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Where what stands from `start` up to `end` is wanted, which counts as filled; nil if nothing of it is.
  private mutating func part(_ start: Int64, _ end: Int64) -> UnsafeMutableRawBufferPointer? {
    guard shows(start, end), start < end else { return nil }
    let low = Int(max(start, range.lowerBound) - range.lowerBound)
    let high = Int(min(end, range.upperBound) - range.lowerBound)
    filled += high - low
    return UnsafeMutableRawBufferPointer(rebasing: buffer[low..<high])
  }
}
