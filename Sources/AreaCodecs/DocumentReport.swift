/// What the decoding of one document came to.
public struct DocumentReport: Sendable, Equatable {
  /// Items that are no frames: events, cards, messages, rows, the one JSON object.
  public var objects: Int
  /// Broken objects that were handed over instead.
  public var leftOut: Int
  /// What is written differently in the canonical document, in the order of first occurrence.
  public var notes: [DocumentNote]

  public init(objects: Int = 0, leftOut: Int = 0, notes: [DocumentNote] = []) {
    self.objects = objects
    self.leftOut = leftOut
    self.notes = notes
  }
}

/// One kind of conversion that a document needed.
public struct DocumentNote: Sendable, Equatable {
  /// What was done.
  public enum Kind: String, Sendable, CaseIterable {
    case byteOrderMark = "byte order mark removed"
    case utf16 = "converted from UTF-16"
    case windows1252 = "not UTF-8, read as windows-1252"
    case charset = "converted from the charset it names"
    case cardCharset = "not UTF-8, read in the charset named elsewhere in the card"
    case lineEnds = "line ends made CR LF"
    case finalLineEnd = "missing last line end added"
    case blankLines = "blank lines removed"
    case wrapper = "calendar's BEGIN or END line rewritten"
    case moved = "property behind a calendar's end moved into it"
    case unwrapped = "calendar within a calendar put beside it"
    case beginAdded = "missing BEGIN added"
    case endAdded = "missing END added"
    case wrapped = "components without a VCALENDAR wrapped in one"
    case fromQuoted = "line that begins with From quoted"
    case fromAdded = "message without a From line given one"
    case separator = "From line or the blank line before it completed"
    case layout = "white space between JSON tokens rewritten"
    case idRewritten = "id replaced by the user's"
    case idAdded = "missing id added"
    case secretDropped = "password, key or privilege left out"
  }

  public var kind: Kind
  /// How many times.
  public var count: Int
  /// The line where it was first done, from 1.
  public var firstLine: Int
  /// The first one's name, escaped, where that helps: the JSON key left out. Never a value.
  public var subject: String?

  public init(kind: Kind, count: Int, firstLine: Int, subject: String? = nil) {
    self.kind = kind
    self.count = count
    self.firstLine = firstLine
    self.subject = subject
  }
}

extension DocumentReport {
  /// Line and subject are worked out for the first of a kind only.
  mutating func note(
    _ kind: DocumentNote.Kind, line: @autoclosure () -> Int,
    subject: @autoclosure () -> String? = nil
  ) {
    if let index = notes.firstIndex(where: { $0.kind == kind }) {
      notes[index].count += 1
    } else {
      notes.append(DocumentNote(kind: kind, count: 1, firstLine: line(), subject: subject()))
    }
  }
}

extension DocumentReport {
  /// Adds what another document of the same area came to.
  public mutating func add(_ other: DocumentReport) {
    objects += other.objects
    leftOut += other.leftOut
    for note in other.notes {
      if let index = notes.firstIndex(where: { $0.kind == note.kind }) {
        notes[index].count += note.count
      } else {
        notes.append(note)
      }
    }
  }
}
