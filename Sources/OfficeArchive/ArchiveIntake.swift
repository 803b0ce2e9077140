import AreaCodecs
import OfficeModel
import TarArchive

/// Takes an archive in: verifies the container and every digest, and hands each cell's items on.
///
/// Nothing is published here: whoever receives the items throws them away if `read` throws. Memory: some 60 bytes for each
/// entry, and what one document needs.
public struct ArchiveIntake {
  /// What is taken, and whose the data will be.
  public enum Purpose: Sendable {
    /// One user's archive; whatever the name inside, it is for this user.
    case user(UserID)
    /// A whole office's or an area's; each cell is for the user it names.
    case set
    /// Any; each cell is for the user it names.
    case any
  }

  /// Where a cell's items go. `finish` is called once its document was read to the end; its digest is not proven before `read` returns.
  public struct Receiver {
    public var open: (UserID, Area, _ mtime: Int64) throws(OfficeError) -> any ItemSink
    public var finish: (UserID, Area) throws(OfficeError) -> Void

    public init(
      open: @escaping (UserID, Area, _ mtime: Int64) throws(OfficeError) -> any ItemSink,
      finish: @escaping (UserID, Area) throws(OfficeError) -> Void
    ) {
      self.open = open
      self.finish = finish
    }
  }

  /// Who is handed an area's broken objects; each one's reason names its entry and line.
  public typealias Sieve = (Area, BrokenObject) throws(OfficeError) -> Void

  private let file: Int32
  private let limits: Limits
  private let purpose: Purpose
  private let leavingOut: Sieve?
  private var proof = ChecksumProof()
  private var folders = UserFolders()
  private var manifest: ArchiveManifest?
  private var record: [UInt8]?
  private var documents: [(area: Area, report: DocumentReport)] = []

  /// `file` holds a plain tar (see `ArchiveFile`). With `leavingOut` what can't be framed does not refuse the archive.
  public init(file: Int32, for purpose: Purpose, limits: Limits, leavingOut: Sieve? = nil) {
    self.file = file
    self.leavingOut = leavingOut
    self.purpose = purpose
    self.limits = limits
  }

  /// Reads the whole archive. Throws `.badArchive`, `.newerFormat`, `.tooLarge` or what a receiver throws;
  /// `.interrupted` soon after `isCancelled` turns true. `progress` is given the bytes of entries read so far.
  public mutating func read(
    into receiver: Receiver, isCancelled: () -> Bool, progress: (Int64) -> Void = { _ in }
  ) throws(OfficeError) -> IntakeReport {
    let reader = try opened()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var done: Int64 = 0
    while let entry = try reader.nextEntry() {
      try ArchiveIntake.assertGoesOn(isCancelled)
      guard !proof.hasList else {
        throw OfficeError(
          .badArchive, "SHA256SUMS is not the last entry", item: Escaped.line(entry.path),
          remedy: "pack the archive again with SHA256SUMS named last")
      }
      if entry.path == ChecksumList.path {
        try readList(of: reader, &buffer)
        continue
      }
      var content = DigestStream()
      if entry.path == ArchiveManifest.path {
        try readManifest(entry, of: reader, &content, &buffer)
      } else {
        let before = done
        try readCell(entry, of: reader, into: receiver, &content, &buffer) {
          (count) throws(OfficeError) in
          try ArchiveIntake.assertGoesOn(isCancelled)
          progress(before + count)
        }
      }
      done += entry.size
      progress(done)
      proof.add(entry, content.finish())
    }
    return try verified()
  }

  private func opened() throws(OfficeError) -> TarReader {
    try TarReader.opening(file: file, limits: TarLimits(limits))
  }

  private static func assertGoesOn(_ isCancelled: () -> Bool) throws(OfficeError) {
    if isCancelled() { throw OfficeError(.interrupted, "the import was interrupted") }
  }

