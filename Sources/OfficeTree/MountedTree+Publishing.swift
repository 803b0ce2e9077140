import Glibc
import LiveStore
import OfficeAdmin
import OfficeArchive
import OfficeModel

// Where a written file becomes data. Tools look for errors at close (flush), fsync and rename, never at release.

extension MountedTree {
  /// close(2) of one descriptor. Publishes a whole archive; an incomplete one is an error for the process that opened the file.
  /// Throws what import throws, `.interrupted` soon after `isInterrupted` turns true. Blocks until durable.
  public func flush(
    _ handle: UInt64, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) {
    guard case .spool(let file, true) = try files[handle] else { return }
    try settle(file, caller: caller, isInterrupted: isInterrupted)
  }

  /// fsync(2): like `flush`.
  public func synchronize(
    _ handle: UInt64, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) {
    try flush(handle, caller: caller, isInterrupted: isInterrupted)
  }

  /// The last close of a handle. What was never published is forgotten, and said in errors.log.
  public func release(_ handle: UInt64) {
    switch files.remove(handle) {
    case .archive(_, let label, let caller, let progress):
      if progress.isComplete { mount.audit.append("\(caller) exported \(label)") }
    case .spool(let file, let isWriter):
      let (isLast, entry) = file.state.withLock { state in
        if isWriter { state.writers -= 1 } else { state.readers -= 1 }
        state.lastClose = mount.clock.now()
        return (state.writers == 0, state.entry)
      }
      if isWriter, isLast, case .user = entry, isInUsers(file), spools.hasName(file) {
        abandon(file)
      }
      spools.sweep(now: mount.clock.now())
    case .text, .journal, nil: break
    }
  }

  /// Verifies and stages the content if that was not done yet, for a rename that is to publish it.
  func stagedContent(
    of file: SpoolFile, as id: UserID, isInterrupted: () -> Bool
  ) throws(OfficeError) -> StagedImport {
    let (generation, size, staged, checked) = file.state.withLock {
      ($0.generation, $0.base == nil ? $0.size : 0, $0.staged, $0.checked)
    }
    if let staged, staged.generation == generation { return staged.content }
    if let checked, checked.generation == generation, let failure = checked.failure {
      throw failure
    }
    guard size > 0 else { throw MountedTree.emptyFile }
    if let failure = ArchiveFile(file: file.descriptor, limits: mount.limits).incompleteness() {
      throw failure
    }
    return try mount.transfer.stage(file.descriptor, as: id, isCancelled: isInterrupted)
  }

  /// Makes staged content the data of `id`, and the name that of the new version.
  func publish(
    _ content: StagedImport, of file: SpoolFile, as id: UserID, caller: Caller
  ) throws(OfficeError) {
    let (generation, mtime) = file.state.withLock { ($0.generation, $0.mtime) }
    let publication = try mount.transfer.publish(
      content, as: id, mtime: mtime, caller: "\(caller)")
    spools.removeName(of: file)
    file.state.withLock { state in
      state.staged = nil
      state.published = (generation, publication.user.version)
    }
    usersDidChange()
  }

  private func settle(
    _ file: SpoolFile, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) {
    try begin(file, isInterrupted: isInterrupted)
    defer { file.state.withLock { $0.isBusy = false } }
    let state = file.state.withLock { $0 }
    let process = ProcessTable.process(ofThread: caller.pid)
    let isOpener = process == state.opener
    guard state.generation > 0, state.base == nil else {
      return try settleUnwritten(file, state, isOpener: isOpener, caller: caller)
    }
    if state.published?.generation == state.generation { return try keepTime(state) }
    if let checked = state.checked, checked.generation == state.generation {
      if let failure = checked.failure, isOpener { throw failure }
      return
    }
    guard state.size > 0 else { return }
    let target: UserID?
    let isStrict: Bool
    switch state.entry {
    case .user(let id): (target, isStrict) = (id, true)
    case .scratch(let id, let strict): (target, isStrict) = (id, strict)
    }
    let archive = ArchiveFile(file: file.descriptor, limits: mount.limits)
    if let failure = archive.incompleteness() {
      if isOpener, isStrict, state.wasWritten { throw remember(failure, file, state) }
      return
    }
    do throws(OfficeError) {
      let content = try mount.transfer.stage(
        file.descriptor, as: target ?? MountedTree.nobody, isCancelled: isInterrupted)
      if case .user(let id) = state.entry, isInUsers(file) {
        do throws(OfficeError) {
          try publish(content, of: file, as: id, caller: caller)
        } catch {
          content.discard()
          throw error
        }
        notify(.entry(parent: NodeID(.users), name: id.fileName))
      } else {
        file.state.withLock { $0.staged = (state.generation, content) }
      }
    } catch {
      guard error.code != .interrupted else { throw error }
      let failure = remember(error, file, state)
      if isStrict { throw failure }
    }
  }

  /// A file that nothing was written to: `touch` adds a user, a copy of an empty file is refused, all else means nothing.
  private func settleUnwritten(
    _ file: SpoolFile, _ state: SpoolFile.State, isOpener: Bool, caller: Caller
  ) throws(OfficeError) {
    guard case .user(let id) = state.entry, state.base == nil, state.published == nil, isOpener,
      isInUsers(file)
    else { return }
    if state.isExclusive { throw MountedTree.emptyFile }
    guard state.wasTouched else { return }
    let user = try mount.transfer.add(id, mtime: state.mtime, caller: "\(caller)")
    spools.removeName(of: file)
    file.state.withLock { $0.published = (0, user.version) }
    usersDidChange()
    notify(.entry(parent: NodeID(.users), name: id.fileName))
  }

  /// A time that was set after the content was published belongs to the published version.
  private func keepTime(_ state: SpoolFile.State) throws(OfficeError) {
    guard let mtime = state.mtime, let version = state.published?.version else { return }
    if let (user, died) = try mount.store.user(version: version), died == nil, user.mtime != mtime {
      try mount.store.setTime(version: version, mtime: mtime)
    }
  }

  /// Waits until nobody else verifies this file.
  private func begin(_ file: SpoolFile, isInterrupted: () -> Bool) throws(OfficeError) {
    while true {
      let isMine = file.state.withLock { state in
        guard !state.isBusy else { return false }
        state.isBusy = true
        return true
      }
      if isMine { return }
      if isInterrupted() { throw OfficeError(.interrupted, "the caller gave up waiting") }
      usleep(2_000)
    }
  }

  private func remember(
    _ failure: OfficeError, _ file: SpoolFile, _ state: SpoolFile.State
  ) -> OfficeError {
    file.state.withLock { $0.checked = (state.generation, failure) }
    return failure
  }

  private func abandon(_ file: SpoolFile) {
    let state = file.state.withLock { $0 }
    spools.removeName(of: file)
    usersDidChange()
    let wasReported = state.checked?.generation == state.generation
    if state.base == nil, state.published == nil, !wasReported {
      mount.errors.append(
        "\(path(of: file.node)) EBADMSG: closed without a whole archive, nothing was imported"
          + " - copy the whole file again")
    }
  }

  private func isInUsers(_ file: SpoolFile) -> Bool {
    file.state.withLock { $0.folder } == NodeID(.users)
  }

  /// Stands in for a user whose name is not known before the rename; ids are written at publication.
  static let nobody: UserID = {
    guard let id = try? UserID("nobody") else { preconditionFailure("an allowed id") }
    return id
  }()

  static let emptyFile = OfficeError(
    .badArchive, "the file is empty, so it is no archive",
    remedy: "copy the file again; to add a user without data, use touch")
}
