import OfficeModel

/// A mail document's bytes with line ends a mailbox has: LF or CR LF, mixed as they come.
///
/// A document without any LF at its beginning has bare CRs for line ends (classic Mac OS), one whose first line ends in
/// CR CR LF has been converted twice; both get CR LF throughout. Any other passes unchanged, bare CRs in it too.
final class MailLineEnds {
  /// How many bytes are looked at: fixed, so that the verdict does not depend on the pieces in which they arrive.
  private static let window = 16_384

  private enum Form { case plain, carriage, doubled }

  private var form: Form?
  private let held = ByteBuffer()
  private let converted = ByteBuffer()
  /// CRs at the end of the last piece.
  private var carriages = 0
  /// Whether line ends are changed.
  var isConverting: Bool { form == .carriage || form == .doubled }

  /// Passes on what is certain after these bytes; with `isEnd` everything.
  func feed(
    _ bytes: UnsafeRawBufferPointer, isEnd: Bool,
    to next: (UnsafeRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    if form == nil {
      held.append(bytes)
      guard isEnd || held.count >= MailLineEnds.window else { return }
      form = MailLineEnds.form(of: held.bytes.slice(0..<min(held.count, MailLineEnds.window)))
      try pass(held.bytes, to: next)
      held.removeAll()
    } else {
      try pass(bytes, to: next)
    }
    guard isEnd, carriages > 0 else { return }
    converted.removeAll()
    endCarriages()
    try next(converted.bytes)
  }

  private static func form(of start: UnsafeRawBufferPointer) -> Form {
    guard let found = start.first(Byte.lf, from: 0) else {
      return start.first(Byte.cr, from: 0) == nil ? .plain : .carriage
    }
    return found >= 2 && start.has("\r\r\n", at: found - 2) ? .doubled : .plain
  }

  private func pass(
    _ bytes: UnsafeRawBufferPointer,
    to next: (UnsafeRawBufferPointer) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    guard isConverting else { return try next(bytes) }
    converted.removeAll()
    var start = 0
    while start < bytes.count {
      switch bytes[start] {
      case Byte.cr:
        carriages += 1
        start += 1
      case Byte.lf where carriages > 0:
        endLine()
        start += 1
      default:
        endCarriages()
        let stop = bytes.first(Byte.cr, from: start) ?? bytes.count
        converted.append(bytes.slice(start..<stop))
        start = stop
      }
    }
    if converted.count > 0 { try next(converted.bytes) }
  }

  /// Writes the CRs that an LF follows, and the LF.
  private func endLine() {
    carriages -= form == .doubled && carriages > 1 ? 2 : 1
    endCarriages()
    converted.appendLineEnd()
  }

  /// Writes the CRs that no LF follows.
  private func endCarriages() {
    while carriages > 0 {
      if form == .carriage { converted.appendLineEnd() } else { converted.append(Byte.cr) }
      carriages -= 1
    }
  }
}
