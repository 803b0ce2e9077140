/// Which names of entries are taken.
enum TarName {
  /// The name without leading `./`; empty for a directory that is the archive's own root.
  ///
  /// Throws if the name could mean another place than it says, or could not be shown in one line.
  static func checked(_ name: [UInt8], isDirectory: Bool) throws(TarFault) -> [UInt8] {
    var start = 0
    while name.count - start >= 2, name[start] == dot, name[start + 1] == slash { start += 2 }
    var rest = name[start...]
    if isDirectory {
      if rest.count > 1, rest.last == slash { rest = rest.dropLast() }
      if rest.isEmpty && start > 0 || rest.count == 1 && rest.first == dot { return [] }
    }
    guard let first = rest.first else { throw .unsupported("its name is empty") }
    guard first != slash else { throw .unsupported("its name is absolute") }
    var part = rest.startIndex
    for index in rest.startIndex...rest.endIndex
    where index == rest.endIndex || rest[index] == slash {
      switch index - part {
      case 0: throw .unsupported("its name holds an empty part")
      case 1 where rest[part] == dot: throw .unsupported("its name holds a part `.`")
      case 2 where rest[part] == dot && rest[part + 1] == dot:
        throw .unsupported("its name holds a part `..`")
      default: part = index + 1
      }
    }
    guard let text = String(validating: rest, as: UTF8.self) else {
      throw .unsupported("its name is not valid UTF-8")
    }
    guard !text.unicodeScalars.contains(where: { isControl($0) }) else {
      throw .unsupported("its name holds a control character")
    }
    return Array(rest)
  }

  /// C0, DEL and C1 (Unicode general category Cc).
  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
  }

  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")
}

/// The names that an archive has shown so far, as 64 bits each: a million take some 17 MB.
///
/// Names are the same if their bytes are, or their normal forms (NFC): String hashes by canonical equivalence.
/// Hasher's seed is random, so a collision can't be made on purpose; among a million names one happens by chance once in
/// 37 million archives, and the next try, with another seed, takes it.
struct TarNames {
  private var marks: Set<Int> = []

  /// False if the name was there before. `name` is valid UTF-8.
  mutating func insert(_ name: [UInt8]) -> Bool {
    let text = String(decoding: name, as: UTF8.self)
    var hasher = Hasher()
    hasher.combine(text)
    return marks.insert(hasher.finalize()).inserted
  }
}
