import BackupRepository
import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel

/// Content of a file that was verified whole and waits for one commit to show it.
enum StagedDrop: Sendable {
  case user(StagedImport)
  case archive(StagedUpload)

  /// Throws the content away.
  func discard() {
    switch self {
    case .user(let content): content.discard()
    case .archive(let content): content.discard()
    }
  }
}

// What differs between the folders that take archives in: users/ and import/, and archives/.

extension MountedTree {
  /// Whether a file may be made under this name. Throws `.exists`, `.busy`.
  func requireFree(_ target: DropTarget, in folder: DropFolder) throws(OfficeError) {
    switch target {
    case .user(let id):
      try requireCase(id)
      guard folder.showsWhatBecame, try mount.store.user(id) != nil else { return }
      throw OfficeError(.exists, "the user exists", item: id.text)
    case .archive(let name):
      guard try archiveBranch().set(named: name) != nil else { return }
      throw OfficeError(.exists, "the archive exists", item: name.text)
    case .unnamedArchive: try archiveBranch().requireNoLink()
    }
  }

  /// Whether something that is there may be replaced under this name. Throws `.exists`, `.busy`.
  func requireReplaceable(_ target: DropTarget) throws(OfficeError) {
    switch target {
    case .user(let id): try requireCase(id)
    case .archive(let name):
      if let set = try archiveBranch().set(named: name) { try ArchivesBranch.requireUpload(set) }
    case .unnamedArchive: try archiveBranch().requireNoLink()
    }
  }

  private func requireCase(_ id: UserID) throws(OfficeError) {
    guard let taken = try mount.store.user(folded: id.folded), taken.id != id else { return }
    throw OfficeError(
      .exists, "the id differs from \(taken.id) only in case", item: id.text,
      remedy: "use \(taken.id), or another id")
  }

  /// What stands under a name now, for who writes into it. Throws `.stale` if nothing does, `.busy` for what can't be
  /// written.
  func base(of target: DropTarget) throws(OfficeError) -> SpoolFile.Base {
    switch target {
    case .user(let id):
      let view = try mount.store.view()
      guard let state = try view.user(id) else { throw MountedTree.gone }
      return SpoolFile.Base(
        layout: ArchiveLayout(of: state, in: view), version: state.version,
        inode: NodeID(version: state.version).rawValue, mtime: state.mtime)
    case .archive(let name):
      let branch = try archiveBranch()
      guard let set = try branch.set(named: name) else { throw MountedTree.gone }
      try ArchivesBranch.requireUpload(set)
      return try branch.base(of: set)
    // By now it has a name, or the link leads to another archive: whoever opens it is led there.
    case .unnamedArchive: throw MountedTree.gone
    }
  }

  /// What a node is a version of, where writers may open that; nil for all that is read-only.
  func target(of node: NodeID) throws(OfficeError) -> (DropTarget, DropFolder)? {
    if node.kind == .user, let folder = DropFolder(NodeID(.users)) {
      guard let (state, _) = try mount.store.user(version: node.number) else {
        throw MountedTree.gone
      }
      return (.user(renames.name(ofVersion: state.version) ?? state.id), folder)
    }
    guard let set = try archives?.set(of: node), let folder = DropFolder(ArchivesBranch.root) else {
      return nil
    }
    try ArchivesBranch.requireUpload(set)
    guard let origin = set.upload else { return nil }
    return (.archive(origin.name), folder)
  }

  /// Verifies a file and stages its content: nothing is visible yet. Throws what an import throws.
  func stage(
    _ file: SpoolFile, as target: DropTarget?, in folder: DropFolder, caller: Caller,
    isInterrupted: () -> Bool
  ) throws(OfficeError) -> StagedDrop {
    switch folder.use {
    case .imports(let policy):
      var id = MountedTree.nobody
      if case .user(let named) = target { id = named }
      return .user(
        try mount.transfer.stage(
          file.descriptor, as: id, policy: policy, isCancelled: isInterrupted))
    case .archives:
      return .archive(
        try archiveBranch().stage(
          file, path: path(of: file.node), caller: caller, isInterrupted: isInterrupted))
    }
  }

