import Glibc
import OfficeModel
import OfficeTree
import TestSupport

/// All that a mount shows but for status/, whose texts are of the moment, as one walk over its tree found it.
struct OfficePicture {
  enum Content: Equatable {
    case folder([String])
    case file([UInt8], mtime: Int64)
  }

  /// By path; the root's is "".
  private(set) var contents: [String: Content] = [:]

  /// Reads everything that is listed. Throws what a read throws.
  init(of office: TreeFixture) throws {
    var folders: [(path: String, node: NodeID)] = [("", .root)]
    while let folder = folders.popLast() {
      let entries = try office.list(folder.node)
      contents[folder.path] = .folder(OfficePicture.names(entries))
      for entry in entries {
        let name = String(decoding: entry.name, as: UTF8.self)
        let path = folder.path.isEmpty ? name : "\(folder.path)/\(name)"
        if path == "status" || path == "archives/latest.sar" { continue }
        if entry.attributes.isDirectory {
          folders.append((path, entry.attributes.node))
        } else {
          contents[path] = .file(
            try office.read(name, in: folder.node), mtime: entry.attributes.mtime)
        }
      }
    }
  }

  static func names(_ entries: [DirectoryEntry]) -> [String] {
    entries.map { String(decoding: $0.name, as: UTF8.self) }.sorted()
  }

  // Most of a sweep's time was a general search.
  private static func isFound(
    _ bytes: UnsafeRawBufferPointer, in content: UnsafeRawBufferPointer
  ) -> Bool {
    guard let wanted = bytes.baseAddress, var left = content.baseAddress else { return false }
    let end = left + content.count
    while end - left >= bytes.count {
      guard let next = memchr(left, Int32(bytes[0]), end - left - bytes.count + 1) else { break }
      if memcmp(next, wanted, bytes.count) == 0 { return true }
      left = UnsafeRawPointer(next) + 1
    }
    return false
  }

  /// The paths of the files in which these bytes stand.
  func files(with bytes: ArraySlice<UInt8>) -> Set<String> {
    let found = contents.filter { entry in
      guard case .file(let content, _) = entry.value else { return false }
      return content.withUnsafeBytes { content in
        bytes.withUnsafeBytes { OfficePicture.isFound($0, in: content) }
      }
    }
    return Set(found.keys)
  }
}

/// What a damaged office shows, held against what it should.
struct DamagedLook {
  /// What could not be read, and the error said so.
  private(set) var unreadable: Set<String> = []
  /// What was shown otherwise than it is, and nothing said so.
  private(set) var wrong: [String] = []

  private let office: TreeFixture
  private let history: [OfficePicture]
  /// Whether the office says that its last commits are lost; then any state that it had is right.
  let isBehind: Bool
  private var incomplete: Set<String> = []

  /// `history` is what was right at any time, the latest last.
  init(at office: TreeFixture, against history: [OfficePicture]) throws {
    self.office = office
    self.history = history
    isBehind = office.store.failure != nil || office.backups?.repository.failure != nil
    guard let latest = history.last else { return }
    let hasBackups = office.backups != nil
    for path in latest.contents.keys.sorted() {
      // Without a repository the mount has none of these, and health says so.
      let root = path.prefix { $0 != "/" }
      if !hasBackups, ["backup", "archives", "restore"].contains(root) {
        unreadable.insert(path)
        continue
      }
      switch latest.contents[path] {
      case .folder(let names): look(intoFolder: path, names, hasBackups)
      case .file(let bytes, let mtime): look(intoFile: path, .file(bytes, mtime: mtime))
      case nil: break
      }
    }
    guard !unreadable.isEmpty || isBehind else { return }
    let health = try? office.read("health.txt", in: office.node("status"))
    if let health, health.starts(with: Array("OK".utf8)) {
      wrong.append("health is fine without \(unreadable.sorted().prefix(3))")
    }
  }

  private func node(_ path: String) throws -> Attributes? {
    var attributes: Attributes?
    for name in path.split(separator: "/") {
      attributes = try office.tree.lookup(
        Array(name.utf8), in: attributes?.node ?? .root, caller: office.caller)
    }
    return attributes
  }

  private mutating func look(intoFolder path: String, _ names: [String], _ hasBackups: Bool) {
    var entries: [DirectoryEntry] = []
    do {
      let handle = try office.tree.openDirectory(
        try node(path)?.node ?? .root, caller: office.caller)
      defer { office.tree.releaseDirectory(handle) }
      while true {
        let next = try office.tree.readDirectory(
          handle, from: entries.last?.next ?? 0, limit: 7)
        if next.isEmpty { break }
        entries += next
        guard entries.count < 10_000 else {
          wrong.append("\(path)/ has no end")
          return
        }
      }
    } catch {
      note(error, path)
      incomplete.insert(path)
    }
    let found = OfficePicture.names(entries)
    if incomplete.contains(path) {
      if !Set(found).isSubset(of: wasEver(path)) { wrong.append("\(path)/ has \(found)") }
      return
    }
    let gone: Set = hasBackups ? [] : ["backup", "archives", "restore"]
    let left = names.filter { !gone.contains($0) }
    guard found != left else { return }
    if !(isBehind && history.contains { $0.contents[path] == .folder(found) }) {
      wrong.append("\(path)/ has \(found)")
    }
  }

  /// All names that the folder had at any time.
  private func wasEver(_ path: String) -> Set<String> {
    history.reduce(into: []) { names, picture in
      if case .folder(let some) = picture.contents[path] { names.formUnion(some) }
    }
  }

  private mutating func look(intoFile path: String, _ right: OfficePicture.Content) {
    do {
      guard let attributes = try node(path) else { return }
      let folder = path.split(separator: "/").dropLast().joined(separator: "/")
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      let bytes = try office.read(name, in: office.node(folder))
      let found = OfficePicture.Content.file(bytes, mtime: attributes.mtime)
      if found == right, attributes.size == Int64(bytes.count) { return }
      if isBehind, history.contains(where: { $0.contents[path] == found }) { return }
      // Notes beside the sets: lost, and said.
      if path.hasPrefix("backup/update/"), bytes.starts(with: Array("not known".utf8)) {
        unreadable.insert(path)
        return
      }
      if path == "backup/backup.txt", bytes.firstRange(of: Array("damaged".utf8)) != nil {
        unreadable.insert(path)
        return
      }
      let start = bytes.prefix(400).allSatisfy { $0 < 0x80 } ? bytes.prefix(400) : []
      wrong.append(
        "\(path) is \(bytes.count) other bytes, or of another time or size: "
          + Escaped.line(String(decoding: start, as: UTF8.self)))
    } catch {
      note(error, path)
    }
  }

  private mutating func note(_ error: any Error, _ path: String) {
    guard let error = error as? OfficeError else {
      wrong.append("\(path): \(error)")
      return
    }
    // As the bridge does it with every refusal.
    let node = (try? node(path)?.node) ?? .root
    office.tree.record(error, operation: "read", node: node, name: nil, caller: office.caller)
    if error.code == .notFound, !isBehind {
      // Missing is right only where the list says that it is not complete.
      var folder = path.split(separator: "/").dropLast()
      while !folder.isEmpty, !incomplete.contains(folder.joined(separator: "/")) {
        folder = folder.dropLast()
      }
      if folder.isEmpty, !incomplete.contains("") { wrong.append("\(path) is missing") }
    }
    unreadable.insert(path)
  }
}
