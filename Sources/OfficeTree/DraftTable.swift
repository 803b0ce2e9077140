import OfficeModel
import Synchronization

/// The names of one branch that stand for small files being written, and the files while they are open.
///
/// LOCK ORDER: innermost but for a draft's own lock.
final class DraftTable: Sendable {
  struct Name: Hashable {
    var folder: NodeID
    var name: [UInt8]
  }

  struct Entry: Sendable {
    let node: NodeID
    /// Nil once it was removed, or what it made is there under that name.
    var name: Name? { didSet { if let name { last = name } } }
    /// The name it has or had, for logs.
    private(set) var last: Name
    let draft: Draft
    var permissions: UInt32
    /// Nanoseconds since 1970.
    var mtime: Int64
    /// Descriptors that have it open.
    var handles: Int
    /// When the last one was closed, nanoseconds since 1970.
    var lastClose: Int64

    /// Open once.
    init(_ node: NodeID, _ name: Name, _ draft: Draft, permissions: UInt32, now: Int64) {
      self.node = node
      self.name = name
      last = name
      self.draft = draft
      self.permissions = permissions
      mtime = now
      handles = 1
      lastClose = now
    }
  }

  private struct Content {
    var entries: [NodeID: Entry] = [:]
    var names: [Name: NodeID] = [:]

    mutating func remove(_ node: NodeID) {
      if let name = entries[node]?.name { names[name] = nil }
      entries[node] = nil
    }
  }

  private let content = Mutex(Content())
  private let clock: WallClock

  init(clock: WallClock) { self.clock = clock }

  func entry(_ node: NodeID) -> Entry? { content.withLock { $0.entries[node] } }

  func entry(named name: [UInt8], in folder: NodeID) -> Entry? {
    content.withLock { content in
      content.names[Name(folder: folder, name: name)].flatMap { content.entries[$0] }
    }
  }

  func entries(in folder: NodeID) -> [Entry] {
    content.withLock { $0.entries.values.filter { $0.name?.folder == folder } }
  }

  /// Adds an open file. False if its name or its node is taken.
  func insert(_ entry: Entry) -> Bool {
    sweep()
    return content.withLock { content in
      if let name = entry.name, content.names[name] != nil { return false }
      guard content.entries[entry.node] == nil else { return false }
      content.entries[entry.node] = entry
      if let name = entry.name { content.names[name] = entry.node }
      return true
    }
  }

  /// One more descriptor. False for a file that is gone.
  func open(_ node: NodeID) -> Bool {
    content.withLock { content in
      content.entries[node]?.handles += 1
      return content.entries[node] != nil
    }
  }

  /// One descriptor less; the last one ends a file without a name, or one that `isKept` says is not to be kept.
  func close(_ node: NodeID, isKept: (Name) -> Bool) {
    let now = clock.now()
    content.withLock { content in
      guard var entry = content.entries[node] else { return }
      entry.handles -= 1
      entry.lastClose = now
      content.entries[node] = entry
      guard entry.handles <= 0, !(entry.name.map(isKept) ?? false) else { return }
      content.remove(node)
    }
  }

  /// Takes the name from a file; it lives on for whoever has it open.
  func removeName(of node: NodeID) {
    content.withLock { content in
      guard let entry = content.entries[node] else { return }
      if let name = entry.name { content.names[name] = nil }
      content.entries[node]?.name = nil
      if entry.handles <= 0 { content.remove(node) }
    }
  }

  /// Gives a file another name, over whatever has that.
  func move(_ node: NodeID, to name: Name) {
    content.withLock { content in
      guard let old = content.entries[node]?.name else { return }
      content.names[old] = nil
      if let other = content.names[name] {
        content.entries[other]?.name = nil
        if content.entries[other]?.handles ?? 0 <= 0 { content.remove(other) }
      }
      content.names[name] = node
      content.entries[node]?.name = name
    }
  }

  /// Notes mode and time; false if there is no such file.
  func change(_ node: NodeID, to change: AttributeChange) -> Bool {
    let now = clock.now()
    return content.withLock { content in
      guard content.entries[node] != nil else { return false }
      if let permissions = change.permissions { content.entries[node]?.permissions = permissions }
      if let mtime = change.mtimeIsNow ? now : change.mtime { content.entries[node]?.mtime = mtime }
      return true
    }
  }

  /// Forgets temporary files that nobody came back for.
  private func sweep() {
    let now = clock.now()
    content.withLock { content in
      for (node, entry) in content.entries
      where entry.handles <= 0 && now - entry.lastClose > SpoolTable.scratchLife {
        content.remove(node)
      }
    }
  }
}
