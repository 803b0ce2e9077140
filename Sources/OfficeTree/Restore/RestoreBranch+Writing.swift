import BackupRepository
import OfficeAdmin
import OfficeModel

// What administrators do in `restore/`: stage, choose, confirm, cancel.

extension RestoreBranch {
  func makeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes {
    switch RestoreNode(parent) {
    case .root: return try stage(name, caller)
    case .staging(let number):
      let staging = try staging(number)
      guard let item = RestoreNode.Item(name), item.isFolder, !staging.has(item) else {
        throw RestoreBranch.notHere(name)
      }
      try staging.choose { $0.removed.remove(item) }
      didChange()
      return folder(.item(number, item), mtime: staging.time)
    default: throw RestoreBranch.notHere(name)
    }
  }

  private func stage(_ name: [UInt8], _ caller: Caller) throws(OfficeError) -> Attributes {
    guard let text = String(validating: name, as: UTF8.self) else {
      throw SetList.unknown(Escaped.line(name))
    }
    // `latest+ann` is a second staging of `latest`: two administrators have one each.
    let parts = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count > 1, parts[1].isEmpty || !parts[1].utf8.allSatisfy(\.isArchiveNameByte) {
      throw OfficeError(
        .invalid, "not a name for another staging of the archive", item: Escaped.line(name),
        remedy: "use letters, digits, '.', '_' and '-' behind the '+'")
    }
    let claim = try repository.claim(try repository.list().restorable(String(parts[0])))
    guard claim.set.format <= BackupSet.currentFormat else {
      throw OfficeError(
        .newerFormat,
        "format \(claim.set.format) is newer than this officefs, which reads up to "
          + "\(BackupSet.currentFormat)", item: claim.set.archiveName, remedy: "update officefs")
    }
    let areas = try restores.areas(of: claim.set)
    let view = try repository.view(of: claim.set)
    let now = mount.clock.now()
    let staging = try stagings.insert(name) { number in
      Staging(number, named: name, claim, view, areas: areas, at: now)
    }
    let stagings = stagings
    // Nobody may come to look at it again.
    crew.later(Int(StagingTable.life / 1_000_000_000) + 60) { stagings.sweep() }
    mount.audit.append("\(caller) staged \(claim.set.archiveName) as \(staging.path)")
    return folder(.staging(staging.number), mtime: now)
  }

  /// Cancels a staging, whatever is left in it: so does `rm -r`. Throws `.busy` while its restore runs.
  func removeDirectory(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError) {
    let found = try lookup(name, in: parent, caller: caller)
    switch RestoreNode(found.node) {
    case .staging(let number):
      guard try staging(number).state.withLock({ $0.running == nil }) else {
        throw Staging.running
      }
      stagings.remove(number)
    case .item(let number, let item) where item.isFolder:
      let staging = try staging(number)
      let isEmpty = staging.state.withLock { state in
        item == .areas ? state.areas.isEmpty : state.users?.isEmpty ?? false
      }
      guard isEmpty else { throw OfficeError(.notEmpty, "not empty") }
      try staging.choose { _ = $0.removed.insert(item) }
    default: throw OfficeError(.notDirectory, "not a folder")
    }
    didChange()
  }

  func remove(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError) {
    let found = try lookup(name, in: parent, caller: caller)
    guard let node = RestoreNode(found.node), let number = node.staging else {
      throw OfficeError(.isDirectory, "a staging is a folder")
    }
    let staging = try staging(number)
    switch node {
    case .area(_, let area): try staging.choose { $0.areas.remove(area) }
    case .user(_, let index):
      let id = try staging.users()[index]
      try staging.choose { $0.users?.remove(id) }
    case .item(_, let item): try remove(item, of: staging, caller)
    case .confirm: throw Staging.running
    case .root, .staging: throw OfficeError(.isDirectory, "a folder")
    }
    didChange()
  }

  private func remove(
    _ item: RestoreNode.Item, of staging: Staging, _ caller: Caller
  ) throws(OfficeError) {
    switch item {
    case .groups: try staging.choose { $0.groups = false }
    case .settings: try staging.choose { $0.settings = false }
    case .removeOthers: try staging.choose { $0.removesOthers = false }
    case .quiet:
      let quiet = staging.state.withLock { state in
        defer { state.quiet = nil }
        return state.quiet
      }
      quiet?.release()
      mount.audit.append("\(caller) lets changes be made again (\(staging.path)/quiet)")
    case .planText, .planJSON: staging.state.withLock { $0.plan = nil }
    case .resultText, .resultJSON: staging.state.withLock { _ = $0.removed.insert(item) }
    case .areas, .users: throw OfficeError(.isDirectory, "a folder")
    }
  }

