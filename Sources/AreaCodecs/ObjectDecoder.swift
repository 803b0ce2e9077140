import OfficeModel

/// The one JSON object of user.json and whereabouts.json: one member a line, tokens verbatim, no other white space.
///
/// In user.json the id becomes the cell's user, and passwords, keys and privileges are left out at any depth.
/// Where it is broken, it is as a whole.
final class ObjectDecoder: DocumentDecoder {
  private let area: Area
  private let user: UserID
  private let limits: Limits
  private let sink: any ItemSink
  private let leavingOut: BrokenObjectReceiver?
  private let input = TextInput()
  private let text = ByteBuffer()
  /// The document as it came, if it may be handed over.
  private let raw = ByteBuffer()
  /// Why it is broken.
  private var failure: OfficeError?

  init(
    area: Area, user: UserID, limits: Limits, sink: any ItemSink,
    leavingOut: BrokenObjectReceiver? = nil
  ) {
    self.area = area
    self.user = user
    self.limits = limits
    self.sink = sink
    self.leavingOut = leavingOut
  }

  func feed(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    if leavingOut != nil {
      guard raw.count + bytes.count <= 2 * limits.jsonBytes else { throw tooLarge() }
      raw.append(bytes)
    }
    try sieve { () throws(OfficeError) in
      try input.feed(bytes) { piece throws(OfficeError) in try take(piece) }
    }
  }

  func finish() throws(OfficeError) -> DocumentReport {
    var report: DocumentReport?
    try sieve { () throws(OfficeError) in report = try decoded() }
    if let report { return report }
    if let failure, let leavingOut {
      try leavingOut(BrokenObject(line: 1, bytes: Array(raw.bytes), reason: failure))
    }
    return DocumentReport(leftOut: 1)
  }

  /// Keeps what refuses the document for later, if it is to be left out.
  private func sieve(_ body: () throws(OfficeError) -> Void) throws(OfficeError) {
    guard failure == nil else { return }
    do throws(OfficeError) {
      try body()
    } catch {
      guard leavingOut != nil, error.code == .badArchive else { throw error }
      failure = error
    }
  }

  private func decoded() throws(OfficeError) -> DocumentReport {
    try input.finish { piece throws(OfficeError) in try take(piece) }
    var report = DocumentReport()
    if let note = input.note { report.note(note, line: 1) }
    if text.count == 0 { return report }
    let document = try JSONDocument(Array(text.bytes), limits: limits)
    guard document.root.isObject else {
      throw Refusal.unframed("\(area.fileName) is no JSON object", line: 1)
    }
    var writer = ObjectWriter(document: document, user: area == .user ? user : nil, report: report)
    let canonical = writer.write()
    report = writer.report
    if !text.bytes.elementsEqual(canonical), report.notes.isEmpty { report.note(.layout, line: 1) }
    report.objects = 1
    try sink.write(canonical)
    try sink.end(ItemKey(natural: Array(area.name.utf8)))
    return report
  }

  private func take(_ piece: UnsafeRawBufferPointer) throws(OfficeError) {
    guard text.count + piece.count <= limits.jsonBytes else {
      throw tooLarge()
    }
    text.append(piece)
  }

  private func tooLarge() -> OfficeError {
    Refusal.tooLarge("JSON larger than \(limits.jsonBytes) bytes", line: 1 + text.bytes.lineFeeds)
  }
}
