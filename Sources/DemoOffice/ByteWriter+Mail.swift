/// Header words and encodings of messages (RFC 2045, 2047, 2231).
extension ByteWriter {
  /// `<0123456789abcdef@office.example>`
  mutating func put(messageID identifier: UInt64) {
    put("<")
    put(hexadecimal: identifier)
    put("@")
    put(Person.domain)
    put(">")
  }

  /// A display name and an address.
  mutating func put(_ correspondent: Mail.Correspondent, isUTF8: Bool) {
    if !correspondent.name.isEmpty {
      put(unstructured: correspondent.name, isUTF8: isUTF8)
      put(" ")
    }
    put("<")
    put(correspondent.address)
    put(">")
  }

  /// Text as encoded words of at most 75 bytes if it is not ASCII and may not be sent as it is.
  mutating func put(unstructured text: String, isUTF8: Bool) {
    if isUTF8 || text.utf8.allSatisfy({ $0 < 0x80 }) {
      put(text)
      return
    }
    let bytes = Array(text.utf8)
    // Q is readable where only a few letters need it.
    let isMostlyASCII = bytes.reduce(0) { $0 + ($1 < 0x80 ? 1 : 0) } * 4 > bytes.count * 3
    let most = isMostlyASCII ? 21 : 45
    var start = 0
    while start < bytes.count {
      var end = min(start + most, bytes.count)
      while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
      if start > 0 {
        self.end()
        put(" ")
      }
      if isMostlyASCII {
        put("=?UTF-8?Q?")
        for byte in bytes[start..<end] {
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            put(byte)
          case UInt8(ascii: " "): put("_")
          default: put(escape: UInt8(ascii: "="), byte)
          }
        }
      } else {
        put("=?UTF-8?B?")
        put(base64Line: bytes[start..<end])
      }
      put("?=")
      start = end
    }
  }

  /// A byte as `=E4` or `%E4`.
  mutating func put(escape mark: UInt8, _ byte: UInt8) {
    put(mark)
    for digit in [byte >> 4, byte & 15] {
      put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") - 10 + digit)
    }
  }

  /// A parameter's value as RFC 2231 has it.
  mutating func put(percentEncoded text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): put(byte)
      default: put(escape: UInt8(ascii: "%"), byte)
      }
    }
  }

  /// A line in quoted-printable, with soft breaks so that no physical line is longer than 76.
  mutating func put(quotedPrintable line: [UInt8]) {
    var width = 0
    let hidesFrom = line.starts(with: "From ".utf8)
    for (place, byte) in line.enumerated() {
      let isSafe =
        (byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "="))
        && !(place == line.count - 1 && byte == 0x20) && !(place == 0 && hidesFrom)
      if width + (isSafe ? 1 : 3) > 75 {
        put("=")
        end()
        width = 0
      }
      if isSafe { put(byte) } else { put(escape: UInt8(ascii: "="), byte) }
      width += isSafe ? 1 : 3
    }
    end()
  }

  /// Bytes in lines of base64.
  mutating func put(base64 content: [UInt8]) {
    var start = 0
    while start < content.count {
      let stop = min(start + 57, content.count)
      put(base64Line: content[start..<stop])
      end()
      start = stop
    }
  }

  /// Bytes in base64 without a line end.
  mutating func put(base64Line line: ArraySlice<UInt8>) {
    var index = line.startIndex
    while index < line.endIndex {
      let left = line.endIndex - index
      let second = left > 1 ? line[index + 1] : 0
      let third = left > 2 ? line[index + 2] : 0
      put(Base64.digits[Int(line[index] >> 2)])
      put(Base64.digits[Int(line[index] & 3) << 4 | Int(second >> 4)])
      put(left > 1 ? Base64.digits[Int(second & 15) << 2 | Int(third >> 6)] : UInt8(ascii: "="))
      put(left > 2 ? Base64.digits[Int(third & 63)] : UInt8(ascii: "="))
      index += 3
    }
  }
}

/// RFC 4648 §4
enum Base64 {
  static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
