import OfficeModel

/// A message's header block while it is read: held whole, since the item's head and name come from it.
final class MailHeader {
  let block = ByteBuffer()
  private var messageID: [UInt8]?
  private var date: [UInt8]?
  private var contentType: [UInt8]?
  private var contentLength: [UInt8]?
  private var isTop = true
  /// Where the lines that servers add and change at the top end.
  private(set) var top = 0
  private var field = Field.other
  private(set) var usesCRLF = false

  private enum Field { case messageID, date, type, length, top, other }

  func removeAll() {
    block.removeAll()
    messageID = nil
    date = nil
    contentType = nil
    contentLength = nil
    isTop = true
    top = 0
    field = .other
    usesCRLF = false
  }

  /// The Message-ID without blanks around it; nil if there is none.
  var natural: [UInt8]? {
    guard let messageID else { return nil }
    let trimmed = Bytes.trimmed(messageID)
    return trimmed.isEmpty ? nil : trimmed
  }

  /// What the Date field says.
  var moment: MailDate? { date?.withUnsafeBytes { MailDate($0) } }

  /// The parts that the body has, and how long it says it is.
  var extent: MailExtent {
    var extent = MailExtent()
    if let contentType, let boundary = contentType.withUnsafeBytes(MailDelimiter.boundary) {
      extent.delimiter = MailDelimiter(boundary: boundary)
    }
    if let contentLength, contentLength.count <= 15, contentLength.allSatisfy(Byte.isDigit) {
      extent.length = contentLength.reduce(0) { $0 * 10 + Int($1 & 0x0F) }
    }
    return extent
  }

  /// Adds one line with its end.
  func append(_ line: UnsafeRawBufferPointer) {
    let isContinuation = line.first.map(Byte.isBlank) ?? false
    if !isContinuation { field = kind(of: line) }
    block.append(line)
    if line.last == Byte.lf { usesCRLF = line.count > 1 && line[line.count - 2] == Byte.cr }
    switch field {
    case .messageID: add(line, isContinuation, to: &messageID)
    case .date: add(line, isContinuation, to: &date)
    case .type: add(line, isContinuation, to: &contentType)
    case .length: add(line, isContinuation, to: &contentLength)
    case .top, .other: break
    }
    if field != .top { isTop = false }
    if isTop { top = block.count }
  }

  /// Ends a last line that has no end.
  func endLine() {
    if usesCRLF { block.append(Byte.cr) }
    block.append(Byte.lf)
    if isTop { top = block.count }
  }

  private func add(
    _ line: UnsafeRawBufferPointer, _ isContinuation: Bool, to value: inout [UInt8]?
  ) {
    if isContinuation {
      // Folded values that no writer has are not collected.
      guard value.map({ $0.count < 16_384 }) ?? false else { return }
      value?.append(contentsOf: line.trimmed)
    } else if let colon = line.first(Byte.colon, from: 0) {
      value = Array(line.slice(from: colon + 1).trimmed)
    }
  }

  private func kind(of line: UnsafeRawBufferPointer) -> Field {
    switch line.first.map(Byte.lower) {
    case UInt8(ascii: "m") where messageID == nil && named("message-id", line): .messageID
    case UInt8(ascii: "c") where contentType == nil && named("content-type", line): .type
    case UInt8(ascii: "c") where contentLength == nil && named("content-length", line): .length
    case UInt8(ascii: "d") where date == nil && named("date", line): .date
    case UInt8(ascii: "d") where isTop && named("delivered-to", line): .top
    case UInt8(ascii: "r") where isTop && (named("received", line) || named("return-path", line)):
      .top
    case UInt8(ascii: "s") where isTop && named("status", line): .top
    case UInt8(ascii: "x") where isTop && (named("x-status", line) || named("x-folder", line)): .top
    default: .other
    }
  }

  private func named(_ name: StaticString, _ line: UnsafeRawBufferPointer) -> Bool {
    let length = name.utf8CodeUnitCount
    guard line.count > length, line[length] == Byte.colon else { return false }
    for index in 0..<length where Byte.lower(line[index]) != name.utf8Start[index] { return false }
    return true
  }
}
