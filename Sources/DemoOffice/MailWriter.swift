import OfficeModel

/// Writes messages in mboxrd: From_ line, message, one empty line (RFC 5322, RFC 2045).
struct MailWriter {
  typealias Sink = (UnsafeRawBufferPointer) throws(OfficeError) -> Void

  private let seed: UInt64
  /// Where text is collected that has to be encoded as a whole.
  private var scratch = ByteWriter()

  init(seed: UInt64) { self.seed = seed }

  mutating func write(
    _ mail: Mail, _ delivery: Delivery, to out: inout ByteWriter, _ sink: Sink
  ) throws(OfficeError) {
    out.usesCRLF = false
    out.put("From ")
    out.put(delivery.envelope)
    out.put(" ")
    out.put(asctime: mail.moment)
    out.end()
    out.usesCRLF = mail.usesCRLF
    for line in delivery.trace { header(line.name, line.text, to: &out) }
    header("Status", delivery.status, to: &out)
    if !delivery.flags.isEmpty { header("X-Status", delivery.flags, to: &out) }
    header("X-Folder", delivery.folder, to: &out)
    // All from here on is the same for every holder, and so must not depend on what was written before.
    let limit = out.count + mail.size
    headers(of: mail, to: &out)
    if mail.attachment != .none {
      try mixed(mail, until: limit, to: &out, sink)
    } else if mail.hasHTML {
      try alternative(mail, until: limit, to: &out, sink)
    } else {
      try text(mail, until: limit, to: &out, sink)
    }
    out.usesCRLF = false
    out.end()
    try out.drain(to: sink)
  }

  private func header(_ name: String, _ text: String, to out: inout ByteWriter) {
    out.put(name)
    out.put(": ")
    out.line(text)
  }

  private func headers(of mail: Mail, to out: inout ByteWriter) {
    out.put("Date: ")
    out.put(mailDate: mail.moment, in: mail.culture.zone)
    out.end()
    out.put("From: ")
    out.put(mail.from, isUTF8: mail.hasUTF8Headers)
    out.end()
    out.put("To: ")
    for (number, receiver) in mail.to.enumerated() {
      if number > 0 {
        out.put(",")
        out.end()
        out.put(" ")
      }
      out.put(receiver, isUTF8: mail.hasUTF8Headers)
    }
    out.end()
    out.put(mail.references.isEmpty ? "Subject: " : "Subject: Re: ")
    out.put(unstructured: mail.subject, isUTF8: mail.hasUTF8Headers)
    out.end()
    out.put("Message-ID: ")
    out.put(messageID: mail.identifier)
    out.end()
    if let parent = mail.references.last {
      out.put("In-Reply-To: ")
      out.put(messageID: parent)
      out.end()
      out.put("References:")
      for identifier in mail.references {
        if identifier != mail.thread { out.end() }
        out.put(" ")
        out.put(messageID: identifier)
      }
      out.end()
    }
    for line in mail.headers {
      out.put(line.name)
      out.put(": ")
      out.put(unstructured: line.text, isUTF8: mail.hasUTF8Headers)
      out.end()
    }
    out.line("MIME-Version: 1.0")
  }

  private mutating func mixed(
    _ mail: Mail, until limit: Int, to out: inout ByteWriter, _ sink: Sink
  ) throws(OfficeError) {
    boundary("Content-Type: multipart/mixed; boundary=\"", mail, "\"", to: &out)
    out.end()
    boundary("--", mail, "", to: &out)
    // A little text; the attachment takes the rest.
    let rest = limit - out.count
    try text(mail, until: min(limit, out.count + min(rest / 3, 900)), to: &out, sink)
    boundary("--", mail, "", to: &out)
    let isScan = mail.attachment == .scan
    out.put(
      isScan ? "Content-Type: image/bmp; name=\"scan" : "Content-Type: audio/wav; name=\"voice")
    out.put(Int(mail.thread >> 20 & 0xFFF))
    out.line(isScan ? ".bmp\"" : ".wav\"")
    out.line("Content-Transfer-Encoding: base64")
    out.put("Content-Disposition: attachment; filename")
    if isScan, mail.encoding == .quotedPrintable {
      out.put("*=UTF-8''")
      out.put(percentEncoded: mail.culture.city)
      out.line(".bmp")
    } else {
      out.put(isScan ? "=\"scan" : "=\"voice")
      out.put(Int(mail.thread >> 20 & 0xFFF))
      out.line(isScan ? ".bmp\"" : ".wav\"")
    }
    out.end()
    let lines = (limit - out.count - 30) / (mail.usesCRLF ? 78 : 77)
    var attached = AttachmentWriter(seed, mail, lines: max(2, lines))
    while attached.line(to: &out) { try out.drain(to: sink) }
    boundary("--", mail, "--", to: &out)
  }

  private mutating func alternative(
    _ mail: Mail, until limit: Int, to out: inout ByteWriter, _ sink: Sink
  ) throws(OfficeError) {
    boundary("Content-Type: multipart/alternative; boundary=\"", mail, "\"", to: &out)
    out.end()
    boundary("--", mail, "", to: &out)
    try text(mail, until: out.count + (limit - out.count) * 45 / 100, to: &out, sink)
    boundary("--", mail, "", to: &out)
    out.line("Content-Type: text/html; charset=UTF-8")
    out.line("Content-Transfer-Encoding: 8bit")
    out.end()
    out.line("<!DOCTYPE html>")
    out.put("<html lang=\"")
    out.put(mail.culture.language)
    out.line("\"><body>")
    let lines = MailText.lines(mail.culture)
    var dice = Dice(seed ^ mail.identifier, .message)
    repeat {
      let line = dice.pick(lines)
      if out.count + line.count / 2 + 60 > limit { break }
      out.put("<p>")
      out.put(line)
      out.line("</p>")
      try out.drain(to: sink)
    } while out.count < limit
    out.line("</body></html>")
    boundary("--", mail, "--", to: &out)
  }

  private func boundary(
    _ before: String, _ mail: Mail, _ after: String, to out: inout ByteWriter
  ) {
    out.put(before)
    out.put("=_")
    out.put(hexadecimal: mail.identifier >> 16, digits: 12)
    out.line(after)
  }

  /// A text part: its header lines, an empty line and the text.
  private mutating func text(
    _ mail: Mail, until limit: Int, to out: inout ByteWriter, _ sink: Sink
  ) throws(OfficeError) {
    out.line("Content-Type: text/plain; charset=UTF-8")
    let body = MailText(seed, mail)
    switch mail.encoding {
    case .plain:
      out.line("Content-Transfer-Encoding: 8bit")
      out.end()
      try body.write(until: limit, quotedPrintable: false, to: &out, sink)
    case .quotedPrintable:
      out.line("Content-Transfer-Encoding: quoted-printable")
      out.end()
      try body.write(until: limit, quotedPrintable: true, to: &out, sink)
    case .base64:
      out.line("Content-Transfer-Encoding: base64")
      out.end()
      scratch = ByteWriter()
      try body.write(
        until: (limit - out.count) * 57 / 78, quotedPrintable: false, to: &scratch
      ) {
        _ throws(OfficeError) in
      }
      out.put(base64: scratch.bytes)
      try out.drain(to: sink)
    }
  }
}
