/// One logical content line (RFC 5545 §3.1, RFC 6350 §3.2) as it is kept: folded as given, each physical line ended by CR LF.
struct ContentLine {
  let bytes: UnsafeRawBufferPointer
  /// The first physical line's number.
  let number: Int
  /// Not UTF-8, and nothing in the line says what: left to who knows its object.
  var isForeign = false

  /// BEGIN or END and the component's name in upper case; nil for any other line.
  var marker: (isBegin: Bool, name: [UInt8])? {
    guard let first = bytes.first else { return nil }
    switch Byte.upper(first) {
    case UInt8(ascii: "B"):
      guard let name = value(of: "BEGIN") else { return nil }
      return (true, Bytes.uppercased(Bytes.trimmed(name)))
    case UInt8(ascii: "E"):
      guard let name = value(of: "END") else { return nil }
      return (false, Bytes.uppercased(Bytes.trimmed(name)))
    default: return nil
    }
  }

  /// The unfolded value if the property is called `name` (upper case), whatever its group and parameters; else nil.
  func value(of name: StaticString, mayHaveGroup: Bool = false) -> [UInt8]? {
    var cursor = UnfoldedCursor(bytes)
    if mayHaveGroup { cursor.skipGroup() }
    for index in 0..<name.utf8CodeUnitCount {
      guard let byte = cursor.next(), Byte.upper(byte) == name.utf8Start[index] else { return nil }
    }
    guard let separator = cursor.next() else { return nil }
    if separator == Byte.semicolon {
      guard cursor.skipParameters() else { return nil }
    } else if separator != Byte.colon {
      return nil
    }
    return cursor.rest
  }

  /// Name and parameters, which end at the first colon outside quotes, in upper case.
  var head: [UInt8] {
    var cursor = UnfoldedCursor(bytes)
    var isQuoted = false
    var out: [UInt8] = []
    while let byte = cursor.next(), byte != Byte.colon || isQuoted {
      if byte == Byte.quote { isQuoted.toggle() }
      out.append(Byte.upper(byte))
    }
    return out
  }

  /// The label that its CHARSET parameter gives (vCard 2.1, vCalendar 1.0), and where that stands, folds included.
  var charset: (range: Range<Int>, label: [UInt8])? {
    var cursor = UnfoldedCursor(bytes)
    var parameter: [UInt8] = []
    var value: Int?
    var label: [UInt8] = []
    var isQuoted = false
    var isName = true
    while true {
      let before = cursor.position
      guard let byte = cursor.next() else { return nil }
      if byte == Byte.quote { isQuoted.toggle() }
      if !isQuoted, byte == Byte.semicolon || byte == Byte.colon {
        if let value, !isName, parameter == Array("CHARSET".utf8) {
          return (value..<before, label.filter { $0 != Byte.quote })
        }
        if byte == Byte.colon { return nil }
        isName = false
        parameter = []
        label = []
        value = nil
      } else if value != nil {
        label.append(byte)
      } else if byte == Byte.equals {
        value = cursor.position
      } else {
        parameter.append(Byte.upper(byte))
      }
    }
  }

  /// Where the value begins: behind the first colon outside quotes; the line's end if there is none.
  var valueStart: Int {
    var cursor = UnfoldedCursor(bytes)
    return cursor.skipParameters() ? cursor.position : bytes.count
  }

  /// Whether it begins with a name (RFC 5545 §3.1: letters, digits, hyphens) and a colon or semicolon.
  func isProperty(mayHaveGroup: Bool = false) -> Bool {
    var cursor = UnfoldedCursor(bytes)
    if mayHaveGroup { cursor.skipGroup() }
    var length = 0
    while let byte = cursor.next() {
      if byte == Byte.colon || byte == Byte.semicolon { return length > 0 }
      let letter = Byte.upper(byte)
      guard letter >= 0x41 && letter <= 0x5A || Byte.isDigit(byte) || byte == UInt8(ascii: "-")
      else { return false }
      length += 1
    }
    return false
  }

  /// The property's name for an error; never its value.
  var excerpt: String {
    let end = bytes.firstIndex { $0 == Byte.colon || $0 == Byte.semicolon } ?? bytes.count
    return Bytes.excerpt(bytes.slice(0..<end))
  }
}

/// Walks a content line's bytes and leaves folds out.
struct UnfoldedCursor {
  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  /// How many bytes were passed; a fold that follows is not.
  var position: Int { index }

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func next() -> UInt8? {
    while index < bytes.count, bytes[index] == Byte.cr, index + 1 < bytes.count,
      bytes[index + 1] == Byte.lf
    {
      guard index + 2 < bytes.count else { return nil }
      guard Byte.isBlank(bytes[index + 2]) else { break }
      index += 3
    }
    guard index < bytes.count else { return nil }
    index += 1
    return bytes[index - 1]
  }

  var rest: [UInt8] {
    var copy = self
    var out: [UInt8] = []
    while let byte = copy.next() { out.append(byte) }
    return out
  }

  /// Goes behind the colon that ends the parameters; false if there is none.
  mutating func skipParameters() -> Bool {
    var isQuoted = false
    while let byte = next() {
      if byte == Byte.quote { isQuoted.toggle() }
      if byte == Byte.colon && !isQuoted { return true }
    }
    return false
  }

  /// Goes behind a vCard group (`item1.`) if there is one.
  mutating func skipGroup() {
    var copy = self
    while let byte = copy.next() {
      switch byte {
      case UInt8(ascii: "."):
        self = copy
        return
      case Byte.colon, Byte.semicolon, Byte.equals: return
      default: break
      }
    }
  }
}
