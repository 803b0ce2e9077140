import OfficeModel

/// The text of a message: a greeting, what it answers, sentences, who wrote it.
struct MailText {
  private let mail: Mail
  private let seed: UInt64

  init(_ seed: UInt64, _ mail: Mail) {
    self.seed = seed
    self.mail = mail
  }

  /// Each culture's sentences as lines of a mailbox, in the order of `Culture.all`.
  private static let sentences: [String: [[UInt8]]] = Dictionary(
    uniqueKeysWithValues: Culture.all.map { ($0.language, $0.sentences.map { Array($0.utf8) }) })

  static func lines(_ culture: Culture) -> [[UInt8]] { sentences[culture.language] ?? [] }

  /// Writes lines until the count of bytes is about `limit`; at least one sentence.
  func write(
    until limit: Int, quotedPrintable: Bool, to out: inout ByteWriter, _ sink: MailWriter.Sink
  ) throws(OfficeError) {
    let lines = MailText.lines(mail.culture)
    var dice = Dice(seed ^ mail.identifier, .message)
    put(Array("\(mail.culture.greeting),".utf8), quotedPrintable, to: &out)
    out.end()
    if let parent = mail.references.last {
      var earlier = Dice(seed ^ parent, .message)
      put([UInt8(ascii: ">"), UInt8(ascii: " ")] + earlier.pick(lines), quotedPrintable, to: &out)
      out.end()
    }
    let farewell = mail.culture.closing.utf8.count + mail.signature.utf8.count + 8
    var written = 0
    var place = dice.below(lines.count)
    repeat {
      let line = lines[place]
      // Never the same sentence twice in a row.
      place = (place + 1 + dice.below(lines.count - 1)) % lines.count
      if written > 0, out.count + line.count / 2 + farewell > limit { break }
      put(line, quotedPrintable, to: &out)
      written += 1
      if written % 4 == 0 { out.end() }
      try out.drain(to: sink)
    } while out.count + farewell < limit
    out.end()
    put(Array(mail.culture.closing.utf8), quotedPrintable, to: &out)
    put(Array(mail.signature.utf8), quotedPrintable, to: &out)
  }

  private func put(_ line: [UInt8], _ quotedPrintable: Bool, to out: inout ByteWriter) {
    if quotedPrintable {
      out.put(quotedPrintable: line)
    } else {
      // mboxrd: a line that looks like a From_ line is quoted.
      if line.starts(with: "From ".utf8) { out.put(UInt8(ascii: ">")) }
      out.put(line)
      out.end()
    }
  }
}
