/// One message of the sample office, the same for all who hold it.
struct Mail {
  /// When it was sent.
  var moment: Int
  var identifier: UInt64
  var from: Correspondent
  var to: [Correspondent]
  /// Whose language it is written in.
  var culture: Culture
  /// How the sender signs.
  var signature: String
  var subject: String
  /// The identifiers of the messages before it in its thread, the oldest first.
  var references: [UInt64] = []
  /// The size in bytes that is aimed at, without its head.
  var size: Int
  /// Further header lines: names and values.
  var headers: [(name: String, text: String)] = []
  var attachment = Attachment.none
  /// Whether the body is given as plain text and as HTML.
  var hasHTML = false

  enum Attachment {
    case none, scan, voice
  }

  /// How text that is not ASCII is sent; the thread decides.
  enum Encoding: CaseIterable {
    case plain, quotedPrintable, base64
  }

  /// Someone who sends or receives.
  struct Correspondent {
    let name: String
    let address: String

    init(name: String, address: String) {
      self.name = name
      self.address = address
    }

    init(_ person: Person) { self.init(name: person.name, address: person.email) }
  }

  /// A number that the messages of a thread have in common.
  var thread: UInt64 { references.first ?? identifier }

  /// One message in four has bare line feeds.
  var usesCRLF: Bool { thread >> 8 & 3 != 0 }

  var encoding: Encoding {
    if hasHTML { return .plain }
    switch identifier >> 12 & 15 {
    case 0, 1: return .quotedPrintable
    case 2: return .base64
    default: return .plain
    }
  }

  /// Whether header lines are UTF-8 (RFC 6532) and not encoded words.
  var hasUTF8Headers: Bool { thread >> 16 & 3 == 0 }
}

/// A message in one user's mailbox: the lines that differ from holder to holder.
struct Delivery {
  var folder: String
  /// `RO` once read, `O` before.
  var status: String
  /// `A` answered, `F` flagged.
  var flags: String
  /// Who the From_ line names.
  var envelope: String
  /// Names and values of trace lines, for mail from outside.
  var trace: [(name: String, text: String)] = []
}
