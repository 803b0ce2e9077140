import OfficeModel

/// How a line ended in the document.
enum LineEnd {
  case crlf, lf, cr, crcrlf, none

  var bytes: [UInt8] {
    switch self {
    case .crlf: [Byte.cr, Byte.lf]
    case .lf: [Byte.lf]
    case .cr: [Byte.cr]
    case .crcrlf: [Byte.cr, Byte.cr, Byte.lf]
    case .none: []
    }
  }
}

/// Physical lines of bytes that arrive in pieces. CR LF, LF, CR and CR CR LF each end a line.
final class LineSplitter {
  private let limit: Int
  private let pending = ByteBuffer()
  /// What of `pending` holds no line end for certain.
  private var scanned = 0
  /// Lines given so far.
  private(set) var count = 0

  /// `limit` is the longest line, in bytes.
  init(limit: Int) { self.limit = limit }

  /// Gives each line that is complete, without its end; after the last bytes (`isEnd`) what is left too.
  /// Throws `.tooLarge` for a line over the limit.
  func feed(
    _ bytes: UnsafeRawBufferPointer, isEnd: Bool,
    to next: (UnsafeRawBufferPointer, LineEnd) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    if pending.count == 0 {
      let used = try split(bytes, isEnd: isEnd, to: next)
      pending.append(bytes.slice(from: used))
    } else {
      pending.append(bytes)
      let used = try split(pending.bytes, isEnd: isEnd, to: next)
      pending.removeFirst(used)
    }
    if pending.count > limit { throw tooLong() }
  }

  private func split(
    _ bytes: UnsafeRawBufferPointer, isEnd: Bool,
    to next: (UnsafeRawBufferPointer, LineEnd) throws(OfficeError) -> Void
  ) throws(OfficeError) -> Int {
    let end = bytes.count
    // Where none is found: behind everything, and next to no CR.
    let nowhere = end + 8
    var start = 0
    var feed = bytes.first(Byte.lf, from: scanned) ?? nowhere
    var carriage = bytes.first(Byte.cr, from: scanned) ?? nowhere
    scanned = 0
    while start < end {
      if feed < start { feed = bytes.first(Byte.lf, from: start) ?? nowhere }
      if carriage < start { carriage = bytes.first(Byte.cr, from: start) ?? nowhere }
      let stop = min(feed, carriage, end)
      var kind = LineEnd.none
      var after = end
      if feed < carriage {
        (kind, after) = (.lf, feed + 1)
      } else if carriage < end {
        if carriage + 1 == feed {
          (kind, after) = (.crlf, carriage + 2)
        } else if carriage + 2 == feed, bytes[carriage + 1] == Byte.cr {
          (kind, after) = (.crcrlf, carriage + 3)
        } else if isEnd || isDecided(bytes, carriage) {
          (kind, after) = (.cr, carriage + 1)
        }
      }
      if kind == .none, !isEnd {
        scanned = stop - start
        return start
      }
      if stop - start > limit { throw tooLong() }
      count += 1
      try next(bytes.slice(start..<stop), kind)
      start = after
    }
    return end
  }

  /// Whether enough follows a CR to know that no LF belongs to it.
  private func isDecided(_ bytes: UnsafeRawBufferPointer, _ carriage: Int) -> Bool {
    guard carriage + 1 < bytes.count else { return false }
    return bytes[carriage + 1] != Byte.cr || carriage + 2 < bytes.count
  }

  private func tooLong() -> OfficeError {
    Refusal.tooLarge("a line is longer than \(limit) bytes", line: count + 1)
  }
}
