import Glibc

/// A character set that a property names in its CHARSET parameter, by the labels of the WHATWG Encoding Standard (§4.2) and
/// those of old telephones; `name` is what iconv(3) calls it.
struct Charset: Hashable {
  static let utf8 = Charset(name: "UTF-8")
  static let windows1252 = Charset(name: "CP1252")

  let name: String

  /// Whether text in it may be all ASCII bytes and yet mean something else.
  var isSevenBit: Bool { name.hasPrefix("ISO-2022") }

  private init(name: String) { self.name = name }

  /// nil for a label that nobody knows, and for US-ASCII, which says nothing about other bytes.
  init?(label: [UInt8]) {
    let label = String(decoding: Bytes.trimmed(label).map(Byte.lower), as: UTF8.self)
    for (name, labels) in Charset.labels where labels.contains(label) {
      self.init(name: name)
      return
    }
    for prefix in ["windows-125", "cp125", "x-cp125"] where label.hasPrefix(prefix) {
      guard label.count == prefix.count + 1, let digit = label.last, "0"..."8" ~= digit else {
        return nil
      }
      self.init(name: "CP125\(digit)")
      return
    }
    for prefix in ["iso-8859-", "iso8859-", "iso_8859-"] where label.hasPrefix(prefix) {
      guard let part = Int(label.dropFirst(prefix.count)),
        [2...8, 10...10, 13...16].contains(where: { $0 ~= part })
      else { return nil }
      self.init(name: "ISO-8859-\(part)")
      return
    }
    return nil
  }

  /// A list of what is allowed, since iconv_open(3) takes names for files.
  private static let labels: [(String, Set<String>)] = [
    ("UTF-8", ["utf-8", "utf8", "unicode-1-1-utf-8"]),
    ("CP1252", ["iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "ansi"]),
    ("CP1254", ["iso-8859-9", "latin5"]),
    ("CP874", ["iso-8859-11", "windows-874", "tis-620"]),
    ("CP932", ["shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "cp932"]),
    ("EUC-JP", ["euc-jp", "x-euc-jp"]),
    ("ISO-2022-JP", ["iso-2022-jp"]),
    ("GB18030", ["gb18030", "gbk", "x-gbk", "gb2312", "gb_2312-80", "cp936", "chinese"]),
    ("BIG5-HKSCS", ["big5", "big5-hkscs", "cn-big5"]),
    ("CP949", ["euc-kr", "ks_c_5601-1987", "ksc5601", "korean", "windows-949", "cp949"]),
    ("KOI8-R", ["koi8-r", "koi8"]),
    ("KOI8-U", ["koi8-u"]),
    ("IBM437", ["ibm437", "cp437"]),
    ("IBM850", ["ibm850", "cp850"]),
    ("IBM866", ["ibm866", "cp866"]),
    ("MACINTOSH", ["macintosh", "mac", "x-mac-roman"]),
  ]
}

/// Decodes text of one charset after the other; what was opened last stays open.
final class CharsetDecoder {
  private var open: (charset: Charset, handle: iconv_t)?

  deinit { close() }

  /// Appends the text as UTF-8. False, and nothing is appended, if the bytes are none of that charset.
  func append(_ bytes: UnsafeRawBufferPointer, in charset: Charset, to out: ByteBuffer) -> Bool {
    if charset == .windows1252 {
      TextEncoding.appendWindows1252(bytes, to: out)
      return true
    }
    guard let handle = handle(of: charset) else { return false }
    iconv(handle, nil, nil, nil, nil)
    let before = out.count
    var input = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
    var left = bytes.count
    while true {
      var status = 0
      let wasLeft = left
      let piece = [CChar](unsafeUninitializedCapacity: 16_384) { buffer, count in
        var output = buffer.baseAddress
        var room = buffer.count
        status = iconv(handle, &input, &left, &output, &room)
        count = buffer.count - room
      }
      piece.withUnsafeBytes { out.append($0) }
      if left == 0 && status >= 0 { return true }
      guard status < 0, errno == E2BIG, left < wasLeft || !piece.isEmpty else {
        out.truncate(to: before)
        return false
      }
    }
  }

  private func handle(of charset: Charset) -> iconv_t? {
    if let open, open.charset == charset { return open.handle }
    close()
    let handle = iconv_open(Charset.utf8.name, charset.name)
    guard let handle, handle != iconv_t(bitPattern: -1) else { return nil }
    open = (charset, handle)
    return handle
  }

  private func close() {
    if let open { iconv_close(open.handle) }
    open = nil
  }
}
