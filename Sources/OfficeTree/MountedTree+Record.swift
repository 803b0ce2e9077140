import Glibc
import LiveStore
import OfficeModel

extension MountedTree {
  /// Writes a refusal to `status/errors.log`: called once for each request that failed.
  /// What tools ask for as a matter of course (a name that is not there, a probe) is no refusal; where something can be
  /// done about it, it is.
  public func record(
    _ error: OfficeError, operation: String, node: NodeID, name: [UInt8]?, caller: Caller
  ) {
    switch error.code {
    case .notFound, .stale:
      guard error.remedy != nil else { return }
      // The kernel looks a stale name up and asks once more.
      if error.code == .stale, name != nil, !staleOpens.isSecond(caller) { return }
    case .unsupported, .interrupted, .crossDevice, .notEmpty, .isDirectory, .notDirectory:
      return
    default: break
    }
    guard !error.isRecorded else { return }
    var path = path(of: node)
    faults.add(error, path: path)
    if let name { path += (path.isEmpty ? "" : "/") + Escaped.line(name) }
    mount.errors.append("\(path) \(error.code) \(operation) by \(caller): \(error)")
  }

  /// A node's path within the mount, for logs.
  func path(of node: NodeID) -> String {
    if let branch = branch(of: node) { return branch.path(of: node) }
    switch node.kind {
    case .fixed:
      if let job = node.job { return "status/jobs/\(job).txt" }
      return node.fixed?.path ?? "?"
    case .root: return ""
    case .user:
      guard let user = try? mount.store.user(version: node.number) else { return "users/?" }
      return "users/\(user.state.id).udb"
    case .column: return "areas/\(node.column?.area.name ?? "?").odb"
    case .undoGroup, .undoFile: return "undo"
    case .spool:
      return spools.file(node.row).map { spools.path(of: $0) } ?? "users/?"
    case .scratchFolder: return spools.path(ofFolder: node)
    case .report: return "import/reports"
    case nil: return "?"
    }
  }

  /// The room on the store's disk.
  public func space() throws(OfficeError) -> Space {
    var status = statvfs()
    guard statvfs(mount.spool, &status) == 0 else {
      throw OfficeError(.inputOutput, "the disk does not tell its size")
    }
    return Space(
      blockSize: Int64(status.f_frsize), blocks: Int64(status.f_blocks),
      free: Int64(status.f_bfree), available: Int64(status.f_bavail),
      files: Int64(status.f_files), freeFiles: Int64(status.f_ffree))
  }
}
