import OfficeModel

/// Cuts JSON text into tokens and checks its grammar, with a stack of its own instead of recursion.
struct JSONScanner {
  private enum Due { case value, valueOrClose, key, keyOrClose, separatorOrClose, nothing }

  private let bytes: [UInt8]
  private let depth: Int
  private var position = 0
  private var tokens: [JSONDocument.Token] = []
  private var open: [Int] = []
  private var names: [Set<[UInt8]>] = []

  init(bytes: [UInt8], depth: Int) {
    self.bytes = bytes
    self.depth = depth
  }

  /// All tokens. Throws `.badArchive` with the line for what is no JSON or has a key twice, `.tooLarge` for too deep nesting.
  mutating func scan() throws(OfficeError) -> [JSONDocument.Token] {
    var due = Due.value
    while true {
      skipSpace()
      if due == .nothing { break }
      due = try step(due)
    }
    guard position == bytes.count else { throw refusal("something follows the JSON value") }
    return tokens
  }

  private mutating func step(_ due: Due) throws(OfficeError) -> Due {
    guard position < bytes.count else { throw refusal("JSON text is cut") }
    let byte = bytes[position]
    switch due {
    case .valueOrClose where byte == UInt8(ascii: "]"): return close()
    case .keyOrClose where byte == UInt8(ascii: "}"): return close()
    case .value, .valueOrClose: return try value(byte)
    case .key, .keyOrClose: return try key(byte)
    case .separatorOrClose: return try separator(byte)
    case .nothing: return .nothing
    }
  }

  private mutating func value(_ byte: UInt8) throws(OfficeError) -> Due {
    switch byte {
    case UInt8(ascii: "{"): return try opens(.object)
    case UInt8(ascii: "["): return try opens(.array)
    case Byte.quote: try string(.string)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    default: try literal()
    }
    return open.isEmpty ? .nothing : .separatorOrClose
  }

  private mutating func key(_ byte: UInt8) throws(OfficeError) -> Due {
    guard byte == Byte.quote else { throw refusal("a JSON key is missing") }
    let start = position
    try string(.key)
    let name = JSONScanner.text(of: bytes[start + 1..<position - 1])
    guard names[names.count - 1].insert(name).inserted else {
      throw refusal("a JSON key stands twice", Escaped.line(name.prefix(40)))
    }
    skipSpace()
    guard position < bytes.count, bytes[position] == Byte.colon else {
      throw refusal("a JSON key without a colon")
    }
    position += 1
    return .value
  }

  private mutating func separator(_ byte: UInt8) throws(OfficeError) -> Due {
    let isObject = open.last.map { tokens[$0].kind == .object } ?? false
    if byte == UInt8(ascii: isObject ? "}" : "]") { return close() }
    guard byte == UInt8(ascii: ",") else { throw refusal("a JSON comma is missing") }
    position += 1
    return isObject ? .key : .value
  }

  private mutating func opens(_ kind: JSONDocument.Kind) throws(OfficeError) -> Due {
    guard open.count < depth else {
      throw Refusal.tooLarge("JSON nested deeper than \(depth)", line: line)
    }
    open.append(tokens.count)
    append(kind, from: position, to: position + 1)
    position += 1
    if kind == .object { names.append([]) }
    return kind == .object ? .keyOrClose : .valueOrClose
  }

  private mutating func close() -> Due {
    append(.close, from: position, to: position + 1)
    position += 1
    if let last = open.popLast() {
      if tokens[last].kind == .object { names.removeLast() }
      tokens[last].next = tokens.count
    }
    return open.isEmpty ? .nothing : .separatorOrClose
  }

  private mutating func append(_ kind: JSONDocument.Kind, from start: Int, to end: Int) {
    tokens.append(.init(kind: kind, start: start, end: end, next: tokens.count + 1))
  }

  private mutating func string(_ kind: JSONDocument.Kind) throws(OfficeError) {
    let start = position
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case Byte.quote: return append(kind, from: start, to: position)
      case UInt8(ascii: "\\"): try escape()
      case 0..<0x20: throw refusal("a control character in a JSON string")
      default: break
      }
    }
    throw refusal("a JSON string is not closed")
  }

  private mutating func escape() throws(OfficeError) {
    guard position < bytes.count else { throw refusal("a JSON string is not closed") }
    let byte = bytes[position]
    position += 1
    if byte == UInt8(ascii: "u") {
      let digits = bytes[position..<min(position + 4, bytes.count)]
      guard digits.count == 4, digits.allSatisfy({ JSONScanner.hexadecimal($0) != nil }) else {
        throw refusal("a JSON escape that is none")
      }
      position += 4
    } else if !Array("\"\\/bfnrt".utf8).contains(byte) {
      throw refusal("a JSON escape that is none")
    }
  }

  private mutating func number() throws(OfficeError) {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let first = position
    var isRight = digits() > 0 && (bytes[first] != UInt8(ascii: "0") || position == first + 1)
    if isRight, position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      isRight = digits() > 0
    }
    if isRight, position < bytes.count, Byte.lower(bytes[position]) == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[position]) {
        position += 1
      }
      isRight = digits() > 0
    }
    guard isRight else { throw refusal("a JSON number that is none") }
    append(.number, from: start, to: position)
  }

  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, Byte.isDigit(bytes[position]) { position += 1 }
    return position - start
  }

  private mutating func literal() throws(OfficeError) {
    for word in ["true", "false", "null"] where bytes[position...].starts(with: word.utf8) {
      append(.literal, from: position, to: position + word.utf8.count)
      position += word.utf8.count
      return
    }
    throw refusal("a JSON value that is none")
  }

  private mutating func skipSpace() {
    while position < bytes.count, Bytes.isSpace(bytes[position]) { position += 1 }
  }

  private var line: Int { 1 + bytes.prefix(position).count { $0 == Byte.lf } }

  private func refusal(_ reason: String, _ what: String? = nil) -> OfficeError {
    Refusal.unframed(reason, line: line, what)
  }
}
