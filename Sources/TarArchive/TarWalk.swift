/// One file or directory as the walk finds it.
struct TarStep {
  var entry: TarEntry
  /// The name before `./` was stripped.
  var name: [UInt8]
  /// False for a directory.
  var isFile: Bool
  /// Where the entry begins, its pax header or long name included; bytes from the start of the file.
  var start: Int64
  var place: TarPlace
}

/// Steps from header to header and refuses what is not as it must be. Reads headers and paddings only.
struct TarWalk {
  private let window: FileWindow
  private let limits: TarLimits
  private var names = TarNames()
  /// Where the next header is due.
  private(set) var offset: Int64 = 0
  private var headers = 0
  private var entries = 0

  private static let block = Int(TarLayout.block)
  /// Zeros taken behind the last entry, in bytes: tar fills its last record (10 KiB unless told otherwise), and a sparse
  /// file of many GiB would be read to its end.
  private static let mostPadding: Int64 = 1 << 20

  init(file: Int32, limits: TarLimits) throws(TarError) {
    window = try FileWindow(file: file, largest: max(limits.headerBytes, TarWalk.block))
    self.limits = limits
    let start = TarPlace(entry: 1, offset: 0)
    guard window.size > 0 else { throw .damaged("the archive is empty", at: start) }
    guard window.size <= limits.archiveBytes else {
      throw .limit(
        "the archive has \(window.size) bytes, more than the limit of \(limits.archiveBytes)",
        at: start)
    }
  }

  /// The next entry; nil when the end was reached and found right.
  mutating func next() throws(TarError) -> TarStep? {
    var group = TarGroup(start: offset)
    while true {
      let place = TarPlace(entry: entries + 1, offset: offset, path: group.name)
      guard window.size - offset >= TarLayout.block else {
        throw .damaged(
          offset == 0 ? "it is no tar archive" : "the archive is cut: the end blocks are missing",
          at: place)
      }
      let raw = try window.bytes(at: offset, count: TarWalk.block)
      if Zeros.fill(raw) {
        guard group.isEmpty else {
          throw .damaged("the archive ends where a header is due", at: place)
        }
        try end()
        return nil
      }
      let block = try parse(raw, at: place)
      headers += 1
      guard headers <= limits.entries else {
        throw .limit("the archive has more than \(limits.entries) entries", at: place)
      }
      switch block.kind {
      case TarKind.pax, TarKind.globalPax, TarKind.longName, TarKind.longLink:
        try extend(&group, with: block, at: place)
        // What belongs to an entry is no entry; a global header counts, or a million of them could come.
        if block.kind != TarKind.globalPax { headers -= 1 }
      case TarKind.file, TarKind.oldFile, TarKind.directory:
        return try step(group, block, at: place)
      default:
        throw .unsupported(
          TarKind.refusal(of: block.kind),
          at: TarPlace(entry: place.entry, offset: place.offset, path: block.name))
      }
    }
  }

  private func parse(
    _ raw: UnsafeRawBufferPointer, at place: TarPlace
  ) throws(TarError) -> TarBlock {
    do throws(TarFault) {
      return try TarBlock(raw)
    } catch {
      if offset == 0, case .damaged = error {
        throw .damaged("it is no tar archive, or its first header is damaged", at: place)
      }
      throw error.at(place)
    }
  }

  /// Takes a pax header or long name into the group. Its size is checked before anything is read.
  private mutating func extend(
    _ group: inout TarGroup, with block: TarBlock, at place: TarPlace
  ) throws(TarError) {
    let data = offset + TarLayout.block
    guard let size = block.size else {
      throw .damaged("its extended header states a size that is none", at: place)
    }
    guard size <= Int64(limits.headerBytes) else {
      throw .limit(
        "its extended header has \(size) bytes, more than the limit of \(limits.headerBytes)",
        at: place)
    }
    try requireRoom(for: size, from: data, at: place)
    let raw = try window.bytes(at: data, count: Int(size))
    do throws(TarFault) { try group.take(block.kind, raw) } catch { throw error.at(place) }
    try skip(size, from: data, at: place)
    if block.kind == TarKind.globalPax { group = TarGroup(start: group.start) }
  }

  private mutating func step(
    _ group: TarGroup, _ block: TarBlock, at place: TarPlace
  ) throws(TarError) -> TarStep {
    let isFile = block.kind != TarKind.directory
    var place = place
    let name = group.name ?? block.name
    place.path = name
    let path: [UInt8]
    let size: Int64
    do throws(TarFault) {
      path = try TarName.checked(name, isDirectory: !isFile)
      size = try group.size(of: block)
    } catch {
      throw error.at(place)
    }
    guard isFile || size == 0 else { throw .damaged("a directory with content", at: place) }
    if isFile, !names.insert(path) {
      throw .damaged("its name is that of an earlier entry", at: place)
    }
    let data = offset + TarLayout.block
    try requireRoom(for: size, from: data, at: place)
    entries += 1
    try skip(size, from: data, at: place)
    return TarStep(
      entry: TarEntry(path: path, size: size, mtime: group.mtime ?? block.mtime), name: name,
      isFile: isFile, start: group.start, place: place)
  }

  private func requireRoom(
    for size: Int64, from data: Int64, at place: TarPlace
  ) throws(TarError) {
    guard size >= 0, size <= window.size - data else {
      throw .damaged(
        "it states \(size) bytes, but the archive has \(window.size - data) behind its header",
        at: place)
    }
  }

  /// Moves behind the data and its padding, which must be there and zero.
  private mutating func skip(
    _ size: Int64, from data: Int64, at place: TarPlace
  ) throws(TarError) {
    let padding = TarLayout.padding(size: size)
    let end = data + size
    guard padding <= window.size - end else {
      throw .damaged("the archive is cut within the padding", at: place)
    }
    if padding > 0 {
      let raw = try window.bytes(at: end, count: Int(padding))
      guard Zeros.fill(raw) else {
        throw .damaged("its padding is not zero, or its size is wrong", at: place)
      }
    }
    offset = end + padding
  }

  /// Two zero blocks at least, and nothing but zeros to the end of the file.
  private func end() throws(TarError) {
    guard window.size - offset >= TarLayout.endSize, window.size % TarLayout.block == 0 else {
      throw .damaged(
        "the archive is cut within the end blocks",
        at: TarPlace(entry: entries + 1, offset: window.size))
    }
    guard window.size - offset <= TarWalk.mostPadding else {
      throw .damaged(
        "more than 1 MiB of zeros stand behind the end of the archive",
        at: TarPlace(entry: entries + 1, offset: offset))
    }
    var position = offset
    while position < window.size {
      let piece = min(Int64(32 << 10), window.size - position)
      let raw = try window.bytes(at: position, count: Int(piece))
      guard Zeros.fill(raw) else {
        throw .damaged(
          "something stands behind the end of the archive",
          at: TarPlace(entry: entries + 1, offset: position))
      }
      position += piece
    }
  }
}
