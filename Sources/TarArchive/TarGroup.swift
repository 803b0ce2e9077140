/// The pax header and long names that stand before an entry's own header and belong to it.
struct TarGroup {
  let start: Int64
  private(set) var name: [UInt8]?
  private(set) var mtime: Int64?
  private var paxSize: Int64?
  private var kinds: [UInt8] = []

  init(start: Int64) { self.start = start }

  var isEmpty: Bool { kinds.isEmpty }

  /// Takes the content of a header of `kind`. No kind may come twice, since readers differ in which one they believe.
  mutating func take(_ kind: UInt8, _ raw: UnsafeRawBufferPointer) throws(TarFault) {
    guard !kinds.contains(kind), kind != TarKind.globalPax || kinds.isEmpty else {
      throw .damaged("it has two extended headers of one kind")
    }
    kinds.append(kind)
    switch kind {
    case TarKind.pax: try take(PaxRecords(raw))
    case TarKind.globalPax:
      let records = try PaxRecords(raw)
      guard records.path == nil, records.size == nil else {
        throw .unsupported("a global pax header names entries or sizes")
      }
    case TarKind.longName:
      // GNU tar counts the final NUL.
      let text = raw.last == 0 ? raw.dropLast() : raw[...]
      try take(name: Array(text))
    default: break
    }
  }

  /// The size that holds for the entry, whose own header is `block`.
  func size(of block: TarBlock) throws(TarFault) -> Int64 {
    guard let paxSize else {
      guard let size = block.size else {
        throw .unsupported("its size is base-256 or negative (pack it with --format=pax)")
      }
      return size
    }
    // Readers differ in which one they believe, so below 8 GiB, where no pax size is needed, both must agree.
    if let size = block.size, size != 0, size != paxSize, paxSize < TarLayout.largeSize {
      throw .damaged("its header and its pax header state different sizes")
    }
    return paxSize
  }

  private mutating func take(_ records: PaxRecords) throws(TarFault) {
    if let path = records.path { try take(name: path) }
    mtime = records.mtime
    paxSize = records.size
  }

  private mutating func take(name: [UInt8]) throws(TarFault) {
    guard self.name == nil else { throw .damaged("it is named twice") }
    self.name = name
  }
}
