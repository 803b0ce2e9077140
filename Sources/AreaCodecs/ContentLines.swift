import OfficeModel

/// Logical content lines of a calendar or of cards that arrive in pieces.
///
/// A line goes on in the next physical line if that begins with a blank (folding), if it is quoted-printable and ends in `=`
/// (vCard 2.1, vCalendar 1.0), or if it is base64 and the next holds no colon; there an empty line is its end and stays.
/// Every other empty line is dropped. Text that is not UTF-8 once unfolded is taken as windows-1252, line by line.
final class ContentLines {
  private let limits: Limits
  private let input = TextInput()
  private let splitter: LineSplitter
  private let text = ByteBuffer()
  private let converted = ByteBuffer()
  private var isOpen = false
  private var first = 0
  private var folds = 0
  private var isSoftBroken = false
  private var isEnded = false
  private var isEncoded: (quotedPrintable: Bool, base64: Bool)?
  /// Conversions so far.
  var report = DocumentReport()

  init(limits: Limits) {
    self.limits = limits
    splitter = LineSplitter(limit: limits.lineBytes)
  }

  /// The number of the last physical line.
  var lineCount: Int { splitter.count }

  /// Gives each logical line that is complete. Throws `.badArchive`, `.tooLarge`, and what `next` throws.
  func feed(
    _ bytes: UnsafeRawBufferPointer, to next: (ContentLine) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    try input.feed(bytes) { piece throws(OfficeError) in
      try splitter.feed(piece, isEnd: false) { line, end throws(OfficeError) in
        try take(line, end, to: next)
      }
    }
  }

  /// Gives what is left.
  func finish(to next: (ContentLine) throws(OfficeError) -> Void) throws(OfficeError) {
    try input.finish { piece throws(OfficeError) in
      try splitter.feed(piece, isEnd: false) { line, end throws(OfficeError) in
        try take(line, end, to: next)
      }
    }
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    try splitter.feed(nothing, isEnd: true) { line, end throws(OfficeError) in
      try take(line, end, to: next)
    }
    try flush(to: next)
    if let note = input.note { report.note(note, line: 1) }
  }

  private func take(
    _ line: UnsafeRawBufferPointer, _ end: LineEnd,
    to next: (ContentLine) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    switch end {
    case .crlf: break
    case .none: report.note(.finalLineEnd, line: splitter.count)
    case .lf, .cr, .crcrlf: report.note(.lineEnds, line: splitter.count)
    }
    if line.isEmpty, !(isOpen && !isEnded && (isSoftBroken || encoding.base64)) {
      report.note(.blankLines, line: splitter.count)
      return
    }
    if continues(line) {
      folds += 1
    } else {
      try flush(to: next)
      isOpen = true
      isEnded = false
      isEncoded = nil
      first = splitter.count
      folds = 1
    }
    guard folds <= limits.folds else {
      throw Refusal.tooLarge("a line is folded more than \(limits.folds) times", line: first)
    }
    guard text.count + line.count <= limits.itemBytes else {
      throw Refusal.tooLarge("a line is longer than \(limits.itemBytes) bytes", line: first)
    }
    let wasSoftBroken = isSoftBroken
    text.append(line)
    text.appendLineEnd()
    isSoftBroken = line.last == Byte.equals && encoding.quotedPrintable
    if line.isEmpty && !wasSoftBroken { isEnded = true }
  }

  private func continues(_ line: UnsafeRawBufferPointer) -> Bool {
    guard isOpen, !isEnded, text.count > 0 else { return false }
    guard let byte = line.first else { return true }
    if isSoftBroken { return !closesComponent(line) }
    if Byte.isBlank(byte) { return true }
    return line.first(Byte.colon, from: 0) == nil && encoding.base64
  }

  /// A value whose last line ends in a stray `=` must not swallow the end of its object.
  private func closesComponent(_ line: UnsafeRawBufferPointer) -> Bool {
    guard line.count > 4, line.count < 64, let colon = line.first(Byte.colon, from: 0), colon == 3,
      ContentLine(bytes: line, number: 0).marker != nil
    else { return false }
    return line.slice(from: 4).trimmed.allSatisfy {
      let letter = Byte.upper($0)
      return letter >= 0x41 && letter <= 0x5A || $0 == UInt8(ascii: "-")
    }
  }

  /// How the open line's value is encoded; looked at only where it matters.
  private var encoding: (quotedPrintable: Bool, base64: Bool) {
    if let isEncoded { return isEncoded }
    let line = ContentLine(bytes: text.bytes, number: first)
    let head = String(decoding: line.head, as: UTF8.self).split(separator: ";").dropFirst()
    var found = (quotedPrintable: false, base64: false)
    for parameter in head {
      switch parameter {
      case "QUOTED-PRINTABLE", "ENCODING=QUOTED-PRINTABLE": found.quotedPrintable = true
      case "BASE64", "ENCODING=BASE64", "ENCODING=B": found.base64 = true
      default: break
      }
    }
    isEncoded = found
    return found
  }

  private func flush(to next: (ContentLine) throws(OfficeError) -> Void) throws(OfficeError) {
    guard isOpen else { return }
    isOpen = false
    isSoftBroken = false
    let bytes = text.bytes
    if !TextEncoding.isUTF8(bytes) && !isUTF8Unfolded(bytes) {
      report.note(.windows1252, line: first)
      converted.removeAll()
      TextEncoding.appendWindows1252(bytes, to: converted)
      try next(ContentLine(bytes: converted.bytes, number: first))
    } else {
      try next(ContentLine(bytes: bytes, number: first))
    }
    text.removeAll()
  }

  /// Octet folding may cut a character in two (RFC 5545 §3.1): the line as a whole is UTF-8 then, and stays as it is.
  private func isUTF8Unfolded(_ bytes: UnsafeRawBufferPointer) -> Bool {
    UnfoldedCursor(bytes).rest.withUnsafeBytes { TextEncoding.isUTF8($0) }
  }
}
