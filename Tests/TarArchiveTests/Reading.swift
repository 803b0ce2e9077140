import TarArchive
import Testing

/// An entry with its content.
struct Content: Equatable {
  var path: String
  var bytes: [UInt8]
  var mtime: Int64 = 0
}

/// Everything in a file, read in pieces of `piece` bytes.
func contents(
  of file: Int32, limits: TarLimits = TarLimits(), piece: Int = 100_000
) throws -> [Content] {
  let reader = try TarReader(file: file, limits: limits)
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 1)
  defer { buffer.deallocate() }
  var out: [Content] = []
  while let entry = try reader.next() {
    var bytes: [UInt8] = []
    while case let count = try reader.read(into: buffer), count > 0 {
      bytes += buffer[..<count]
    }
    #expect(Int64(bytes.count) == entry.size)
    out.append(
      Content(
        path: String(decoding: entry.path, as: UTF8.self), bytes: bytes, mtime: entry.mtime))
  }
  return out
}

func contents(of archive: [UInt8], limits: TarLimits = TarLimits()) throws -> [Content] {
  let file = try ScratchFile(archive)
  let shape = try TarStructure.check(file: file.descriptor, limits: limits)
  let contents = try contents(of: file.descriptor, limits: limits)
  #expect(shape.entries == contents.count)
  return contents
}

/// Why the check refuses an archive; nil if it does not. The reader must refuse what the check refuses.
func refusal(
  of archive: [UInt8], limits: TarLimits = TarLimits(),
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> TarError? {
  let file = try ScratchFile(archive)
  do throws(TarError) {
    _ = try TarStructure.check(file: file.descriptor, limits: limits)
    return nil
  } catch {
    #expect(throws: TarError.self, sourceLocation: sourceLocation) {
      try contents(of: file.descriptor, limits: limits)
    }
    return error
  }
}

func isDamaged(_ error: TarError?) -> Bool {
  if case .damaged = error { true } else { false }
}

func isUnsupported(_ error: TarError?) -> Bool {
  if case .unsupported = error { true } else { false }
}

func isLimit(_ error: TarError?) -> Bool {
  if case .limit = error { true } else { false }
}

/// An archive as we write it.
func written(_ entries: [Content]) -> [UInt8] {
  var out: [UInt8] = []
  for entry in entries {
    let size = Int64(entry.bytes.count)
    out += TarLayout.header(path: Array(entry.path.utf8), size: size, mtime: entry.mtime)
    out += entry.bytes
    out += [UInt8](repeating: 0, count: Int(TarLayout.padding(size: size)))
  }
  return out + [UInt8](repeating: 0, count: Int(TarLayout.endSize))
}

let sample = [
  Content(path: "office.json", bytes: Array("{\"format\":1}\n".utf8)),
  Content(
    path: "alice/user.json", bytes: Array("{\"user\":\"alice\"}\n".utf8), mtime: 1_767_000_000),
  Content(path: "alice/todo.ics", bytes: [], mtime: 1_767_000_001),
  Content(
    path: "alice/messages.mbox", bytes: [UInt8](repeating: 65, count: 512), mtime: 1_767_000_002),
  Content(path: "SHA256SUMS", bytes: Array("0123  office.json\n".utf8)),
]
