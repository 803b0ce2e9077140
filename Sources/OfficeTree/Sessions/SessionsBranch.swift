import OfficeModel

/// `sessions/<id>.<service>`: who is logged in where. Front ends create a file each, touch it while it lives and remove it;
/// each belongs to whoever made it. One that was not touched for a while reads as stale.
final class SessionsBranch: Branch {
  static let number = BranchNumber.sessions

  let name = Array("sessions".utf8)
  private let mount: OfficeMount
  let sessions = SessionTable()

  private static let page = 512
  /// What is written to a session means nothing, but some front ends write a byte to keep it alive.
  private static let limit = 4_096

  init(_ mount: OfficeMount) { self.mount = mount }

  var stamp: Int64 { sessions.stamp }

  func folder() throws(OfficeError) -> Attributes {
    // Sticky: a front end may remove its own sessions only.
    Attributes(
      node: SessionsBranch.root, inode: SessionsBranch.root.rawValue, isDirectory: true,
      permissions: 0o1777, owner: mount.owner, group: mount.group, size: 4096, links: 2, mtime: 0,
      timeout: 1)
  }

  func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    guard let session = sessions[name] else { throw MountedTree.noSuchName }
    return file(session)
  }

  func attributes(of node: NodeID) throws(OfficeError) -> Attributes {
    node == SessionsBranch.root ? try folder() : file(try session(of: node))
  }

  func pages(of node: NodeID, caller: Caller) throws(OfficeError) -> OpenFolder.Pages {
    guard node == SessionsBranch.root else { throw OfficeError(.notDirectory, "not a folder") }
    return { [self] (after) throws(OfficeError) in
      sessions.sessions(after: after, limit: SessionsBranch.page).map {
        ($0.name.bytes, file($0))
      }
    }
  }

  func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller
  ) throws(OfficeError) -> BranchFile {
    guard node != SessionsBranch.root else { throw OfficeError(.isDirectory, "a folder") }
    let session = try session(of: node)
    guard flags.contains(.write) else {
      let text = Array(text(of: session).utf8)
      return BranchFile(file: .text(text), keepsCache: false, isDirect: true)
    }
    return writer(of: session, isNew: flags.contains(.truncate))
  }

  func create(
    _ name: [UInt8], in parent: NodeID, flags: OpenFlags, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> (Attributes, BranchFile) {
    guard let parsed = SessionName(name) else {
      throw OfficeError(
        .invalid, "not a session's name", item: Escaped.line(name),
        remedy: "use <id>.<service>, the service of 1 to 32 of a-z 0-9 -")
    }
    guard try mount.store.user(parsed.id) != nil else {
      throw OfficeError(.invalid, "there is no such user", item: parsed.id.text)
    }
    // Someone else was faster than the look-up before this.
    if let known = sessions[name], !flags.contains(.exclusive), known.owner == caller.uid {
      return (file(known), writer(of: known, isNew: true))
    }
    // The folder itself is row 0.
    let session = SessionTable.Session(
      number: UInt64(try mount.store.nextNumber()) + 1, name: parsed, owner: caller.uid,
      group: caller.gid, since: mount.clock.seconds, lastSeen: mount.clock.now())
    try sessions.insert(session)
    return (file(session), writer(of: session, isNew: false))
  }

  /// Any time that is set keeps the session alive, one in the past until then. Modes and owners stay, but asking is no error.
  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes {
    guard node != SessionsBranch.root else { return try folder() }
    let now = mount.clock.now()
    if let time = change.mtimeIsNow ? now : change.mtime {
      guard sessions.refresh(node.row, at: min(time, now)) else { throw MountedTree.gone }
    }
    return file(try session(of: node))
  }

  func makeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    throw OfficeError(
      .invalid, "there are no folders in sessions/", item: Escaped.line(name),
      remedy: "touch sessions/<id>.<service>")
  }

  func removeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) {
    guard sessions[name] != nil else { throw MountedTree.noSuchName }
    throw OfficeError(.notDirectory, "a session is a file")
  }

  func remove(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError) {
    guard sessions.remove(name) else { throw MountedTree.noSuchName }
  }

  func rename(
    _ name: [UInt8], in parent: NodeID, to newName: [UInt8], in newParent: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError) {
    throw OfficeError(
      .invalid, "a session keeps its name", item: Escaped.line(name),
      remedy: "remove it, and touch another")
  }

  func path(of node: NodeID) -> String {
    guard node != SessionsBranch.root else { return "sessions" }
    return "sessions/\(sessions[node.row]?.name.text ?? "?")"
  }

  /// Not touched for as long as the settings say.
  func isStale(_ session: SessionTable.Session) -> Bool {
    let life = Int64(mount.registry.settings.office.staleMinutes) * 60 * 1_000_000_000
    return mount.clock.now() - session.lastSeen >= life
  }

  /// What the file says.
  func text(of session: SessionTable.Session) -> String {
    let seen = Stamp.text(seconds: session.lastSeen / 1_000_000_000)
    let state =
      isStale(session) ? "stale" : "active since \(Stamp.text(seconds: session.since))"
    return "\(state), last seen \(seen)\n"
  }

  private func session(of node: NodeID) throws(OfficeError) -> SessionTable.Session {
    guard let session = sessions[node.row] else { throw MountedTree.gone }
    return session
  }

  private func writer(of session: SessionTable.Session, isNew: Bool) -> BranchFile {
    let draft = Draft([], isNew: isNew, limit: SessionsBranch.limit) { [self] (_, _, _) in
      // One that was removed meanwhile stays so.
      _ = sessions.refresh(session.number, at: mount.clock.now())
    }
    return BranchFile(file: .draft(draft), keepsCache: false, isDirect: true)
  }

  /// Never kept by the kernel: a restore may end it at any moment.
  private func file(_ session: SessionTable.Session) -> Attributes {
    let node = SessionsBranch.node(row: session.number)
    return Attributes(
      node: node, inode: node.rawValue, isDirectory: false, permissions: 0o600,
      owner: session.owner, group: session.group, size: Int64(text(of: session).utf8.count),
      mtime: session.lastSeen, timeout: 0)
  }
}
