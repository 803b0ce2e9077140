import AreaCodecs
import OfficeModel

// As items of the office's cell, one line each: a member added or removed is one item that changed.

extension OfficeRecord {
  /// Reads what a view has of them; empty where it has none. Throws `.inputOutput` on damage.
  public init(of view: any OfficeView) throws(OfficeError) {
    guard let user = try view.user(.office), let cell = try view.cells(of: user.number).first,
      cell.size > 0
    else {
      self.init()
      return
    }
    var document = [UInt8](repeating: 0, count: Int(cell.size))
    try document.withUnsafeMutableBufferPointer { (buffer) throws(OfficeError) in
      try view.read(cell, at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    try self.init(document: document)
  }

  /// Reads the cell's document. Throws `.inputOutput` for lines that we never wrote.
  public init(document bytes: [UInt8]) throws(OfficeError) {
    self.init()
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      guard fields.count == 3 else { throw OfficeRecord.damage(line) }
      do throws(OfficeError) {
        switch String(decoding: fields[0], as: UTF8.self) {
        case "group":
          try add(try GroupName(fields[1]), try Entry(fields[2]))
        case "backup-member":
          try add(try UserID(fields[1]), to: .backup, try Entry(fields[2]))
        case "member":
          let rest = fields[2].split(separator: UInt8(ascii: " "), maxSplits: 1)
          guard rest.count == 2 else { throw OfficeRecord.damage(line) }
          try add(
            try UserID(rest[0]), to: .group(try GroupName(fields[1])), try Entry(rest[1]))
        case "setting":
          let rest = fields[2].split(separator: UInt8(ascii: " "), maxSplits: 1)
          guard rest.count == 2, let seconds = Int64(String(decoding: rest[0], as: UTF8.self)),
            let file = SettingsFile(rawValue: String(decoding: fields[1], as: UTF8.self)),
            let text = try JSONDocument(Array(rest[1]), limits: OfficeRecord.limits).root.string
          else { throw OfficeRecord.damage(line) }
          texts[file] = Text(content: text, seconds: seconds)
        default: throw OfficeRecord.damage(line)
        }
      } catch {
        throw OfficeRecord.damage(line)
      }
    }
  }

  /// Writes the items, in the order in which the document has them.
  public func write(to sink: any ItemSink) throws(OfficeError) {
    for (key, value) in items {
      try sink.write(key + [UInt8(ascii: " ")] + value + [UInt8(ascii: "\n")])
      try sink.end(ItemKey(natural: key))
    }
  }

  /// Whether an item of the cell, by its natural key, says that this user is a member of anything, in whatever case.
  public static func isMember(_ id: UserID, item key: [UInt8]) -> Bool {
    let fields = key.split(separator: UInt8(ascii: " "))
    guard let name = fields.last, let member = try? UserID(name) else { return false }
    switch (String(decoding: fields[0], as: UTF8.self), fields.count) {
    case ("member", 3), ("backup-member", 2): return member.folded == id.folded
    default: return false
    }
  }

  private var items: [(key: [UInt8], value: [UInt8])] {
    var items: [(key: [UInt8], value: [UInt8])] = []
    for (name, entry) in groups {
      items.append((Array("group \(name)".utf8), entry.bytes))
      for (id, member) in members(of: .group(name)) ?? [:] {
        items.append((Array("member \(name) \(id)".utf8), member.bytes))
      }
    }
    for (id, member) in members(of: .backup) ?? [:] {
      items.append((Array("backup-member \(id)".utf8), member.bytes))
    }
    for (file, text) in texts {
      items.append(
        (
          Array("setting \(file.rawValue)".utf8),
          Array("\(text.seconds) ".utf8) + JSONText.quoted(text.content)
        ))
    }
    return items.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  private static func damage(_ line: ArraySlice<UInt8>) -> OfficeError {
    OfficeError(
      .inputOutput, "the office's groups and settings are damaged",
      item: Escaped.line(line.prefix(80)))
  }

  /// For our own JSON: texts of any size we take.
  static let limits: Limits = {
    var limits = Limits()
    limits.jsonBytes = 256 << 20
    return limits
  }()
}

extension OfficeRecord.Entry {
  fileprivate init(_ bytes: ArraySlice<UInt8>) throws(OfficeError) {
    let fields = bytes.split(separator: UInt8(ascii: " ")).map {
      Int64(String(decoding: $0, as: UTF8.self))
    }
    guard fields.count == 2, let number = fields[0], let seconds = fields[1] else {
      throw OfficeError(.inputOutput, "not a number and a time")
    }
    self.init(number: number, seconds: seconds)
  }

  fileprivate var bytes: [UInt8] { Array("\(number) \(seconds)".utf8) }
}
