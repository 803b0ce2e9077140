import OfficeModel

/// Writes a JSON object canonically.
struct ObjectWriter {
  private let document: JSONDocument
  /// Set for user.json: the id to write.
  private let user: UserID?
  private(set) var report: DocumentReport

  init(document: JSONDocument, user: UserID?, report: DocumentReport) {
    self.document = document
    self.user = user
    self.report = report
  }

  /// The object's canonical bytes.
  mutating func write() -> [UInt8] {
    var members: [[UInt8]] = []
    var hasID = false
    var at = 1
    while document.tokens[at].kind == .key {
      let key = document.tokens[at]
      let value = at + 1
      let name = JSONScanner.text(of: document.bytes[key.start + 1..<key.end - 1])
      at = document.tokens[value].next
      if isDropped(name, key) { continue }
      var member = Array(document.bytes[key.start..<key.end]) + [Byte.colon]
      if let user, name == Array("id".utf8) {
        hasID = true
        let id = ObjectWriter.quoted(user)
        if document.bytes[document.tokens[value].start..<document.tokens[at - 1].end] != id[...] {
          let document = document
          report.note(.idRewritten, line: document.line(at: key.start))
        }
        member += id
      } else {
        append(from: value, to: at, &member)
      }
      members.append(member)
    }
    if let user, !hasID {
      report.note(.idAdded, line: 1)
      members.insert(Array("\"id\":".utf8) + ObjectWriter.quoted(user), at: 0)
    }
    if members.isEmpty { return Array("{}\n".utf8) }
    return Array("{\n".utf8) + Array(members.joined(separator: Array(",\n".utf8)))
      + Array("\n}\n".utf8)
  }

  /// Ids need no escapes.
  private static func quoted(_ user: UserID) -> [UInt8] {
    [Byte.quote] + Array(user.text.utf8) + [Byte.quote]
  }

  private mutating func isDropped(_ name: [UInt8], _ key: JSONDocument.Token) -> Bool {
    guard user != nil, SecretName.matches(name) else { return false }
    let document = document
    report.note(
      .secretDropped, line: document.line(at: key.start),
      subject: Escaped.line(name.prefix(64)))
    return true
  }

  private mutating func append(from start: Int, to end: Int, _ out: inout [UInt8]) {
    var needsComma: [Bool] = []
    var isBehindKey = true
    var at = start
    while at < end {
      let token = document.tokens[at]
      if token.kind == .close {
        needsComma.removeLast()
        out.append(contentsOf: document.bytes[token.start..<token.end])
        at += 1
        continue
      }
      if token.kind == .key {
        let name = JSONScanner.text(of: document.bytes[token.start + 1..<token.end - 1])
        if isDropped(name, token) {
          at = document.tokens[at + 1].next
          continue
        }
      }
      if !isBehindKey, let last = needsComma.last {
        if last { out.append(UInt8(ascii: ",")) }
        needsComma[needsComma.count - 1] = true
      }
      out.append(contentsOf: document.bytes[token.start..<token.end])
      isBehindKey = token.kind == .key
      if isBehindKey { out.append(Byte.colon) }
      if token.kind == .object || token.kind == .array { needsComma.append(false) }
      at += 1
    }
  }
}
