import AreaCodecs
import Glibc
import OfficeModel
import TarArchive

/// The objects that an import left out, on their way into a file in which an administrator can mend them.
///
/// It is a tar of `office.json`, `<id>/<area file>` with the objects' exact bytes, one behind the other, and `refused.txt`,
/// which says of each where it stood and why it was refused, and how to pack the archive again. It has no SHA256SUMS, so it
/// can't be imported by mistake. Memory does not grow with the objects: they wait in unnamed files.
public final class RefusedObjects {
  /// The name of the list within the file.
  public static let list = "refused.txt"

  /// How many there are.
  public private(set) var count = 0
  private let user: UserID
  private let folder: String
  private var lines: UnnamedText
  private var documents: [Area: UnnamedText] = [:]

  /// `folder` is for files that are gone with this object.
  public init(of user: UserID, folder: String) throws(OfficeError) {
    self.user = user
    self.folder = folder
    lines = try UnnamedText(in: folder)
  }

  /// Takes one.
  public func add(_ object: BrokenObject, of area: Area) throws(OfficeError) {
    count += 1
    if documents[area] == nil {
      let document = try UnnamedText(in: folder)
      documents[area] = document
      try document.append(object.head)
    }
    try documents[area]?.append(object.bytes)
    if object.bytes.last != 0x0A { try documents[area]?.append([0x0A]) }
    let place = object.reason.item ?? "\(area.fileName) line \(object.line)"
    try lines.append(
      Array("\(Escaped.line(place)): \(Escaped.line(object.reason.reason))\n".utf8))
  }

  /// Writes the tar to `file`, from its beginning. Throws `.noSpace` or `.inputOutput`.
  public func write(to file: Int32) throws(OfficeError) {
    let output = DescriptorOutput(file: file)
    let manifest = try UnnamedText(in: folder)
    try manifest.append(ArchiveManifest.bytes(of: user))
    try output.append(manifest, as: "office.json")
    for area in Area.allCases {
      guard let document = documents[area] else { continue }
      try output.append(document, as: "\(user)/\(area.fileName)")
    }
    let text = try UnnamedText(in: folder)
    try text.append(Array(introduction.utf8))
    try text.append(lines)
    try output.append(text, as: RefusedObjects.list)
    try output.write([UInt8](repeating: 0, count: Int(TarLayout.endSize)))
  }

  private var introduction: String {
    """
    These \(count) objects could not be read when \(user) was imported. They stand in the files here as they
    stood in the archive, one behind the other. To import them, unpack this file, mend them there, and:

        sha256sum office.json \(user)/* >SHA256SUMS
        tar cf \(user).udb office.json \(user) SHA256SUMS

    and import \(user).udb with the policy merge: without it, an area that it holds would be replaced.
    An event that names a time zone of its own needs that VTIMEZONE beside it, from the archive it came from.


    """
  }
}

/// Bytes that wait in a file without a name.
final class UnnamedText {
  let file: Int32
  private(set) var size: Int64 = 0

  init(in folder: String) throws(OfficeError) { file = try UnnamedFile.make(in: folder) }

  deinit { close(file) }

  func append(_ bytes: [UInt8]) throws(OfficeError) {
    let output = DescriptorOutput(file: file)
    try output.write(bytes)
    size += Int64(bytes.count)
  }

  func append(_ other: UnnamedText) throws(OfficeError) {
    let output = DescriptorOutput(file: file)
    try output.write(contentOf: other)
    size += other.size
  }
}

/// Writes at a descriptor's offset.
struct DescriptorOutput {
  let file: Int32

  /// An entry of a tar.
  func append(_ text: UnnamedText, as path: String) throws(OfficeError) {
    try write(TarLayout.header(path: Array(path.utf8), size: text.size, mtime: 0))
    try write(contentOf: text)
    try write([UInt8](repeating: 0, count: Int(TarLayout.padding(size: text.size))))
  }

  func write(contentOf text: UnnamedText) throws(OfficeError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset: Int64 = 0
    while offset < text.size {
      let got = pread(text.file, &buffer, buffer.count, Int(offset))
      guard got > 0 else { throw OfficeError(.inputOutput, "a file can't be read back") }
      try write(Array(buffer[..<got]))
      offset += Int64(got)
    }
  }

  func write(_ bytes: [UInt8]) throws(OfficeError) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else {
        let full = errno == ENOSPC || errno == EDQUOT
        throw OfficeError(full ? .noSpace : .inputOutput, "the refused objects can't be written")
      }
      done += count
    }
  }
}
