import OfficeModel

/// A JSON text (RFC 8259) as a flat list of tokens: checked strictly, read without recursion, kept verbatim.
public struct JSONDocument: Sendable {
  /// What a token is.
  enum Kind: Sendable { case object, array, close, key, string, number, literal }

  /// One token. Containers are an opening token, what they hold, and a `close`.
  struct Token: Sendable {
    var kind: Kind
    var start: Int
    var end: Int
    /// The token behind this value: for a container behind its close.
    var next: Int
  }

  /// The text.
  public let bytes: [UInt8]
  let tokens: [Token]

  /// Reads a whole text. Throws `.badArchive` with the line for what is no JSON, not UTF-8 or has a key twice in one object,
  /// and `.tooLarge` for more than `limits.jsonBytes` or nesting deeper than `limits.depth`.
  public init(_ bytes: [UInt8], limits: Limits) throws(OfficeError) {
    guard bytes.count <= limits.jsonBytes else {
      throw Refusal.tooLarge("JSON larger than \(limits.jsonBytes) bytes", line: 1)
    }
    guard bytes.withUnsafeBytes({ TextEncoding.isUTF8($0) }) else {
      throw Refusal.unframed("JSON that is not UTF-8", line: JSONDocument.invalidLine(bytes))
    }
    var scanner = JSONScanner(bytes: bytes, depth: limits.depth)
    tokens = try scanner.scan()
    self.bytes = bytes
  }

  /// The text's one value.
  public var root: JSONValue { JSONValue(document: self, index: 0) }

  /// The line of a place in the text, from 1.
  func line(at offset: Int) -> Int { 1 + bytes.prefix(offset).count { $0 == Byte.lf } }

  /// The first line that is not UTF-8. No character holds a line feed, so lines can be judged alone.
  private static func invalidLine(_ bytes: [UInt8]) -> Int {
    var number = 1
    for line in bytes.split(separator: Byte.lf, omittingEmptySubsequences: false) {
      if !line.withUnsafeBytes({ TextEncoding.isUTF8($0) }) { return number }
      number += 1
    }
    return number
  }
}

/// One value of a JSON text.
public struct JSONValue: Sendable {
  let document: JSONDocument
  let index: Int

  private var token: JSONDocument.Token { document.tokens[index] }

  /// Whether it is an object.
  public var isObject: Bool { token.kind == .object }

  /// An object's members in the order of the text, names without escapes; nil for anything else.
  public var members: [(name: [UInt8], value: JSONValue)]? {
    guard isObject else { return nil }
    var out: [(name: [UInt8], value: JSONValue)] = []
    var at = index + 1
    while document.tokens[at].kind == .key {
      let name = JSONScanner.text(of: document.bytes[content(of: at)])
      out.append((name, JSONValue(document: document, index: at + 1)))
      at = document.tokens[at + 1].next
    }
    return out
  }

  /// An array's elements; nil for anything else.
  public var elements: [JSONValue]? {
    guard token.kind == .array else { return nil }
    var out: [JSONValue] = []
    var at = index + 1
    while document.tokens[at].kind != .close {
      out.append(JSONValue(document: document, index: at))
      at = document.tokens[at].next
    }
    return out
  }

  /// The member of that name; nil if there is none or this is no object.
  public subscript(name: String) -> JSONValue? {
    members?.first { $0.name.elementsEqual(name.utf8) }?.value
  }

  /// A string's text; nil for anything else and for half a surrogate pair.
  public var string: String? {
    guard token.kind == .string else { return nil }
    return String(
      validating: JSONScanner.text(of: document.bytes[content(of: index)]), as: UTF8.self)
  }

  /// A number written as an integer that fits; nil for anything else.
  public var integer: Int? {
    guard token.kind == .number else { return nil }
    return Int(String(decoding: raw, as: UTF8.self))
  }

  /// The value's bytes as they stand in the text.
  public var raw: ArraySlice<UInt8> {
    let last = document.tokens[token.next - 1]
    return document.bytes[token.start..<last.end]
  }

  private func content(of index: Int) -> Range<Int> {
    let token = document.tokens[index]
    return token.start + 1..<token.end - 1
  }
}
