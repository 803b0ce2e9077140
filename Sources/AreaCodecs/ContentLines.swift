import OfficeModel

/// Logical content lines of a calendar or of cards that arrive in pieces.
///
/// A line goes on in the next physical line if that begins with a blank (folding), if it is quoted-printable and ends in `=`
/// (vCard 2.1, vCalendar 1.0), or if it is base64 and the next holds no colon; there an empty line is its end and stays.
/// Every other empty line is dropped. Text is put into UTF-8 property by property (`PropertyText`).
final class ContentLines {
  private let limits: Limits
  private let input = TextInput()
  private let splitter: LineSplitter
  private let text = ByteBuffer()
  private let conversion = PropertyText()
  private let defersForeign: Bool
  private var isOpen = false
  private var first = 0
  private var folds = 0
  private var isSoftBroken = false
  private var isEnded = false
  private var isEncoded: (quotedPrintable: Bool, base64: Bool)?
  /// Conversions so far.
  var report = DocumentReport()

  /// The physical lines of the logical line that is given out, as they were, and empty ones behind it; nil if nobody asked.
  let raw: ByteBuffer?
  /// Whether the document ends where a line does, and not within an encoded value. Meant for the end.
  private(set) var endsWhole = true

  /// `keepsRaw` collects `raw`. `defersForeign` leaves lines that are neither UTF-8 nor what they say as they are, and marks
  /// them; else they are taken as windows-1252.
  init(limits: Limits, keepsRaw: Bool, defersForeign: Bool = false) {
    self.limits = limits
    self.defersForeign = defersForeign
    raw = keepsRaw ? ByteBuffer() : nil
    splitter = LineSplitter(limit: limits.lineBytes)
  }

  /// Bytes of `raw` as they stood in the document.
  func original(_ bytes: UnsafeRawBufferPointer) -> [UInt8] { input.original(bytes) }

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
    if isOpen, isSoftBroken || encoding.base64 && !isEnded { endsWhole = false }
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
    endsWhole = end != .none
    if line.isEmpty, !(isOpen && !isEnded && (isSoftBroken || encoding.base64)) {
      report.note(.blankLines, line: splitter.count)
      raw?.append(end.bytes)
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
    raw?.append(line)
    raw?.append(end.bytes)
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
    var line = ContentLine(bytes: text.bytes, number: first)
    // Most lines are ASCII, and of no others is the encoding looked at.
    if !TextEncoding.isASCII(line.bytes) || line.bytes.first(0x1B, from: 0) != nil {
      let outcome = conversion.convert(
        line, isQuotedPrintable: encoding.quotedPrintable, isUnicode: input.isUnicode)
      var isConverted = true
      switch outcome {
      case .kept: isConverted = false
      case .declared(let label):
        report.note(.charset, line: first, subject: Escaped.line(label.prefix(40)))
        line = ContentLine(bytes: conversion.converted.bytes, number: first)
      case .foreign where defersForeign:
        line.isForeign = true
        isConverted = false
      case .foreign:
        report.note(.windows1252, line: first)
        _ = conversion.decode(line, in: .windows1252)
        line = ContentLine(bytes: conversion.converted.bytes, number: first)
      }
      // What is exported must be let in again.
      guard !isConverted || line.bytes.count <= limits.lineBytes else {
        throw Refusal.tooLarge("a line is longer than \(limits.lineBytes) bytes", line: first)
      }
    }
    try next(line)
    text.removeAll()
    raw?.removeAll()
  }
}
