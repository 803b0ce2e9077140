import OfficeModel

/// Puts a property's text into UTF-8.
///
/// In this order, as everybody reads it: UTF-8 if the document has its byte order mark and the property is that; the
/// CHARSET that the property names; UTF-8 if it is that; else the charset that the object names elsewhere, or windows-1252.
/// A property that was converted names UTF-8 afterwards. Quoted-printable stays as it is, together with the CHARSET of what
/// it stands for.
final class PropertyText {
  enum Outcome {
    /// Stays as it is.
    case kept
    /// Now stands in `converted`, read as what the property named.
    case declared(label: [UInt8])
    /// Neither UTF-8 nor what it says.
    case foreign
  }

  let converted = ByteBuffer()
  private let rewritten = ByteBuffer()
  private let decoder = CharsetDecoder()

  /// Looks at one logical line. `isUnicode`: the document's own mark told its charset.
  func convert(_ line: ContentLine, isQuotedPrintable: Bool, isUnicode: Bool) -> Outcome {
    let bytes = line.bytes
    let isASCII = TextEncoding.isASCII(bytes)
    if isASCII && bytes.first(0x1B, from: 0) == nil { return .kept }
    let named = line.charset
    let charset = named.flatMap { Charset(label: $0.label) }
    if let named, let charset, charset != .utf8, !isASCII || charset.isSevenBit {
      if isQuotedPrintable {
        if PropertyText.isUTF8(bytes) { return .kept }
        if escape(line) { return .declared(label: named.label) }
      } else if isUnicode, PropertyText.isUTF8(bytes) {
        rewrite(bytes, named.range, to: converted)
        return .declared(label: named.label)
      } else if decode(line, in: charset) {
        return .declared(label: named.label)
      }
    }
    return PropertyText.isUTF8(bytes) ? .kept : .foreign
  }

  /// Puts into `converted` what the property is in `charset`; false if it is not in it.
  func decode(_ line: ContentLine, in charset: Charset) -> Bool {
    var bytes = line.bytes
    if let named = line.charset {
      rewrite(bytes, named.range, to: rewritten)
      bytes = rewritten.bytes
    }
    converted.removeAll()
    if decoder.append(bytes, in: charset, to: converted) { return true }
    // Folding may have cut a character in two.
    let unfolded = UnfoldedCursor(bytes).rest
    let isWhole = unfolded.withUnsafeBytes { decoder.append($0, in: charset, to: converted) }
    if isWhole { converted.appendLineEnd() }
    return isWhole
  }

  /// The bytes are UTF-8, or would be if octet folding (RFC 5545 §3.1) had not cut a character in two.
  private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    TextEncoding.isUTF8(bytes)
      || UnfoldedCursor(bytes).rest.withUnsafeBytes { TextEncoding.isUTF8($0) }
  }

  private func rewrite(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, to out: ByteBuffer) {
    out.removeAll()
    out.append(bytes.slice(0..<range.lowerBound))
    out.append(Array(Charset.utf8.name.utf8))
    out.append(bytes.slice(from: range.upperBound))
  }

  /// Puts bytes that quoted-printable should have encoded into that form: they are in the same charset as the rest.
  private func escape(_ line: ContentLine) -> Bool {
    let value = line.valueStart
    guard TextEncoding.isASCII(line.bytes.slice(0..<value)) else { return false }
    let digits = Array("0123456789ABCDEF".utf8)
    converted.removeAll()
    for byte in line.bytes {
      if byte < 0x80 {
        converted.append(byte)
      } else {
        converted.append([Byte.equals, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      }
    }
    return true
  }
}
