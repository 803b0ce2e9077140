import CFuse3
import Glibc
import OfficeTree

extension stat {
  /// The one time there is stands for all three: they never change within a version.
  init(_ attributes: Attributes) {
    self.init()
    st_ino = UInt(attributes.inode)
    let kind = attributes.isDirectory ? S_IFDIR : attributes.isLink ? Glibc.S_IFLNK : S_IFREG
    st_mode = attributes.permissions & 0o7777 | kind
    st_nlink = UInt(attributes.links)
    st_uid = attributes.owner
    st_gid = attributes.group
    st_size = Int(attributes.size)
    // With 0 blocks `tar -S` would store nothing but zeros.
    st_blocks = Int(attributes.size / 512 + (attributes.size % 512 == 0 ? 0 : 1))
    st_blksize = MountSettings.maximumTransfer
    let time = timespec(nanoseconds: attributes.mtime)
    st_mtim = time
    st_ctim = time
    st_atim = time
  }
}

extension timespec {
  /// From nanoseconds since 1970, which may be negative.
  init(nanoseconds: Int64) {
    let second: Int64 = 1_000_000_000
    var (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: second)
    if rest < 0 {
      seconds -= 1
      rest += second
    }
    self.init(tv_sec: Int(seconds), tv_nsec: Int(rest))
  }

  /// Nanoseconds since 1970; times that Int64 can't hold (before 1677, after 2262) become the nearest it can.
  var nanoseconds: Int64 {
    let (whole, hasOverflown) = Int64(tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    if hasOverflown { return tv_sec < 0 ? .min : .max }
    let (sum, isTooLarge) = whole.addingReportingOverflow(Int64(tv_nsec))
    return isTooLarge ? .max : sum
  }
}

extension fuse_entry_param {
  /// Node ids are never reused, so there is one generation.
  init(_ attributes: Attributes) {
    self.init()
    ino = attributes.node.rawValue
    attr = stat(attributes)
    attr_timeout = attributes.timeout
    entry_timeout = attributes.timeout
  }
}

extension fuse_file_info {
  init(_ opened: Opened, _ flags: OpenFlags) {
    self.init()
    fh = opened.handle
    direct_io = opened.isDirect ? 1 : 0
    keep_cache = opened.keepsCache ? 1 : 0
    // Closing a file that was only read tells the tree nothing; this saves an upcall for each.
    noflush = flags.contains(.write) || flags.contains(.truncate) ? 0 : 1
  }
}

extension statvfs {
  init(_ space: Space) {
    self.init()
    f_bsize = UInt(clamping: space.blockSize)
    f_frsize = UInt(clamping: space.blockSize)
    f_blocks = UInt(clamping: space.blocks)
    f_bfree = UInt(clamping: space.free)
    f_bavail = UInt(clamping: space.available)
    f_files = UInt(clamping: space.files)
    f_ffree = UInt(clamping: space.freeFiles)
    f_favail = UInt(clamping: space.freeFiles)
    f_namemax = 255
  }
}

extension OpenFlags {
  /// From open(2)'s flags.
  init(system flags: Int32) {
    self = []
    if flags & O_ACCMODE != O_RDONLY { insert(.write) }
    if flags & O_TRUNC != 0 { insert(.truncate) }
    if flags & O_EXCL != 0 { insert(.exclusive) }
    if flags & O_APPEND != 0 { insert(.append) }
  }
}

extension AttributeChange {
  /// What of `status` is to be set, as SETATTR's mask says. Times of access and of status changes are not kept.
  init(_ status: stat, mask: Int32) {
    func has(_ bit: Int32) -> Bool { mask & bit != 0 }
    self.init(
      size: has(FUSE_SET_ATTR_SIZE) ? Int64(status.st_size) : nil,
      mtime: has(FUSE_SET_ATTR_MTIME) && !has(FUSE_SET_ATTR_MTIME_NOW)
        ? status.st_mtim.nanoseconds : nil,
      mtimeIsNow: has(FUSE_SET_ATTR_MTIME_NOW),
      permissions: has(FUSE_SET_ATTR_MODE) ? status.st_mode & 0o7777 : nil,
      owner: has(FUSE_SET_ATTR_UID) ? status.st_uid : nil,
      group: has(FUSE_SET_ATTR_GID) ? status.st_gid : nil)
  }
}
