/// The type flags of a header (POSIX.1-2001 pax, GNU tar) that an office archive may hold.
enum TarKind {
  static let file = UInt8(ascii: "0")
  static let oldFile: UInt8 = 0
  static let directory = UInt8(ascii: "5")
  static let pax = UInt8(ascii: "x")
  static let globalPax = UInt8(ascii: "g")
  static let longName = UInt8(ascii: "L")
  static let longLink = UInt8(ascii: "K")

  /// What the others are called in a refusal.
  static func refusal(of kind: UInt8) -> String {
    switch kind {
    case UInt8(ascii: "1"): "it is a hard link"
    case UInt8(ascii: "2"): "it is a symbolic link"
    case UInt8(ascii: "3"), UInt8(ascii: "4"): "it is a device"
    case UInt8(ascii: "6"): "it is a FIFO"
    case UInt8(ascii: "S"): "it is a sparse file"
    case UInt8(ascii: "M"), UInt8(ascii: "V"): "it is a part of a multi-volume archive"
    default: "its type flag \(kind) is none that an office archive holds"
    }
  }
}
