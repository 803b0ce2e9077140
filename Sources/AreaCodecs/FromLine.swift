/// What separates messages in a mailbox: a line that begins with `From `.
///
/// Writers quote such lines in messages, but not all do, and not all put an empty line before. So a line separates
/// * behind an empty line, if it ends in a date (`From a@b Mon Jan  5 10:15:00 2026`), or is only a sender (`From a@b`,
///   `From -`) or nothing,
/// * behind any other line, if it is one of these and a header field follows.
///
/// INVARIANT: what separates behind some other line separates behind an empty line too, whatever follows; so a document that
/// was written with an empty line before each is split the same way again.
enum FromLine {
  /// The longest line that is looked at, in bytes.
  static let maximumLength = 4_096
  /// How many bytes of the next line are looked at.
  static let fieldLength = 128

  /// Whether the line may separate behind an empty line. `line` begins with `From `; its end is not included.
  static func separates(_ line: UnsafeRawBufferPointer) -> Bool {
    let envelope = line.slice(from: 5).trimmed
    if envelope.isEmpty || envelope.elementsEqual("-".utf8) { return true }
    if MailDate(line) != nil { return true }
    return envelope.contains(UInt8(ascii: "@")) && !envelope.contains(where: Bytes.isSpace)
  }

  /// Whether `line` begins as a header field does: a name (RFC 5322 §3.6.8), perhaps blanks (§4.5), and a colon.
  static func isField(_ line: UnsafeRawBufferPointer) -> Bool {
    var length = 0
    var hasBlank = false
    for byte in line.prefix(fieldLength) {
      if byte == Byte.colon { return length > 0 }
      if Byte.isBlank(byte) {
        hasBlank = true
      } else {
        guard byte > 0x20 && byte < 0x7F && !hasBlank else { return false }
        length += 1
      }
    }
    return false
  }

  /// The line a message without one is given.
  static func added(_ date: MailDate?) -> [UInt8] {
    let start = Array("From MAILER-DAEMON ".utf8)
    let line = start + (date ?? .epoch).asctime
    // A date at the edge of the years that are read (9999 and a zone) would not be found again.
    let isRead = line.withUnsafeBytes { MailDate($0) } != nil
    return (isRead ? line : start + MailDate.epoch.asctime) + [Byte.lf]
  }
}