  func create(
    _ name: [UInt8], in parent: NodeID, flags: OpenFlags, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> (Attributes, BranchFile) {
    guard let folder = RestoreNode(parent), let number = folder.staging else {
      throw OfficeError(
        .invalid, "an archive is staged as a folder", item: Escaped.line(name),
        remedy: "mkdir restore/<archive>")
    }
    let staging = try staging(number)
    let node: RestoreNode
    switch folder {
    case .item(_, .areas): node = .area(number, try choose(area: name, of: staging))
    case .item(_, .users): node = .user(number, try choose(user: name, of: staging))
    case .staging:
      if name.starts(with: RestoreBranch.confirm) {
        return try confirm(name, staging, caller)
      }
      guard let item = RestoreNode.Item(name) else { throw RestoreBranch.notHere(name) }
      try make(item, in: staging, caller)
      node = .item(number, item)
    default: throw MountedTree.readOnly
    }
    didChange()
    return (file(node, staging), RestoreBranch.writer { _ in })
  }

  private func choose(area name: [UInt8], of staging: Staging) throws(OfficeError) -> Area {
    guard let area = RestoreBranch.area(name), staging.areas.contains(area) else {
      throw OfficeError(
        .invalid, "the archive has no such area", item: Escaped.line(name),
        remedy: "it has " + staging.areas.map(\.name).joined(separator: ", "))
    }
    try staging.choose { _ = $0.areas.insert(area) }
    return area
  }

  private func choose(user name: [UInt8], of staging: Staging) throws(OfficeError) -> Int {
    guard let id = try? UserID(name), let index = try staging.index(of: id) else {
      throw OfficeError(
        .invalid, "the archive has no such user", item: Escaped.line(name),
        remedy: "touch users/<id> of a user whom the archive has")
    }
    try staging.choose { _ = $0.users?.insert(id) }
    return index
  }

  private func make(
    _ item: RestoreNode.Item, in staging: Staging, _ caller: Caller
  ) throws(OfficeError) {
    switch item {
    case .groups: try staging.choose { $0.groups = true }
    case .settings: try staging.choose { $0.settings = true }
    case .removeOthers: try staging.choose { $0.removesOthers = true }
    case .quiet:
      let quiet = restores.gate.quiet()
      staging.state.withLock { $0.quiet = quiet }
      mount.audit.append("\(caller) holds changes off (\(staging.path)/quiet)")
    default: throw RestoreBranch.notHere(item.name)
    }
  }

  func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller
  ) throws(OfficeError) -> BranchFile {
    let attributes = try attributes(of: node)
    guard !attributes.isDirectory, let node = RestoreNode(node), let number = node.staging else {
      throw OfficeError(.isDirectory, "a folder")
    }
    let staging = try staging(number)
    guard case .item(_, let item) = node else { return RestoreBranch.writer { _ in } }
    guard flags.contains(.write) else {
      guard let text = text(of: item, in: staging) else { throw MountedTree.gone }
      return BranchFile(file: .text(text), keepsCache: false, isDirect: true)
    }
    guard item == .planText || item == .planJSON else { return RestoreBranch.writer { _ in } }
    // Writing to the plan orders another one, as touching it does; emptying it does not yet.
    let draft = Draft([], isNew: false, limit: 4_096) {
      [self] (bytes, caller, isInterrupted) throws(OfficeError) in
      guard !bytes.isEmpty else { return }
      _ = try plan(staging, caller).wait(isInterrupted: isInterrupted)
    }
    return BranchFile(file: .draft(draft), keepsCache: false, isDirect: true)
  }

  /// Modes, owners and times stay, but asking is no error. Touching the plan makes it anew; setting the confirmation's time
  /// waits for what it confirmed.
  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes {
    if let node = RestoreNode(node), let number = node.staging,
      change.mtimeIsNow || change.mtime != nil
    {
      let staging = try staging(number)
      switch node {
      case .item(_, .planText), .item(_, .planJSON):
        _ = try plan(staging, caller).wait(isInterrupted: isInterrupted)
      case .confirm:
        let run = staging.state.withLock { $0.run }
        _ = try run?.work.wait(isInterrupted: isInterrupted)
      default: break
      }
    }
    return try attributes(of: node)
  }

  func rename(
    _ name: [UInt8], in parent: NodeID, to newName: [UInt8], in newParent: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError) {
    throw OfficeError(
      .readOnly, "names in restore/ stay", item: Escaped.line(name),
      remedy: "touch what you want, rm what you do not")
  }

  /// A file that nothing is written to; `settle` is what closing it does.
  static func writer(
    isNew: Bool = false,
    _ settle: @escaping @Sendable (_ isInterrupted: () -> Bool) throws(OfficeError) -> Void
  ) -> BranchFile {
    let draft = Draft([], isNew: isNew, limit: 4_096) {
      (_, _, isInterrupted) throws(OfficeError) in try settle(isInterrupted)
    }
    return BranchFile(file: .draft(draft), keepsCache: false, isDirect: true)
  }

  static let confirm = Array("confirm-".utf8)

  private static func notHere(_ name: [UInt8]) -> OfficeError {
    OfficeError(
      .invalid, "there is nothing of this name in a restore", item: Escaped.line(name),
      remedy: "touch groups, settings, remove-others, quiet, areas/<area>, users/<id>, plan.txt "
        + "or confirm-<code>")
  }
}
