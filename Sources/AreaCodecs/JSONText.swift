extension JSONScanner {
  /// What the inside of a string says, escapes resolved, as UTF-8. Half a surrogate pair is given as its three bytes, which
  /// are not UTF-8 but tell keys apart.
  static func text(of content: ArraySlice<UInt8>) -> [UInt8] {
    guard content.contains(UInt8(ascii: "\\")) else { return Array(content) }
    let out = ByteBuffer()
    var index = content.startIndex
    while index < content.endIndex {
      let byte = content[index]
      index += 1
      guard byte == UInt8(ascii: "\\"), index < content.endIndex else {
        out.append(byte)
        continue
      }
      let escape = content[index]
      index += 1
      switch escape {
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0C)
      case UInt8(ascii: "n"): out.append(Byte.lf)
      case UInt8(ascii: "r"): out.append(Byte.cr)
      case UInt8(ascii: "t"): out.append(Byte.tab)
      case UInt8(ascii: "u"):
        var unit = self.unit(content, at: index)
        index += 4
        if unit >= 0xD800 && unit < 0xDC00, content[index...].starts(with: Array("\\u".utf8)) {
          let low = self.unit(content, at: index + 2)
          if low >= 0xDC00 && low < 0xE000 {
            unit = 0x1_0000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            index += 6
          }
        }
        TextEncoding.append(unit, to: out)
      default: out.append(escape)
      }
    }
    return Array(out.bytes)
  }

  static func hexadecimal(_ digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(digit - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(digit - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private static func unit(_ content: ArraySlice<UInt8>, at index: Int) -> UInt32 {
    content[index..<min(index + 4, content.endIndex)]
      .reduce(0) { $0 << 4 | (hexadecimal($1) ?? 0) }
  }
}

/// JSON strings (RFC 8259 section 7) as we write them.
public enum JSONText {
  /// The text in quotation marks; only what has to be escaped is.
  public static func quoted(_ text: String) -> [UInt8] {
    var out: [UInt8] = [Byte.quote]
    for byte in text.utf8 {
      switch byte {
      case Byte.quote, UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
      case Byte.lf: out += Array("\\n".utf8)
      case Byte.cr: out += Array("\\r".utf8)
      case Byte.tab: out += Array("\\t".utf8)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        out += Array("\\u00\(digits.count == 1 ? "0" : "")\(digits)".utf8)
      default: out.append(byte)
      }
    }
    return out + [Byte.quote]
  }
}
