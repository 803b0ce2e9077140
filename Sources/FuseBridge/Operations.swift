import CFuse3
import Glibc
import OfficeModel

/// What libfuse calls for each request.
///
/// Left out on purpose. The kernel then asks once and never again, or not at all:
/// getxattr, listxattr, setxattr, removexattr (EOPNOTSUPP, ACLs included; one upcall less for each WRITE and each `ls -l`),
/// copy_file_range and lseek (tools fall back), ioctl, bmap, poll, locks (the kernel's own serve), access (default_permissions
/// decides), fsyncdir (what a directory shows is durable), forget_multi (libfuse calls forget for each).
func fuseOperations() -> fuse_lowlevel_ops {
  var operations = fuse_lowlevel_ops()
  operations.`init` = fuseInit
  operations.lookup = fuseLookup
  operations.forget = fuseForget
  operations.getattr = fuseGetAttributes
  operations.setattr = fuseSetAttributes
  operations.readlink = fuseReadLink
  operations.open = fuseOpen
  operations.create = fuseCreate
  operations.read = fuseRead
  operations.write = fuseWrite
  operations.flush = fuseFlush
  operations.fsync = fuseSynchronize
  operations.fallocate = fuseAllocate
  operations.release = fuseRelease
  operations.opendir = fuseOpenDirectory
  operations.readdir = fuseReadDirectory
  operations.readdirplus = fuseReadDirectoryPlus
  operations.releasedir = fuseReleaseDirectory
  operations.mkdir = fuseMakeDirectory
  operations.rmdir = fuseRemoveDirectory
  operations.unlink = fuseUnlink
  operations.rename = fuseRename
  operations.symlink = fuseSymbolicLink
  operations.link = fuseHardLink
  operations.mknod = fuseMakeNode
  operations.statfs = fuseSpace
  return operations
}

/// Tells the kernel how to ask.
private func fuseInit(
  _ data: UnsafeMutableRawPointer?, _ info: UnsafeMutablePointer<fuse_conn_info>?
) {
  guard let info else { return }
  func want(_ capability: Int) {
    info.pointee.want |= info.pointee.capable & UInt32(capability)
  }
  func refuse(_ capability: Int) { info.pointee.want &= ~UInt32(capability) }
  want(Int(FUSE_CAP_READDIRPLUS))
  want(Int(FUSE_CAP_ATOMIC_O_TRUNC))
  want(Int(FUSE_CAP_PARALLEL_DIROPS))
  want(Int(FUSE_CAP_ASYNC_READ))
  // "auto" costs `find -ls` a look-up for each file.
  refuse(Int(FUSE_CAP_READDIRPLUS_AUTO))
  // Writes must reach us when they are made: flush decides on what has come.
  refuse(Int(FUSE_CAP_WRITEBACK_CACHE))
  // NFS would keep node ids for longer than versions live, and the tree looks up no "." or "..".
  refuse(Int(FUSE_CAP_EXPORT_SUPPORT))
  // 1 MiB never fits a pipe, so splicing it only costs.
  refuse(Int(FUSE_CAP_SPLICE_READ))
  refuse(Int(FUSE_CAP_SPLICE_WRITE))
  refuse(Int(FUSE_CAP_SPLICE_MOVE))
  info.pointee.max_write = UInt32(MountSettings.maximumTransfer)
  info.pointee.max_read = UInt32(MountSettings.maximumTransfer)
  info.pointee.max_background = 64
  info.pointee.congestion_threshold = 48
  info.pointee.time_gran = 1
}

private func fuseSpace(_ request: fuse_req_t?, _ node: fuse_ino_t) {
  guard let call = Call(request, "statfs", node) else { return }
  call.answer { bridge, _ throws(OfficeError) in .space(try bridge.tree.space()) }
}
