import TarArchive

/// A header that can lie: every field is given as it shall stand there, only the checksum is right unless told otherwise.
struct ForgedHeader {
  var name: [UInt8]
  var kind: UInt8 = UInt8(ascii: "0")
  var size: [UInt8]
  var mtime: [UInt8] = Array("00000000000\u{0}".utf8)
  var link: [UInt8] = []
  var magic: [UInt8] = Array("ustar\u{0}00".utf8)
  var prefix: [UInt8] = []
  /// Added to the right checksum.
  var sumError = 0

  init(_ name: [UInt8], kind: Character = "0", size: Int64 = 0) {
    self.name = name
    self.kind = kind.asciiValue ?? 0
    self.size = ForgedHeader.octal(size)
  }

  init(_ name: String, kind: Character = "0", size: Int64 = 0) {
    self.init(Array(name.utf8), kind: kind, size: size)
  }

  static func octal(_ value: Int64, digits: Int = 11) -> [UInt8] {
    let text = String(value, radix: 8)
    return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8) + [0]
  }

  var bytes: [UInt8] {
    var out = [UInt8](repeating: 0, count: 512)
    func put(_ field: [UInt8], _ start: Int, _ length: Int) {
      let piece = field.prefix(length)
      out.replaceSubrange(start..<start + piece.count, with: piece)
    }
    put(name, 0, 100)
    put(ForgedHeader.octal(0o600, digits: 7), 100, 8)
    put(ForgedHeader.octal(0, digits: 7), 108, 8)
    put(ForgedHeader.octal(0, digits: 7), 116, 8)
    put(size, 124, 12)
    put(mtime, 136, 12)
    put(Array("        ".utf8), 148, 8)
    out[156] = kind
    put(link, 157, 100)
    put(magic, 257, 8)
    put(prefix, 345, 155)
    let sum = out.reduce(0) { $0 + Int($1) } + sumError
    put(ForgedHeader.octal(Int64(sum), digits: 6), 148, 7)
    return out
  }
}

/// An archive put together from headers that can lie.
struct ForgedTar {
  var bytes: [UInt8] = []

  mutating func add(_ header: ForgedHeader, data: [UInt8] = []) {
    bytes += header.bytes + data
    bytes += [UInt8](repeating: 0, count: Int(TarLayout.padding(size: Int64(data.count))))
  }

  mutating func add(_ name: String, _ text: String) { add(Array(name.utf8), text) }

  mutating func add(_ name: [UInt8], _ text: String) {
    let data = Array(text.utf8)
    add(ForgedHeader(name, size: Int64(data.count)), data: data)
  }

  /// A pax header in front of what is added next.
  mutating func pax(_ records: [(String, [UInt8])], kind: Character = "x") {
    let data = records.flatMap { ForgedTar.record($0.0, $0.1) }
    add(ForgedHeader("PaxHeader", kind: kind, size: Int64(data.count)), data: data)
  }

  static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = Array(" \(key)=".utf8) + value + Array("\n".utf8)
    var digits = 1
    while String(rest.count + digits).utf8.count > digits { digits += 1 }
    return Array(String(rest.count + digits).utf8) + rest
  }

  /// With the end blocks.
  var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
