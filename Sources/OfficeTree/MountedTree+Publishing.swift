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
    let open = try files[handle]
    if case .draft(let draft) = open {
      return try draft.flush(caller: caller, isInterrupted: isInterrupted)
    }
    guard case .spool(let file, true) = open else { return }
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
    case .archive(_, let export):
      let (node, user, now) = (export.attributes.node, export.caller.uid, mount.clock.seconds)
      if export.isComplete {
        mount.audit.append("\(export.reader) exported \(export.label)")
        cachedExports.note(node, by: user, at: now)
      } else if cachedExports.mayHaveRead(node, by: user, at: now) {
        mount.audit.append("\(export.reader) may have read \(export.label) in the kernel's cache")
      }
    case .spool(let file, let isWriter):
      let isLost = file.state.withLock { state in
        if isWriter { state.writers -= 1 } else { state.readers -= 1 }
        state.lastClose = mount.clock.now()
        // Who is at it judges it afterwards.
        return state.isLost && !state.isBusy
      }
      if isWriter, isLost, file.target != nil, spools.hasName(file) { abandon(file) }
      spools.sweep()
    case .draft(let draft): draft.release()
    case .text, .journal, nil: break
    }
  }

  /// The staged content, for a rename that is to publish it. What is small is staged now; what is large was to be
  /// verified at close, since a rename holds up everyone who looks into the folder.
  func stagedContent(
    of file: SpoolFile, as target: DropTarget, in folder: DropFolder, caller: Caller,
    isInterrupted: () -> Bool
  ) throws(OfficeError) -> (content: StagedDrop, generation: Int) {
    let state = file.state.withLock { $0 }
    if let staged = state.staged, staged.generation == state.generation {
      return (staged.content, state.generation)
    }
    if let checked = state.checked, checked.generation == state.generation,
      let failure = checked.failure
    {
      throw failure
    }
    guard state.base == nil, state.size > 0 else { throw MountedTree.emptyFile }
    guard state.size <= MountedTree.mostAtRename || !folder.showsWhatBecame else {
      throw OfficeError(
        .busy, "the file was not verified yet", remedy: "close or fsync it first, then rename")
    }
    if let failure = ArchiveFile(file: file.descriptor, limits: mount.limits).incompleteness() {
      throw failure
    }
    let content = try stage(
      file, as: target, in: folder, caller: caller, isInterrupted: isInterrupted)
    return (content, state.generation)
  }

  /// Shows staged content under a name, which in users/ and archives/ is that of the new version from then on.
  /// `generation` is the file's when the content was staged: what was written since is not published.
  func publish(
    _ content: StagedDrop, of file: SpoolFile, generation: Int, as target: DropTarget,
    in folder: DropFolder, caller: Caller, isInterrupted: () -> Bool = { false }
  ) throws(OfficeError) {
    let version = try take(
      content, as: target, in: folder, mtime: file.state.withLock { $0.mtime }, caller: caller,
      isInterrupted: isInterrupted)
    if folder.showsWhatBecame {
      spools.removeName(of: file)
      if let other = spools.file(named: target.fileName, in: folder.node), other !== file {
        spools.removeName(of: other)
      }
    }
    file.state.withLock { state in
      state.staged = nil
      state.replaces = nil
      state.published = (generation, version)
    }
    usersDidChange()
  }

  private func settle(
    _ file: SpoolFile, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) {
    try begin(file, isInterrupted: isInterrupted)
    defer { end(file) }
    let state = file.state.withLock { $0 }
    let isOpener = ProcessTable.process(ofThread: caller.pid) == state.opener
    guard let folder = dropFolder(of: state.folder) else { return }
    guard state.generation > 0, state.base == nil else {
      return try settleUnwritten(file, state, isOpener: isOpener, caller: caller)
    }
    if state.isPublished {
      if state.mtime != nil, let version = state.published?.version {
        try keepTime(version, state)
      }
      return
    }
    do throws(OfficeError) {
      guard
        let content = try verified(
          file, state, in: folder, isOpener: isOpener, caller: caller,
          isInterrupted: isInterrupted),
        let (_, target) = file.target
      else { return }
      do throws(OfficeError) {
        try publish(
          content, of: file, generation: state.generation, as: target, in: folder,
          caller: caller, isInterrupted: isInterrupted)
      } catch {
        file.state.withLock { $0.staged = nil }
        content.discard()
        throw error
      }
      notify(.entry(parent: folder.node, name: target.fileName))
    } catch {
      guard error.code != .interrupted else { throw error }
      remember(error, file, state)
      if state.isStrict { throw refused(error, file, as: state.target, in: folder, caller) }
    }
  }

  /// Verifies what the opener of a file has written when it sets the file's time: that is the last thing a tool does before it
  /// closes, and bsdtar looks here but not at close. Nothing is published.
  func verify(
    _ file: SpoolFile, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) {
    try begin(file, isInterrupted: isInterrupted)
    defer { end(file) }
    let state = file.state.withLock { $0 }
    guard let folder = dropFolder(of: state.folder), state.isStrict, state.writers > 0,
      state.wasWritten, state.base == nil, !state.isPublished,
      ProcessTable.process(ofThread: caller.pid) == state.opener
    else { return }
    do throws(OfficeError) {
      _ = try verified(
        file, state, in: folder, isOpener: true, caller: caller, isInterrupted: isInterrupted)
    } catch {
      if error.code != .interrupted { remember(error, file, state) }
      throw error
    }
  }

  /// The content of a file as it is now, staged; nil where nothing is wrong yet, since another process may go on writing:
  /// `{ cat a; cat b; } >file`.
  private func verified(
    _ file: SpoolFile, _ state: SpoolFile.State, in folder: DropFolder, isOpener: Bool,
    caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> StagedDrop? {
    if let staged = state.staged, staged.generation == state.generation { return staged.content }
    if let checked = state.checked, checked.generation == state.generation {
      if let failure = checked.failure, isOpener { throw failure }
      return nil
    }
    guard state.size > 0 else {
      guard isOpener, file.target != nil,
        !ProcessTable.hasOpen("/\(path(of: file.node))")
      else { return nil }
      throw MountedTree.emptyFile
    }
    let archive = ArchiveFile(file: file.descriptor, limits: mount.limits)
    if let failure = archive.incompleteness() {
      guard isOpener, state.wasWritten else { return nil }
      throw failure
    }
    let content = try stage(
      file, as: state.target, in: folder, caller: caller, isInterrupted: isInterrupted)
    let outdated = file.state.withLock { current in
      defer { current.staged = (state.generation, content) }
      return current.staged?.content
    }
    outdated?.discard()
    return content
  }

  /// A file that nothing was written to: `touch` adds a user, a copy of an empty file is refused, all else means nothing.
  private func settleUnwritten(
    _ file: SpoolFile, _ state: SpoolFile.State, isOpener: Bool, caller: Caller
  ) throws(OfficeError) {
    if let base = state.base {
      // touch of what is there: the time is that of the version, which stays.
      if state.wasTouched, state.generation == 0, isOpener {
        try keepTime(base.version, state)
      }
      return
    }
    guard let (folder, target) = file.target, state.published == nil, isOpener else { return }
    if state.isExclusive {
      throw refused(MountedTree.emptyFile, file, as: target, in: folder, caller)
    }
    guard state.wasTouched else { return }
    if folder.use == .archives {
      throw refused(MountedTree.emptyFile, file, as: target, in: folder, caller)
    }
    guard let version = try touch(target, in: folder, mtime: state.mtime, caller: caller) else {
      return
    }
    spools.removeName(of: file)
    file.state.withLock { $0.published = (0, version) }
    usersDidChange()
    notify(.entry(parent: folder.node, name: target.fileName))
  }

  /// A time that was set after the content was published belongs to the published version.
  private func keepTime(_ version: Int64, _ state: SpoolFile.State) throws(OfficeError) {
    guard let folder = dropFolder(of: state.folder) else { return }
    try setTime(state.mtime ?? mount.clock.now(), of: version, folder)
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

  /// Lets others at it. Its writer may have been killed and gone meanwhile.
  private func end(_ file: SpoolFile) {
    let isLost = file.state.withLock { state in
      state.isBusy = false
      return state.isLost
    }
    if isLost, file.target != nil, spools.hasName(file) { abandon(file) }
  }

  /// The largest archive, in bytes, that a rename still verifies itself.
  private static let mostAtRename: Int64 = 4 << 20

  /// Stands in for a user whose name is not known before the rename; ids are written at publication.
  static let nobody: UserID = {
    guard let id = try? UserID("nobody") else { preconditionFailure("an allowed id") }
    return id
  }()

  static let emptyFile = OfficeError(
    .badArchive, "the file is empty, so it is no archive",
    remedy: "copy the file again; to add a user without data, use touch")
}
