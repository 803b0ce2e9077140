import AreaCodecs
import OfficeModel
import TarArchive

/// Takes a user's archive in: verifies the container and every digest, and hands each cell's items on.
///
/// Nothing is published here: whoever receives the items throws them away if `read` throws.
public struct ArchiveIntake {
  /// Where a cell's items go. `finish` is called once its document was read to the end; its digest is not proven before `read` returns.
  public struct Receiver {
    public var open: (Area, _ mtime: Int64) throws(OfficeError) -> any ItemSink
    public var finish: (Area) throws(OfficeError) -> Void

    public init(
      open: @escaping (Area, _ mtime: Int64) throws(OfficeError) -> any ItemSink,
      finish: @escaping (Area) throws(OfficeError) -> Void
    ) {
      self.open = open
      self.finish = finish
    }
  }

  /// Who is handed an area's broken objects; each one's reason names its entry and line.
  public typealias Sieve = (Area, BrokenObject) throws(OfficeError) -> Void

  private let file: Int32
  private let limits: Limits
  private let user: UserID
  private let leavingOut: Sieve?
  private var digests: [(path: [UInt8], digest: Digest)] = []
  private var sums: [UInt8]?
  private var folder: [UInt8]?
  private var manifest: ArchiveManifest?
  private var documents: [(area: Area, report: DocumentReport)] = []

  /// `file` holds a plain tar (see `ArchiveFile`); `user` is whom the data will belong to.
  /// With `leavingOut` what can't be framed does not refuse the archive.
  public init(file: Int32, user: UserID, limits: Limits, leavingOut: Sieve? = nil) {
    self.file = file
    self.leavingOut = leavingOut
    self.user = user
    self.limits = limits
  }

  /// Reads the whole archive. Throws `.badArchive`, `.newerFormat`, `.tooLarge` or what a receiver throws.
  public mutating func read(
    into receiver: Receiver, isCancelled: () -> Bool
  ) throws(OfficeError) -> IntakeReport {
    let reader = try TarReader.opening(file: file, limits: TarLimits(limits))
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while let entry = try reader.nextEntry() {
      if isCancelled() { throw OfficeError(.interrupted, "the import was interrupted") }
      guard sums == nil else {
        throw OfficeError(
          .badArchive, "SHA256SUMS is not the last entry", item: Escaped.line(entry.path),
          remedy: "pack the archive again with SHA256SUMS named last")
      }
      var content = DigestStream()
      if entry.path == ChecksumList.path {
        sums = try collect(entry, of: reader, limit: 64 << 20, into: &content, &buffer)
        continue
      }
      if entry.path == ArchiveManifest.path {
        let bytes = try collect(entry, of: reader, limit: limits.jsonBytes, into: &content, &buffer)
        manifest = try ArchiveManifest(reading: bytes, limits: limits)
      } else {
        try readCell(entry, of: reader, into: receiver, &content, &buffer, isCancelled)
      }
      digests.append((entry.path, content.finish()))
    }
    return try verified()
  }

  private mutating func readCell(
    _ entry: TarEntry, of reader: TarReader, into receiver: Receiver,
    _ content: inout DigestStream, _ buffer: inout [UInt8], _ isCancelled: () -> Bool
  ) throws(OfficeError) {
    let area = try area(of: entry.path)
    let sink = try receiver.open(area, max(0, entry.mtime))
    var decoder = DocumentCodec.decoder(
      for: area, user: user, limits: limits, into: sink,
      leavingOut: handing(area, at: entry.path))
    do throws(OfficeError) {
      while true {
        let count = try reader.readData(into: &buffer)
        if count == 0 { break }
        if isCancelled() { throw OfficeError(.interrupted, "the import was interrupted") }
        try buffer.withUnsafeBufferPointer { (bytes) throws(OfficeError) in
          let piece = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<count]))
          content.update(piece)
          try decoder.feed(piece)
        }
      }
      documents.append((area, try decoder.finish()))
    } catch {
      throw error.located(in: entry.path)
    }
    try receiver.finish(area)
  }

  private func handing(_ area: Area, at path: [UInt8]) -> BrokenObjectReceiver? {
    guard let leavingOut else { return nil }
    return { (object) throws(OfficeError) in
      var object = object
      object.reason = object.reason.located(in: path)
      try leavingOut(area, object)
    }
  }

  /// The area of a cell's path `<user>/<file name>`; all cells stand in one folder.
  private mutating func area(of path: [UInt8]) throws(OfficeError) -> Area {
    let parts = path.split(separator: 0x2F, omittingEmptySubsequences: false)
    guard parts.count == 2, (try? UserID(parts[0])) != nil,
      let area = Area(fileName: String(decoding: parts[1], as: UTF8.self))
    else {
      throw OfficeError(
        .badArchive, "an entry that no archive of a user holds", item: Escaped.line(path),
        remedy: "an archive holds office.json, ID/user.json, ID/scheduler.ics and so on, SHA256SUMS"
      )
    }
    if let folder, !folder.elementsEqual(parts[0]) {
      throw OfficeError(
        .badArchive, "the cells of two users in one archive", item: Escaped.line(path),
        remedy: "an area's .odb can't be imported as a user; pack each user alone")
    }
    folder = Array(parts[0])
    return area
  }

  private func collect(
    _ entry: TarEntry, of reader: TarReader, limit: Int, into content: inout DigestStream,
    _ buffer: inout [UInt8]
  ) throws(OfficeError) -> [UInt8] {
    guard entry.size <= Int64(limit) else {
      throw OfficeError(
        .tooLarge, "larger than \(limit) bytes", item: Escaped.line(entry.path))
    }
    var bytes: [UInt8] = []
    while true {
      let count = try reader.readData(into: &buffer)
      if count == 0 { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    content.update(bytes)
    return bytes
  }

  /// Holds what was read against SHA256SUMS and office.json.
  private func verified() throws(OfficeError) -> IntakeReport {
    guard let sums else {
      throw OfficeError(
        .badArchive, "the archive has no SHA256SUMS, so it may be incomplete",
        remedy: "copy it again; or add one with: sha256sum office.json ID/* >SHA256SUMS")
    }
    var listed = try ChecksumList.parse(sums)
    for (path, digest) in digests {
      guard let expected = listed.removeValue(forKey: path) else {
        throw OfficeError(
          .badArchive, "an entry that SHA256SUMS does not list", item: Escaped.line(path),
          remedy: "make SHA256SUMS anew over all entries")
      }
      guard expected == digest else {
        throw OfficeError(
          .badArchive, "the content does not match its SHA-256 in SHA256SUMS",
          item: Escaped.line(path),
          remedy: "the file was damaged or edited; export or copy it again")
      }
    }
    if let missing = listed.keys.min(by: { $0.lexicographicallyPrecedes($1) }) {
      throw OfficeError(
        .badArchive, "SHA256SUMS lists an entry that is missing", item: Escaped.line(missing),
        remedy: "copy or pack the archive again")
    }
    guard let manifest else {
      throw OfficeError(
        .badArchive, "the archive has no office.json",
        remedy: "add one that says {\"format\":1,\"kind\":\"user\",\"user\":\"ID\"}")
    }
    guard case .user(let source) = manifest.kind else {
      throw OfficeError(
        .badArchive, "this is not a user's archive", item: "office.json",
        remedy: "copy a .udb here; a column or a whole backup can't be imported as a user")
    }
    return IntakeReport(sourceUser: source, format: manifest.format, documents: documents)
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
