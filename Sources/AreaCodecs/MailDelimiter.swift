/// Finds the lines that delimit the parts of a multipart message (RFC 2046 §5.1.1), in bytes that arrive in pieces.
///
/// Only the outermost multipart is followed: its delimiters enclose all that is nested in it, however deep.
struct MailDelimiter {
  /// What a line turned out to be.
  enum Line { case part, close }

  private enum Place: Equatable {
    /// So many bytes of the line agree with the delimiter.
    case delimiter(Int)
    /// Behind it, with so many dashes; blanks only may follow.
    case tail(dashes: Int, isBlank: Bool)
    /// In a line that is none.
    case text
  }

  /// The parameter's value.
  let boundary: [UInt8]
  private let delimiter: [UInt8]
  private var place = Place.delimiter(0)

  init(boundary: [UInt8]) {
    self.boundary = boundary
    delimiter = [Byte.dash, Byte.dash] + boundary
  }

  /// Reads on from `start` to the end of the next delimiter line. nil: there is none in these bytes.
  mutating func next(
    _ bytes: UnsafeRawBufferPointer, from start: Int
  ) -> (line: Line, end: Int)? {
    var index = start
    while index < bytes.count {
      guard place != .text else {
        guard let end = bytes.first(Byte.lf, from: index) else { return nil }
        place = .delimiter(0)
        index = end + 1
        continue
      }
      let byte = bytes[index]
      let before = place
      place = byte == Byte.lf ? .delimiter(0) : following(byte)
      index += 1
      guard byte == Byte.lf, case .tail(let dashes, _) = before else { continue }
      if dashes != 1 { return (dashes == 2 ? .close : .part, index) }
    }
    return nil
  }

  private func following(_ byte: UInt8) -> Place {
    switch place {
    case .delimiter(let count) where count < delimiter.count:
      guard byte == delimiter[count] else { return .text }
      return count + 1 < delimiter.count
        ? .delimiter(count + 1) : .tail(dashes: 0, isBlank: false)
    case .tail(let dashes, let isBlank):
      if Bytes.isSpace(byte) { return .tail(dashes: dashes, isBlank: true) }
      guard byte == Byte.dash, !isBlank, dashes < 2 else { return .text }
      return .tail(dashes: dashes + 1, isBlank: false)
    default: return .text
    }
  }

  /// Where a header field declares this boundary; nil if none does.
  func declaration(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let first = boundary.first else { return nil }
    var start = 0
    while let found = bytes.first(first, from: start) {
      start = found + 1
      guard bytes.count - found >= boundary.count,
        bytes.slice(found..<found + boundary.count).elementsEqual(boundary)
      else { continue }
      var before = found
      if before > 0, bytes[before - 1] == Byte.quote { before -= 1 }
      let word = Array("boundary=".utf8)
      guard before >= word.count else { continue }
      let declares = bytes.slice(before - word.count..<before).lazy.map(Byte.lower)
      if declares.elementsEqual(word) { return found }
    }
    return nil
  }

  /// The boundary that a Content-Type field's value declares; nil if that is no multipart.
  static func boundary(of value: UnsafeRawBufferPointer) -> [UInt8]? {
    let lower = value.map(Byte.lower)
    let word = Array("boundary".utf8)
    guard lower.starts(with: Array("multipart/".utf8)) else { return nil }
    for at in lower.indices where lower[at...].starts(with: word) {
      var rest = value.slice(from: at + word.count).trimmed
      guard rest.first == Byte.equals else { continue }
      rest = rest.slice(from: 1).trimmed
      let found =
        rest.first == Byte.quote
        ? quoted(rest.slice(from: 1))
        : Array(rest.prefix { $0 != Byte.semicolon && !Bytes.isSpace($0) })
      return found.isEmpty ? nil : found
    }
    return nil
  }

  private static func quoted(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    var out: [UInt8] = []
    var isEscaped = false
    for byte in text {
      if !isEscaped, byte == Byte.quote { break }
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      if !isEscaped { out.append(byte) }
    }
    while let last = out.last, Bytes.isSpace(last) { out.removeLast() }
    return out
  }
}
