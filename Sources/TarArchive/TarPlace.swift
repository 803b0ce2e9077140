/// A place in an archive, as an administrator can find it.
public struct TarPlace: Sendable, Equatable {
  /// The entry, counted from 1; the one after the last where the end is meant.
  public var entry: Int
  /// Bytes from the start of the file to the header, padding or end block that is meant.
  public var offset: Int64
  /// The entry's name as far as it was read; bytes of unknown origin.
  public var path: [UInt8]?

  public init(entry: Int, offset: Int64, path: [UInt8]? = nil) {
    self.entry = entry
    self.offset = offset
    self.path = path
  }
}

extension TarPlace: CustomStringConvertible {
  /// As in `entry 3 (alice/user.json) at byte 2048`; control characters and bytes that are not UTF-8 are escaped.
  public var description: String {
    guard let path, !path.isEmpty else { return "entry \(entry) at byte \(offset)" }
    return "entry \(entry) (\(TarPlace.escaped(path))) at byte \(offset)"
  }

  /// The longest part of a name that is shown, in bytes.
  private static let shown = 255

  private static func escaped(_ path: [UInt8]) -> String {
    let bytes = path.prefix(shown)
    let rest = path.count > shown ? "…" : ""
    if let text = String(validating: bytes, as: UTF8.self),
      !text.unicodeScalars.contains(where: { TarName.isControl($0) })
    {
      return text + rest
    }
    var out = ""
    for byte in bytes {
      if byte >= 0x20 && byte < 0x7F {
        out.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        out += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return out + rest
  }
}