  private mutating func readCell(
    _ entry: TarEntry, of reader: TarReader, into receiver: Receiver,
    _ content: inout DigestStream, _ buffer: inout [UInt8],
    _ step: (Int64) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    let (id, area) = try cell(at: entry.path)
    let sink = try receiver.open(id, area, max(0, entry.mtime))
    var decoder = DocumentCodec.decoder(
      for: area, user: id, limits: limits, into: sink,
      leavingOut: handing(area, at: entry.path))
    var done: Int64 = 0
    do throws(OfficeError) {
      while true {
        let count = try reader.readData(into: &buffer)
        if count == 0 { break }
        try buffer.withUnsafeBufferPointer { (bytes) throws(OfficeError) in
          let piece = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<count]))
          content.update(piece)
          try decoder.feed(piece)
        }
        done += Int64(count)
        try step(done)
      }
      let report = try decoder.finish()
      if let index = documents.firstIndex(where: { $0.area == area }) {
        documents[index].report.add(report)
      } else {
        documents.append((area, report))
      }
    } catch {
      throw error.located(in: entry.path)
    }
    try receiver.finish(id, area)
  }

  private func handing(_ area: Area, at path: [UInt8]) -> BrokenObjectReceiver? {
    guard let leavingOut else { return nil }
    return { (object) throws(OfficeError) in
      var object = object
      object.reason = object.reason.located(in: path)
      try leavingOut(area, object)
    }
  }

  /// Whose and which cell stands under a path `<user>/<file name>`.
  private mutating func cell(at path: [UInt8]) throws(OfficeError) -> (UserID, Area) {
    let parts = path.split(separator: 0x2F, omittingEmptySubsequences: false)
    guard parts.count == 2, let id = try? UserID(parts[0]),
      let area = Migration.area(
        fileName: String(decoding: parts[1], as: UTF8.self),
        format: manifest?.format ?? ArchiveManifest.currentFormat)
    else {
      throw OfficeError(
        .badArchive, "an entry that no archive of ours holds", item: Escaped.line(path),
        remedy: "an archive holds office.json, ID/user.json, ID/scheduler.ics and so on, SHA256SUMS"
      )
    }
    try folders.enter(id, at: path)
    if case .user(let target) = purpose {
      try assertOneUser(at: path)
      return (target, area)
    }
    switch manifest?.kind {
    case .user: try assertOneUser(at: path)
    case .area(let name): try assertIs(area, of: name, at: path)
    case .office, nil: break
    }
    return (id, area)
  }

  private func assertOneUser(at path: [UInt8]) throws(OfficeError) {
    guard folders.count <= 1 else {
      throw OfficeError(
        .badArchive, "the cells of two users in one archive", item: Escaped.line(path),
        remedy: "an area's .odb can't be imported as a user; pack each user alone")
    }
  }

  private func assertIs(
    _ area: Area, of name: String, at path: [UInt8]
  ) throws(OfficeError) {
    guard area.name == name else {
      throw OfficeError(
        .badArchive, "a document that does not belong to the area \(Escaped.line(name.utf8))",
        item: Escaped.line(path), remedy: "say \"kind\":\"office\" in office.json, or pack it alone"
      )
    }
  }

  private mutating func readManifest(
    _ entry: TarEntry, of reader: TarReader, _ content: inout DigestStream,
    _ buffer: inout [UInt8]
  ) throws(OfficeError) {
    var limits = limits
    limits.jsonBytes = max(limits.jsonBytes, limits.manifestBytes)
    guard entry.size <= Int64(limits.jsonBytes) else {
      throw OfficeError(
        .tooLarge, "larger than \(limits.jsonBytes) bytes", item: Escaped.line(entry.path))
    }
    var bytes: [UInt8] = []
    while true {
      let count = try reader.readData(into: &buffer)
      if count == 0 { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    content.update(bytes)
    let manifest = try ArchiveManifest(reading: bytes, limits: limits)
    try assertFits(manifest)
    self.manifest = manifest
    if manifest.kind == .office, manifest.hasRecord,
      Migration.hasRecord(format: manifest.format)
    {
      record = bytes
    }
  }

  /// Holds the manifest against the purpose and the cells that came before it.
  private func assertFits(_ manifest: ArchiveManifest) throws(OfficeError) {
    if manifest.format < ArchiveManifest.currentFormat, folders.count > 0 {
      throw OfficeError(
        .badArchive, "office.json is not the first entry of an archive of an older format",
        item: "office.json", remedy: "pack the archive again with office.json named first")
    }
    let item = "office.json"
    switch (manifest.kind, purpose) {
    case (.area, .user), (.office, .user):
      throw OfficeError(
        .badArchive, "this is not a user's archive", item: item,
        remedy: "copy a .udb here; a column or a whole backup can't be imported as a user")
    case (.user, .set):
      throw OfficeError(
        .badArchive, "this is one user's archive", item: item,
        remedy: "copy it to users/ID.udb; a whole backup or a column is uploaded")
    case (.user, _): try assertOneUser(at: Array(item.utf8))
    case (.area(let name), _):
      guard Area(name: name) != nil else {
        throw OfficeError(
          .badArchive, "office.json names no area", item: item,
          remedy: "the areas are \(Area.allCases.map(\.name).joined(separator: ", "))")
      }
      for document in documents { try assertIs(document.area, of: name, at: Array(item.utf8)) }
    case (.office, _): break
    }
  }

  private mutating func readList(
    of reader: TarReader, _ buffer: inout [UInt8]
  ) throws(OfficeError) {
    while true {
      let count = try reader.readData(into: &buffer)
      if count == 0 { break }
      try proof.feed(list: buffer[..<count])
    }
    try proof.endList()
  }

  /// Holds what was read against SHA256SUMS and office.json.
  private mutating func verified() throws(OfficeError) -> IntakeReport {
    guard proof.hasList else {
      throw OfficeError(
        .badArchive, "the archive has no SHA256SUMS, so it may be incomplete",
        remedy: "copy it again; or add one with: sha256sum office.json ID/* >SHA256SUMS")
    }
    let file = file
    let limits = TarLimits(limits)
    try proof.verify { () throws(OfficeError) in try TarReader.opening(file: file, limits: limits) }
    guard let manifest else {
      throw OfficeError(
        .badArchive, "the archive has no office.json",
        remedy: "add one that says {\"format\":1,\"kind\":\"user\",\"user\":\"ID\"}")
    }
    return IntakeReport(
      kind: manifest.kind, format: manifest.format, record: record, users: folders.count,
      fingerprint: proof.fingerprint, documents: documents)
  }
}

extension OfficeError {
  /// The same error with the entry in front of its line or object.
  fileprivate func located(in path: [UInt8]) -> OfficeError {
    var error = self
    if remedy == nil, code == .badArchive || code == .tooLarge {
      error.remedy = "mend it there and pack the archive again"
    }
    error.item = [Escaped.line(path), item].compactMap(\.self).joined(separator: " ")
    return error
  }
}
