import CFuse3
import Glibc
import OfficeModel
import OfficeTree

typealias Name = UnsafePointer<CChar>?

func fuseLookup(_ request: fuse_req_t?, _ parent: fuse_ino_t, _ name: Name) {
  guard let call = Call(request, "lookup", parent, name) else { return }
  // ENOENT, never a cached absence: a name may appear at any moment.
  call.answer { bridge, operation throws(OfficeError) in
    .entry(
      try bridge.tree.lookup(operation.name ?? [], in: operation.node, caller: operation.caller))
  }
}

/// Has no answer: libfuse's is the end of the request.
func fuseForget(_ request: fuse_req_t?, _ node: fuse_ino_t, _ count: UInt64) {
  defer { fuse_reply_none(request) }
  guard let raw = fuse_req_userdata(request) else { return }
  let bridge = Unmanaged<Bridge>.fromOpaque(raw).takeUnretainedValue()
  bridge.tree.refer(to: NodeID(rawValue: node), count: -Int64(clamping: count))
}

func fuseGetAttributes(_ request: fuse_req_t?, _ node: fuse_ino_t, _ info: FileInfo) {
  guard let call = Call(request, "stat", node) else { return }
  let handle = info?.pointee.fh
  call.answer { bridge, operation throws(OfficeError) in
    .attributes(try bridge.tree.attributes(of: operation.node, handle: handle))
  }
}

func fuseReadLink(_ request: fuse_req_t?, _ node: fuse_ino_t) {
  guard let call = Call(request, "readlink", node) else { return }
  call.answer { bridge, operation throws(OfficeError) in
    .link(try bridge.tree.target(ofLink: operation.node))
  }
}

func fuseSetAttributes(
  _ request: fuse_req_t?, _ node: fuse_ino_t, _ status: UnsafeMutablePointer<stat>?,
  _ mask: Int32, _ info: FileInfo
) {
  guard let call = Call(request, "setattr", node) else { return }
  let handle = info?.pointee.fh
  let change = AttributeChange(status?.pointee ?? stat(), mask: status == nil ? 0 : mask)
  let interrupts = call.interrupts
  call.answer(on: .files) { bridge, operation throws(OfficeError) in
    // touch of an order returns when its backup stands in all slots, like close.
    let mark = bridge.notifier.mark()
    let attributes = try bridge.tree.change(
      operation.node, handle: handle, to: change, caller: operation.caller,
      isInterrupted: { interrupts.hasCome })
    bridge.notifier.drain(since: mark, milliseconds: noticePatience)
    return .attributes(attributes)
  }
}

func fuseMakeDirectory(_ request: fuse_req_t?, _ parent: fuse_ino_t, _ name: Name, _ mode: mode_t) {
  guard let call = Call(request, "mkdir", parent, name) else { return }
  call.answer(on: .directories) { bridge, operation throws(OfficeError) in
    .entry(
      try bridge.tree.makeDirectory(
        operation.name ?? [], in: operation.node, permissions: mode & 0o7777,
        caller: operation.caller))
  }
}

func fuseRemoveDirectory(_ request: fuse_req_t?, _ parent: fuse_ino_t, _ name: Name) {
  guard let call = Call(request, "rmdir", parent, name) else { return }
  call.answer(on: .directories) { bridge, operation throws(OfficeError) in
    try bridge.tree.removeDirectory(
      operation.name ?? [], in: operation.node, caller: operation.caller)
    return .done
  }
}

func fuseUnlink(_ request: fuse_req_t?, _ parent: fuse_ino_t, _ name: Name) {
  guard let call = Call(request, "remove", parent, name) else { return }
  call.answer(on: .directories) { bridge, operation throws(OfficeError) in
    try bridge.tree.remove(operation.name ?? [], in: operation.node, caller: operation.caller)
    return .done
  }
}

func fuseRename(
  _ request: fuse_req_t?, _ parent: fuse_ino_t, _ name: Name, _ newParent: fuse_ino_t,
  _ newName: Name, _ flags: UInt32
) {
  guard let call = Call(request, "rename", parent, name) else { return }
  let target = newName.map(nameBytes) ?? []
  call.answer(on: .directories) { bridge, operation throws(OfficeError) in
    try bridge.tree.rename(
      operation.name ?? [], in: operation.node, to: target, in: NodeID(rawValue: newParent),
      flags: flags, caller: operation.caller)
    return .done
  }
}

func fuseSymbolicLink(_ request: fuse_req_t?, _ target: Name, _ parent: fuse_ino_t, _ name: Name) {
  refuse(Call(request, "symlink", parent, name))
}

func fuseHardLink(
  _ request: fuse_req_t?, _ node: fuse_ino_t, _ parent: fuse_ino_t, _ name: Name
) {
  refuse(Call(request, "link", parent, name))
}

func fuseMakeNode(
  _ request: fuse_req_t?, _ parent: fuse_ino_t, _ name: Name, _ mode: mode_t, _ device: dev_t
) {
  refuse(Call(request, "mknod", parent, name))
}

private func refuse(_ call: consuming Call?) {
  guard let call = consume call else { return }
  call.answer { bridge, operation throws(OfficeError) in
    try bridge.tree.refuseSpecial(in: operation.node)
    return .done
  }
}
