import OfficeModel

/// A document's bytes without a byte order mark, in UTF-8 where they were UTF-16.
///
/// Bytes without a mark pass unchanged, whatever they are: lines are looked at later.
final class TextInput {
  private enum Form {
    case undecided
    case plain
    case utf16(isLittle: Bool)
  }

  private var form = Form.undecided
  private var held: [UInt8] = []
  private var highSurrogate: UInt32?
  private var line = 1
  private(set) var note: DocumentNote.Kind?

  /// Whether a mark, or the bytes themselves, told that this is Unicode.
  var isUnicode: Bool { note != nil }

  private let converted = ByteBuffer()

  /// Passes on what is certain after these bytes. Throws `.badArchive` for UTF-16 that is none.
  func feed(
    _ bytes: UnsafeRawBufferPointer,
    to next: (UnsafeRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    var rest = bytes
    while case .undecided = form {
      if let decided = decide(isEnd: false) {
        form = decided
        try passHeld(to: next)
        break
      }
      guard let byte = rest.first else { return }
      held.append(byte)
      rest = rest.slice(from: 1)
    }
    if rest.isEmpty { return }
    if case .utf16(let isLittle) = form {
      try convert(rest, isLittle: isLittle, to: next)
    } else {
      try next(rest)
    }
  }

  /// Passes on what was held back.
  func finish(
    to next: (UnsafeRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    if case .undecided = form {
      form = decide(isEnd: true) ?? .plain
      try passHeld(to: next)
    }
    if case .utf16 = form, !held.isEmpty || highSurrogate != nil {
      throw Refusal.unframed("UTF-16 text is cut", line: line)
    }
  }

  private func decide(isEnd: Bool) -> Form? {
    switch held {
    case [0xEF, 0xBB, 0xBF]:
      note = .byteOrderMark
      held = []
      return .plain
    case [0xFF, 0xFE]:
      note = .utf16
      held = []
      return .utf16(isLittle: true)
    case [0xFE, 0xFF]:
      note = .utf16
      held = []
      return .utf16(isLittle: false)
    case [], [0xEF], [0xEF, 0xBB], [0xFF], [0xFE]: return isEnd ? .plain : nil
    default: return undeclared(isEnd: isEnd)
    }
  }

  /// Two ASCII characters of which each has a zero byte are UTF-16 that does not say so.
  private func undeclared(isEnd: Bool) -> Form? {
    if held.count < 2 { return isEnd ? .plain : nil }
    let hasZero = held.prefix(2).contains(0)
    if hasZero, held.count < 4 { return isEnd ? .plain : nil }
    guard hasZero, held.allSatisfy({ $0 < 0x80 }) else { return .plain }
    let zeros = held.map { $0 == 0 }
    guard zeros == [false, true, false, true] || zeros == [true, false, true, false] else {
      return .plain
    }
    note = .utf16
    return .utf16(isLittle: zeros[1])
  }

  /// Converted bytes as they were in the document.
  func original(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    guard case .utf16(let isLittle) = form else { return Array(bytes) }
    return String(decoding: bytes, as: UTF8.self).utf16.flatMap {
      let (high, low) = (UInt8($0 >> 8), UInt8($0 & 0xFF))
      return isLittle ? [low, high] : [high, low]
    }
  }

  private func passHeld(
    to next: (UnsafeRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    let bytes = held
    held = []
    guard !bytes.isEmpty else { return }
    try bytes.withUnsafeBufferPointer { buffer throws(OfficeError) in
      let buffer = UnsafeRawBufferPointer(buffer)
      if case .utf16(let isLittle) = form {
        try convert(buffer, isLittle: isLittle, to: next)
      } else {
        try next(buffer)
      }
    }
  }

  private func convert(
    _ bytes: UnsafeRawBufferPointer, isLittle: Bool,
    to next: (UnsafeRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    converted.removeAll()
    var index = 0
    while index < bytes.count {
      let first: UInt8
      if let half = held.first {
        first = half
        held = []
      } else {
        first = bytes[index]
        index += 1
        if index == bytes.count {
          held = [first]
          break
        }
      }
      let second = bytes[index]
      index += 1
      let unit =
        isLittle
        ? UInt32(second) << 8 | UInt32(first) : UInt32(first) << 8 | UInt32(second)
      try append(unit)
    }
    if converted.count > 0 { try next(converted.bytes) }
  }

  private func append(_ unit: UInt32) throws(OfficeError) {
    let isLow = unit >= 0xDC00 && unit < 0xE000
    if let high = highSurrogate {
      guard isLow else { throw Refusal.unframed("not UTF-16: half a character", line: line) }
      highSurrogate = nil
      TextEncoding.append(0x1_0000 + (high - 0xD800) << 10 + (unit - 0xDC00), to: converted)
    } else if unit >= 0xD800 && unit < 0xDC00 {
      highSurrogate = unit
    } else if isLow {
      throw Refusal.unframed("not UTF-16: half a character", line: line)
    } else {
      if unit == UInt32(Byte.lf) { line += 1 }
      TextEncoding.append(unit, to: converted)
    }
  }
}
