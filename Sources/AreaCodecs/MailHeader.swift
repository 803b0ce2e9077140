import OfficeModel

/// A message's header block while it is read: held whole, since the item's head and name come from it.
final class MailHeader {
  let block = ByteBuffer()
  private var messageID: [UInt8]?
  private var date: [UInt8]?
  private var isTop = true
  /// Where the lines that servers add and change at the top end.
  private(set) var top = 0
  private var field = Field.other
  private(set) var usesCRLF = false

  private enum Field { case messageID, date, top, other }

  func removeAll() {
    block.removeAll()
    messageID = nil
    date = nil
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

  /// Adds one line with its end.
  func append(_ line: UnsafeRawBufferPointer) {
    let isContinuation = line.first.map(Byte.isBlank) ?? false
    if !isContinuation { field = kind(of: line) }
    block.append(line)
    if line.last == Byte.lf { usesCRLF = line.count > 1 && line[line.count - 2] == Byte.cr }
    switch field {
    case .messageID: add(line, isContinuation, to: &messageID)
    case .date: add(line, isContinuation, to: &date)
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
      value?.append(contentsOf: line.trimmed)
    } else if let colon = line.first(Byte.colon, from: 0) {
      value = Array(line.slice(from: colon + 1).trimmed)
    }
  }

  private func kind(of line: UnsafeRawBufferPointer) -> Field {
    switch line.first.map(Byte.lower) {
    case UInt8(ascii: "m") where messageID == nil && named("message-id", line): .messageID
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
