/// Looks at a settings file's text before TOML's reader does: toml++ ends the process, by an assertion, over a section that
/// begins with no key and over a list that begins with no value.
///
/// No setting is a list, so none is let through, which needs no knowledge of what may stand in one.
struct SettingsText {
  /// The first line that is not let through, counted from 1.
  struct Fault: Equatable {
    var line: Int
    var remedy: String
  }

  private enum Place {
    case plain, comment
    case text(quote: UInt8, isLong: Bool)
  }

  private let bytes: [UInt8]
  private var next = 0
  private var line = 1
  private var place = Place.plain
  /// Whether nothing but space was on this line.
  private var isLineStart = true

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// Nil for a text that can be read.
  static func fault(in text: String) -> Fault? {
    var reader = SettingsText(text)
    while reader.next < reader.bytes.count {
      if let remedy = reader.step() { return Fault(line: reader.line, remedy: remedy) }
    }
    return nil
  }

  /// Goes on by what stands together; returns what to do about it, if it is not let through.
  private mutating func step() -> String? {
    let byte = bytes[next]
    if byte == UInt8(ascii: "\n") {
      // A text in one quote ends here, or the file is none.
      if case .text(_, true) = place {} else { place = .plain }
      line += 1
      next += 1
      isLineStart = true
      return nil
    }
    switch place {
    case .comment: next += 1
    case .text(let quote, let isLong): stepText(byte, quote, isLong)
    case .plain: return stepPlain(byte)
    }
    return nil
  }

  private mutating func stepText(_ byte: UInt8, _ quote: UInt8, _ isLong: Bool) {
    if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
      // What is escaped ends nothing; a line does, all the same.
      next += 1
      if next < bytes.count, bytes[next] != UInt8(ascii: "\n") { next += 1 }
    } else if byte != quote {
      next += 1
    } else if !isLong {
      next += 1
      place = .plain
    } else if has(quote, times: 3) {
      // Two more may be the text's own (TOML 1.0, "String").
      next += 3
      for _ in 0..<2 where has(quote, times: 1) { next += 1 }
      place = .plain
    } else {
      next += 1
    }
  }

  private mutating func stepPlain(_ byte: UInt8) -> String? {
    defer { isLineStart = isLineStart && (isSpace(byte) || line == 1 && byte >= 0x80) }
    switch byte {
    case UInt8(ascii: "#"):
      place = .comment
      next += 1
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let isLong = has(byte, times: 3)
      place = .text(quote: byte, isLong: isLong)
      next += isLong ? 3 : 1
    case UInt8(ascii: "["):
      guard isLineStart else { return "mend the line: no setting is a list" }
      next += has(byte, times: 2) ? 2 : 1
      while next < bytes.count, isSpace(bytes[next]) { next += 1 }
      guard next < bytes.count, beginsKey(bytes[next]) else {
        return "mend the line: a section is a name in brackets"
      }
    default: next += 1
    }
    return nil
  }

  private func has(_ byte: UInt8, times: Int) -> Bool {
    next + times <= bytes.count && bytes[next..<next + times].allSatisfy { $0 == byte }
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private func beginsKey(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "\""), UInt8(ascii: "'"):
      true
    default: false
    }
  }
}
