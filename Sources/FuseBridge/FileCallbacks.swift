import CFuse
import CFuse3
import Glibc
import OfficeModel
import OfficeTree

typealias FileInfo = UnsafeMutablePointer<fuse_file_info>?

func fuseOpen(_ request: fuse_req_t?, _ node: fuse_ino_t, _ info: FileInfo) {
  guard let call = Call(request, "open", node) else { return }
  let flags = OpenFlags(system: info?.pointee.flags ?? O_RDONLY)
  let interrupts = call.interrupts
  let work: @Sendable (Bridge, Operation) throws(OfficeError) -> Answer = {
    bridge, operation throws(OfficeError) in
    .opened(
      try bridge.tree.open(
        operation.node, flags: flags, caller: operation.caller,
        isInterrupted: { interrupts.hasCome }), flags)
  }
  // Opening for writing may copy what is there.
  let isReading = flags.isDisjoint(with: [.write, .truncate])
  if isReading, !call.bridge.tree.mayBlock(opening: call.operation.node) {
    call.answer(work)
  } else {
    call.answer(on: .files, work)
  }
}

func fuseCreate(
  _ request: fuse_req_t?, _ parent: fuse_ino_t, _ name: UnsafePointer<CChar>?, _ mode: mode_t,
  _ info: FileInfo
) {
  guard let call = Call(request, "create", parent, name) else { return }
  let flags = OpenFlags(system: info?.pointee.flags ?? O_WRONLY)
  call.answer(on: .directories) { bridge, operation throws(OfficeError) in
    let (attributes, opened) = try bridge.tree.create(
      operation.name ?? [], in: operation.node, flags: flags, permissions: mode & 0o7777,
      caller: operation.caller)
    return .created(attributes, opened, flags)
  }
}

func fuseRead(
  _ request: fuse_req_t?, _ node: fuse_ino_t, _ size: Int, _ offset: off_t, _ info: FileInfo
) {
  guard let call = Call(request, "read", node) else { return }
  let handle = info?.pointee.fh ?? 0
  call.answer { bridge, _ throws(OfficeError) in
    let buffer = try threadBuffer(size)
    let count = try bridge.tree.read(handle, at: Int64(offset), into: buffer)
    guard (0...size).contains(count) else {
      throw OfficeError(.inputOutput, "a read gave more than was asked for")
    }
    return .data(UnsafeRawBufferPointer(start: buffer.baseAddress, count: count))
  }
}

func fuseWrite(
  _ request: fuse_req_t?, _ node: fuse_ino_t, _ bytes: UnsafePointer<CChar>?, _ size: Int,
  _ offset: off_t, _ info: FileInfo
) {
  guard let call = Call(request, "write", node) else { return }
  let handle = info?.pointee.fh ?? 0
  let content = UnsafeRawBufferPointer(start: bytes, count: size)
  let bridge = call.bridge
  let isLong = bridge.tree.mayBlock(writing: handle)
  let isAlone = bridge.beginWriting()
  if isAlone && !isLong {
    call.answer { bridge, _ throws(OfficeError) in
      defer { bridge.endWriting() }
      try bridge.tree.write(handle, at: Int64(offset), content)
      return .written(size)
    }
    return
  }
  let memory = RequestMemory.keep(content, for: bridge.spares)
  call.answer(on: isLong ? .files : .writes) { bridge, _ throws(OfficeError) in
    defer { bridge.endWriting() }
    guard let memory else {
      throw OfficeError(ErrorCode(rawValue: ENOMEM), "no memory for a write")
    }
    defer { withExtendedLifetime(memory) {} }
    try bridge.tree.write(handle, at: Int64(offset), memory.bytes)
    return .written(size)
  }
}

func fuseFlush(_ request: fuse_req_t?, _ node: fuse_ino_t, _ info: FileInfo) {
  guard let call = Call(request, "close", node) else { return }
  let handle = info?.pointee.fh ?? 0
  let interrupts = call.interrupts
  call.answer(on: .files) { bridge, operation throws(OfficeError) in
    let mark = bridge.notifier.mark()
    try bridge.tree.flush(
      handle, caller: operation.caller, isInterrupted: { interrupts.hasCome })
    bridge.notifier.drain(since: mark, milliseconds: noticePatience)
    return .done
  }
}

func fuseSynchronize(
  _ request: fuse_req_t?, _ node: fuse_ino_t, _ dataOnly: Int32, _ info: FileInfo
) {
  guard let call = Call(request, "fsync", node) else { return }
  let handle = info?.pointee.fh ?? 0
  let interrupts = call.interrupts
  call.answer(on: .files) { bridge, operation throws(OfficeError) in
    let mark = bridge.notifier.mark()
    try bridge.tree.synchronize(
      handle, caller: operation.caller, isInterrupted: { interrupts.hasCome })
    bridge.notifier.drain(since: mark, milliseconds: noticePatience)
    return .done
  }
}

func fuseAllocate(
  _ request: fuse_req_t?, _ node: fuse_ino_t, _ mode: Int32, _ offset: off_t, _ length: off_t,
  _ info: FileInfo
) {
  guard let call = Call(request, "fallocate", node) else { return }
  let handle = info?.pointee.fh ?? 0
  call.answer(on: .files) { bridge, _ throws(OfficeError) in
    guard mode == 0 else {
      throw OfficeError(
        ErrorCode(rawValue: EOPNOTSUPP), "only plain allocation, without holes, is offered")
    }
    let (end, hasOverflown) = Int64(offset).addingReportingOverflow(Int64(length))
    guard !hasOverflown else { throw OfficeError(.tooLarge, "a file can't be that large") }
    try bridge.tree.allocate(handle, size: end)
    return .done
  }
}

func fuseRelease(_ request: fuse_req_t?, _ node: fuse_ino_t, _ info: FileInfo) {
  guard let call = Call(request, "release", node) else { return }
  let handle = info?.pointee.fh ?? 0
  let bridge = call.bridge
  // Nobody waits for it and nobody is told how it ended. Done here and not by the pool: who opens the file again finds it free.
  call.answer { _, _ in .done }
  bridge.tree.release(handle)
}

/// How long a commit waits for the kernel to hear of it, in milliseconds: another process should see the new state once close
/// returned, but a locked directory must not hold the answer up for ever.
let noticePatience = 100

/// `size` bytes of the calling thread's own memory, used again by its next request.
func threadBuffer(_ size: Int) throws(OfficeError) -> UnsafeMutableRawBufferPointer {
  guard let memory = cfuse_thread_buffer(max(size, MountSettings.maximumTransfer)) else {
    throw OfficeError(ErrorCode(rawValue: ENOMEM), "no memory for a read")
  }
  return UnsafeMutableRawBufferPointer(start: memory, count: size)
}
