extension UInt8 {
  /// Whether it is one of `A-Z a-z 0-9`.
  public var isAlphanumeric: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  /// Whether an archive's name may hold it: a letter, a digit, or one of `. _ -`.
  public var isArchiveNameByte: Bool {
    isAlphanumeric
      || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains(self)
  }
}
