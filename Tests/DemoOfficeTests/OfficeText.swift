import DemoOffice
import OfficeModel

/// Documents of a sample office as a test reads them.
enum OfficeText {
  /// A document's bytes.
  static func document(
    _ office: DemoOffice, _ area: Area, _ index: Int
  ) throws(OfficeError) -> [UInt8] {
    var bytes: [UInt8] = []
    try office.write(area, at: index) { piece throws(OfficeError) in
      bytes.append(contentsOf: piece)
    }
    return bytes
  }

  /// A document as text.
  static func text(
    _ office: DemoOffice, _ area: Area, _ index: Int
  ) throws(OfficeError) -> String {
    String(decoding: try document(office, area, index), as: UTF8.self)
  }

  /// The digest of all documents, users and areas in the order given by the functions.
  static func digest(_ office: DemoOffice) throws(OfficeError) -> String {
    var stream = DigestStream()
    for index in 0..<office.userCount {
      for area in Area.allCases {
        try office.write(area, at: index) { piece throws(OfficeError) in stream.update(piece) }
      }
    }
    return stream.finish().description
  }

  /// The events of a calendar by UID: all components of one UID, unfolded, one after the other.
  static func events(_ calendar: String) -> [String: String] {
    var out: [String: String] = [:]
    var component: [Substring] = []
    var uid = ""
    let unfolded = unfolded(calendar)
    for line in unfolded.split(separator: "\r\n") {
      if line == "BEGIN:VEVENT" { component = [] }
      if line.hasPrefix("UID:") { uid = String(line.dropFirst(4)) }
      component.append(line)
      if line == "END:VEVENT" { out[uid, default: ""] += component.joined(separator: "\n") + "\n" }
    }
    return out
  }

  private static func unfolded(_ text: String) -> String {
    var out: [UInt8] = []
    for byte in text.utf8 {
      out.append(byte)
      if byte == 32, out.suffix(3) == [13, 10, 32] { out.removeLast(3) }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The messages of a mailbox: what follows the head, by Message-ID.
  static func messages(_ mailbox: String) -> [String: String] {
    var out: [String: String] = [:]
    var head = true
    var identifier = ""
    var body: [Substring] = []
    func close() {
      while body.last?.isEmpty == true { body.removeLast() }
      if !identifier.isEmpty { out[identifier] = body.joined(separator: "\n") }
    }
    // "\r\n" is one Character, so lines keep what they end with apart from the line feed alone.
    let lines = mailbox.split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" })
    for line in lines {
      if line.hasPrefix("From ") {
        close()
        (head, identifier, body) = (true, "", [])
      }
      if line.hasPrefix("Date: ") { head = false }
      if line.hasPrefix("Message-ID: ") { identifier = String(line.dropFirst(12)) }
      if !head { body.append(line) }
    }
    close()
    return out
  }
}
