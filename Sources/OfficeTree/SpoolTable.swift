import Dispatch
import Glibc
import OfficeModel
import Synchronization

/// The names that stand for files being written, and the folders tools make for them.
///
/// LOCK ORDER: `content` before a file's `state`; no store is called while it is held.
final class SpoolTable: Sendable {
  struct Name: Hashable {
    var folder: NodeID
    var name: [UInt8]
  }

  fileprivate struct Content {
    var files: [UInt64: SpoolFile] = [:]
    var names: [Name: UInt64] = [:]
    /// Folders that tools made, by the one they stand in and their name, and when they or what is in them was last changed.
    var folders: [Name: Folder] = [:]

    struct Folder {
      var number: UInt64
      /// Nanoseconds since 1970.
      var lastUse: Int64
      var node: NodeID { NodeID(.scratchFolder, row: number) }
    }
  }

  private let content = Mutex(Content())
  private let clock: WallClock
  /// Frees what was forgotten: a large file takes the disk a while.
  private let undertaker = DispatchQueue(label: "officefs.spool", qos: .utility)

  init(clock: WallClock) { self.clock = clock }

  /// How long a temporary file is kept after its last close, in nanoseconds.
  static let scratchLife: Int64 = 3_600 * 1_000_000_000

  func file(_ number: UInt64) -> SpoolFile? { content.withLock { $0.files[number] } }

  /// The file that has this name; none that its writer never came for.
  func file(named name: [UInt8], in folder: NodeID) -> SpoolFile? {
    let found = content.withLock { content in
      content.names[Name(folder: folder, name: name)].flatMap { content.files[$0] }
    }
    guard let found, found.isOrphan(now: clock.now()) else { return found }
    removeName(of: found)
    return nil
  }

