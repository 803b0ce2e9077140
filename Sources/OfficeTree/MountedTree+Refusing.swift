import OfficeAdmin
import OfficeModel

// What becomes of a written file that is no import.

extension MountedTree {
  /// What the tool gets to see: by then the name stands for what it stood for before.
  func refused(
    _ failure: OfficeError, _ file: SpoolFile, as target: DropTarget?, in folder: DropFolder,
    _ caller: Caller
  ) -> OfficeError {
    if let target { report(refused: target, in: folder, caller: "\(caller)", because: failure) }
    if file.target != nil {
      leave(file)
    }
    return failure
  }

  // What was there is put back while the file still has the name: in between nothing would be there, and rsync --delete
  // would take it for deleted.
  private func leave(_ file: SpoolFile) {
    putBack(file)
    spools.removeName(of: file)
    usersDidChange()
  }

  /// Gives back what the writer of this file removed to make place for it.
  private func putBack(_ file: SpoolFile) {
    let removal = file.state.withLock { state in
      defer { state.replaces = nil }
      return state.replaces
    }
    if let removal, removals.isCurrent(removal) { putBack(removal) }
  }

  /// The failure stands until the content changes.
  func remember(
    _ failure: OfficeError, _ file: SpoolFile, _ state: SpoolFile.State
  ) {
    file.state.withLock { $0.checked = (state.generation, failure) }
  }

  /// Forgets a file whose last writer left it without a whole archive.
  func abandon(_ file: SpoolFile) {
    let state = file.state.withLock { $0 }
    let target = file.target
    leave(file)
    let wasReported = state.checked?.generation == state.generation
    if state.base == nil, !wasReported {
      let failure = MountedTree.cutShort
      mount.errors.append("\(path(of: file.node)) \(failure.code): \(failure)")
      if let (folder, target) = target {
        let caller = "\(ProcessTable.command(ofThread: state.opener).name)[\(state.opener)]"
        report(refused: target, in: folder, caller: caller, because: failure)
      }
    }
  }

  private static let cutShort = OfficeError(
    .badArchive, "closed without a whole archive, nothing was taken in",
    remedy: "copy the whole file again")
}