  /// Shows staged content under a name; returns the version that it became, nil where none did.
  func take(
    _ content: StagedDrop, as target: DropTarget, in folder: DropFolder, mtime: Int64?,
    caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Int64? {
    switch (content, target, folder.use) {
    case (.user(let content), .user(let id), .imports(let policy)):
      let publication = try mount.transfer.publish(
        content, as: id, policy: policy, mtime: folder.showsWhatBecame ? mtime : nil,
        caller: "\(caller)", group: group(of: caller), isCancelled: isInterrupted)
      guard !folder.showsWhatBecame else { return publication?.user.version }
      if publication != nil { notify(.entry(parent: NodeID(.users), name: id.fileName)) }
      return nil
    case (.archive(let content), .archive(let name), .archives):
      return try take(content, as: name, mtime: mtime, caller)
    case (.archive(let content), .unnamedArchive, .archives):
      try archiveBranch().requireNoLink()
      return try take(content, as: nil, mtime: mtime, caller)
    default: throw MountedTree.otherBranch
    }
  }

  private func take(
    _ content: StagedUpload, as name: ArchiveName?, mtime: Int64?, _ caller: Caller
  ) throws(OfficeError) -> Int64 {
    try archiveBranch().backups.publish(
      content, as: name, time: mtime.map { WallClock.seconds($0) }, caller: "\(caller)"
    ).number
  }

  /// Adds what `touch` of a new name makes: a user without data. Nil where it makes nothing.
  func touch(
    _ target: DropTarget, in folder: DropFolder, mtime: Int64?, caller: Caller
  ) throws(OfficeError) -> Int64? {
    guard folder.showsWhatBecame else { return nil }
    guard case .user(let id) = target else { return nil }
    return try mount.transfer.add(id, mtime: mtime, caller: "\(caller)").version
  }

  /// Gives a version its time, in nanoseconds since 1970, if it is still shown.
  func setTime(
    _ mtime: Int64, of version: Int64, _ folder: DropFolder
  ) throws(OfficeError) {
    guard folder.use != .archives else {
      return try archiveBranch().setTime(mtime, ofSet: version)
    }
    guard let (user, died) = try mount.store.user(version: version), died == nil,
      user.mtime != mtime
    else { return try mount.store.assertWritable() }
    try mount.store.setTime(version: version, mtime: mtime)
    usersDidChange()
    notify(.entry(parent: NodeID(.users), name: user.id.fileName))
    notify(.inode(NodeID(version: version)))
  }

  /// Whether something stands under a name.
  func isThere(_ target: DropTarget) throws(OfficeError) -> Bool {
    switch target {
    case .user(let id): try mount.store.user(id) != nil
    case .archive(let name): try archiveBranch().set(named: name) != nil
    case .unnamedArchive: try archiveBranch().hasLink
    }
  }

  /// Deletes a user or removes an archive; undo/ has it. Throws `.notFound`, `.busy`.
  func delete(_ target: DropTarget, caller: Caller) throws(OfficeError) {
    let what: Removals.Removal.What
    let era = removals.era
    switch target {
    case .user(let id):
      guard let user = try mount.store.user(id) else { throw MountedTree.noSuchName }
      try mount.transfer.delete(id, caller: "\(caller)", group: group(of: caller))
      what = .user(user)
    case .archive(let name):
      let branch = try archiveBranch()
      guard let set = try branch.set(named: name) else { throw MountedTree.noSuchName }
      try branch.backups.remove(set, caller: "\(caller)")
      what = .archive(set)
    case .unnamedArchive:
      try archiveBranch().requireNoLink()
      throw MountedTree.noSuchName
    }
    removals.note(what, of: target, by: ProcessTable.process(ofThread: caller.pid), in: era)
    usersDidChange()
  }

  /// Takes a removal back whose file was refused.
  func putBack(_ removal: Removals.Removal) {
    do throws(OfficeError) {
      switch removal.what {
      case .user(let user):
        try mount.transfer.undelete(user, caller: "the refused import of \(user.id)")
      case .archive(let set):
        try archiveBranch().backups.putBack(
          set, caller: "the refused upload of \(set.archiveName)")
      }
    } catch {
      let path: String
      switch removal.what {
      case .user(let user): path = "users/\(user.id).udb"
      case .archive(let set): path = "archives/\(set.archiveName)"
      }
      mount.errors.append("\(path) \(error.code) undelete: \(error)")
    }
  }

  /// Leaves a report of a refused import; a refused upload leaves none but its line in `errors.log`.
  func report(
    refused target: DropTarget, in folder: DropFolder, caller: String, because failure: OfficeError
  ) {
    guard case .user(let id) = target, case .imports(let policy) = folder.use else { return }
    mount.transfer.refuse(id, policy: policy, caller: caller, because: failure)
  }

  private func archiveBranch() throws(OfficeError) -> ArchivesBranch {
    guard let archives else { throw MountedTree.noSuchName }
    return archives
  }
}