  /// All files of a folder that have names, in the order of their names.
  func files(in folder: NodeID) -> [(name: [UInt8], file: SpoolFile)] {
    let now = clock.now()
    return content.withLock { content in
      content.names.compactMap { name, number in
        guard name.folder == folder, let file = content.files[number], !file.isOrphan(now: now)
        else { return nil }
        return (name.name, file)
      }
    }.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// Gives a file its name. False if the name, or one that differs in case only, is taken.
  func insert(_ file: SpoolFile, named name: [UInt8], in folder: NodeID) -> Bool {
    content.withLock { content in
      guard !content.isTaken(name, in: folder) else { return false }
      content.files[file.number] = file
      content.names[Name(folder: folder, name: name)] = file.number
      content.use(folder, at: clock.now())
      return true
    }
  }

  /// Takes the name from a file if it has it; the file lives on for whoever has it open.
  func removeName(of file: SpoolFile) {
    content.withLock { content in
      let name = file.state.withLock { Name(folder: $0.folder, name: $0.name) }
      if content.names[name] == file.number { content.names[name] = nil }
      content.use(name.folder, at: clock.now())
    }
  }

  /// True if the file still has the name it was given.
  func hasName(_ file: SpoolFile) -> Bool {
    content.withLock { content in
      let name = file.state.withLock { Name(folder: $0.folder, name: $0.name) }
      return content.names[name] == file.number
    }
  }

  /// Moves a name, over whatever unopened temporary file has the new one.
  func move(_ file: SpoolFile, to name: [UInt8], as entry: EntryName, in folder: NodeID) {
    content.withLock { content in
      file.state.withLock { state in
        let old = Name(folder: state.folder, name: state.name)
        if content.names[old] == file.number { content.names[old] = nil }
        state.folder = folder
        state.name = name
        state.entry = entry
      }
      content.names[Name(folder: folder, name: name)] = file.number
      content.use(folder, at: clock.now())
    }
  }

  /// Forgets files that have neither a name nor a handle, and temporary files and folders that nobody came back for.
  func sweep() {
    let now = clock.now()
    let forgotten = content.withLock { content -> [SpoolFile] in
      var forgotten: [SpoolFile] = []
      for (number, file) in content.files {
        let (name, isOpen, age) = file.state.withLock {
          (
            Name(folder: $0.folder, name: $0.name), $0.writers + $0.readers > 0,
            now - $0.lastClose
          )
        }
        let hasName = content.names[name] == number
        if isOpen { content.use(name.folder, at: now) }
        guard !isOpen, !hasName || age > SpoolTable.scratchLife || file.isOrphan(now: now) else {
          continue
        }
        if hasName { content.names[name] = nil }
        content.files[number] = nil
        forgotten.append(file)
      }
      let kept = Set(content.names.keys.map(\.folder))
      content.folders = content.folders.filter {
        now - $0.value.lastUse <= SpoolTable.scratchLife || kept.contains($0.value.node)
      }
      return forgotten
    }
    // A file's end closes it and discards what it staged: neither under the lock nor while a tool waits.
    if !forgotten.isEmpty { undertaker.async { withExtendedLifetime(forgotten) {} } }
  }

  // MARK: Folders

  func folder(named name: [UInt8], in parent: NodeID) -> NodeID? {
    content.withLock { $0.folders[Name(folder: parent, name: name)]?.node }
  }

  /// What a folder is called and where it stands; nil if it is gone.
  func folderName(_ node: NodeID) -> Name? {
    content.withLock { $0.folders.first { $0.value.node == node }?.key }
  }

  /// A file's path within the mount, for logs.
  func path(of file: SpoolFile) -> String {
    let (folder, name) = file.state.withLock { ($0.folder, $0.name) }
    return "\(DropFolder(folder)?.path ?? path(ofFolder: folder))/\(Escaped.line(name))"
  }

  /// The path of a tool's own folder.
  func path(ofFolder node: NodeID) -> String {
    guard let name = folderName(node) else { return "?" }
    return "\(DropFolder(name.folder)?.path ?? "?")/\(Escaped.line(name.name))"
  }

  func folders(in parent: NodeID) -> [(name: [UInt8], node: NodeID)] {
    content.withLock { content in
      content.folders.filter { $0.key.folder == parent }.map { ($0.key.name, $0.value.node) }
    }
  }

  /// False if the name is taken.
  func makeFolder(named name: [UInt8], in parent: NodeID, number: UInt64) -> Bool {
    content.withLock { content in
      let name = Name(folder: parent, name: name)
      guard content.folders[name] == nil else { return false }
      content.folders[name] = Content.Folder(number: number, lastUse: clock.now())
      return true
    }
  }

  /// Throws `.notFound` or `.notEmpty`.
  func removeFolder(named name: [UInt8], in parent: NodeID) throws(OfficeError) {
    let name = Name(folder: parent, name: name)
    let failure = content.withLock { content -> OfficeError? in
      guard let node = content.folders[name]?.node else {
        return OfficeError(.notFound, "no such folder")
      }
      guard !content.names.keys.contains(where: { $0.folder == node }) else {
        return OfficeError(.notEmpty, "the folder holds files")
      }
      content.folders[name] = nil
      return nil
    }
    if let failure { throw failure }
  }
}

extension SpoolTable.Content {
  fileprivate mutating func use(_ folder: NodeID, at time: Int64) {
    guard let name = folders.first(where: { $0.value.node == folder })?.key else { return }
    folders[name]?.lastUse = time
  }

  fileprivate func isTaken(_ name: [UInt8], in folder: NodeID) -> Bool {
    if names[SpoolTable.Name(folder: folder, name: name)] != nil { return true }
    guard let kind = DropFolder(folder)?.names,
      case .final(let target)? = try? EntryName(name, in: kind)
    else { return false }
    return names.keys.contains { other in
      guard other.folder == folder, case .final(let taken)? = try? EntryName(other.name, in: kind)
      else { return false }
      return target.excludes(taken)
    }
  }
}
