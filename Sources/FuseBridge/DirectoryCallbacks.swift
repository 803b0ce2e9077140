import CFuse3
import Glibc
import OfficeModel
import OfficeTree

func fuseOpenDirectory(_ request: fuse_req_t?, _ node: fuse_ino_t, _ info: FileInfo) {
  guard let call = Call(request, "opendir", node) else { return }
  call.answer { bridge, operation throws(OfficeError) in
    .openedDirectory(
      try bridge.tree.openDirectory(operation.node, caller: operation.caller))
  }
}

func fuseReleaseDirectory(_ request: fuse_req_t?, _ node: fuse_ino_t, _ info: FileInfo) {
  guard let call = Call(request, "releasedir", node) else { return }
  let handle = info?.pointee.fh ?? 0
  call.answer { bridge, _ in
    bridge.tree.releaseDirectory(handle)
    return .done
  }
}

func fuseReadDirectory(
  _ request: fuse_req_t?, _ node: fuse_ino_t, _ size: Int, _ offset: off_t, _ info: FileInfo
) {
  guard let call = Call(request, "readdir", node) else { return }
  // fuse_dirent is 24 bytes and a name of 1 to 8.
  list(call, info?.pointee.fh ?? 0, size, offset, smallest: 32, tells: false) {
    room, name, entry, next in
    fuse_add_direntry(nil, room.base, room.count, name, &entry.attr, next)
  }
}

func fuseReadDirectoryPlus(
  _ request: fuse_req_t?, _ node: fuse_ino_t, _ size: Int, _ offset: off_t, _ info: FileInfo
) {
  guard let call = Call(request, "readdir", node) else { return }
  // fuse_direntplus adds the 128 bytes of a look-up's answer.
  list(call, info?.pointee.fh ?? 0, size, offset, smallest: 160, tells: true) {
    room, name, entry, next in
    fuse_add_direntry_plus(nil, room.base, room.count, name, &entry, next)
  }
}

/// What is left of the buffer for entries.
private struct Room {
  var base: UnsafeMutablePointer<CChar>?
  var count: Int
}

/// Fills the buffer with as many entries as fit. `add` writes one and gives its size, which is more than is left if it does not fit.
/// Whether it `tells` the kernel of what it lists, as a look-up does.
private func list(
  _ call: consuming Call, _ handle: UInt64, _ size: Int, _ offset: off_t, smallest: Int,
  tells: Bool,
  _ add: (Room, [CChar], inout fuse_entry_param, off_t) -> Int
) {
  call.answer { bridge, _ throws(OfficeError) in
    let buffer = try threadBuffer(size)
    let entries = try bridge.tree.readDirectory(
      handle, from: Int64(offset), limit: max(1, size / smallest))
    var used = 0
    var name: [CChar] = []
    var folders: [NodeID] = []
    for entry in entries {
      name.removeAll(keepingCapacity: true)
      for byte in entry.name { name.append(CChar(bitPattern: byte)) }
      name.append(0)
      var parameters = fuse_entry_param(entry.attributes)
      let room = Room(
        base: (buffer.baseAddress?.advanced(by: used)).map {
          $0.assumingMemoryBound(to: CChar.self)
        }, count: size - used)
      let needed = add(room, name, &parameters, off_t(entry.next))
      guard needed <= size - used else { break }
      used += needed
      if tells, entry.attributes.isDirectory { folders.append(entry.attributes.node) }
    }
    return .listing(
      UnsafeRawBufferPointer(start: buffer.baseAddress, count: used), folders: folders)
  }
}
