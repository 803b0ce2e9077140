import CFuse3
import Glibc
import OfficeModel
import OfficeTree

/// What a request is answered with when it succeeds.
enum Answer {
  /// Nothing but that it is done.
  case done
  case entry(Attributes)
  case attributes(Attributes)
  case opened(Opened, OpenFlags)
  case created(Attributes, Opened, OpenFlags)
  case openedDirectory(UInt64)
  /// Where a symbolic link leads.
  case link([UInt8])
  /// That many bytes were taken.
  case written(Int)
  /// Bytes of the calling thread's buffer.
  case data(UnsafeRawBufferPointer)
  /// A listing in the same buffer, by which the kernel knows these folders once more.
  case listing(UnsafeRawBufferPointer, folders: [NodeID])
  case space(Space)
}

/// The right to answer one request.
///
/// INVARIANT: a request is answered exactly once. It can't be copied, sending consumes it, and where it is dropped it answers EIO.
struct Reply: ~Copyable, @unchecked Sendable {
  private let request: fuse_req_t

  init(_ request: fuse_req_t) { self.request = request }

  deinit { fuse_reply_err(request, EIO) }

  /// Whether a signal has reached the caller, of whatever kind.
  var isInterrupted: Bool { fuse_req_interrupted(request) != 0 }

  /// Answers with an error.
  consuming func send(_ code: ErrorCode) {
    let request = request
    discard self
    fuse_reply_err(request, Reply.number(code))
  }

  /// Answers. False if nobody was left to take it.
  consuming func send(_ answer: Answer) -> Bool {
    let request = request
    discard self
    return Reply.send(answer, request) == 0
  }

  // ENOSYS from a live operation would disable it for good, and the kernel takes only real error numbers.
  private static func number(_ code: ErrorCode) -> Int32 {
    switch code.rawValue {
    case ENOSYS: EOPNOTSUPP
    case 1..<512: code.rawValue
    default: EIO
    }
  }

  private static func send(_ answer: Answer, _ request: fuse_req_t) -> Int32 {
    switch answer {
    case .done:
      return fuse_reply_err(request, 0)
    case .entry(let attributes):
      var entry = fuse_entry_param(attributes)
      return fuse_reply_entry(request, &entry)
    case .attributes(let attributes):
      var status = stat(attributes)
      return fuse_reply_attr(request, &status, attributes.timeout)
    case .opened(let opened, let flags):
      var info = fuse_file_info(opened, flags)
      return fuse_reply_open(request, &info)
    case .created(let attributes, let opened, let flags):
      var entry = fuse_entry_param(attributes)
      var info = fuse_file_info(opened, flags)
      return fuse_reply_create(request, &entry, &info)
    case .openedDirectory(let handle):
      var info = fuse_file_info()
      info.fh = handle
      return fuse_reply_open(request, &info)
    case .link(let target):
      let text = target.map { CChar(bitPattern: $0) } + [0]
      return fuse_reply_readlink(request, text)
    case .written(let count):
      return fuse_reply_write(request, count)
    case .data(let bytes), .listing(let bytes, _):
      return fuse_reply_buf(
        request, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    case .space(let space):
      var status = statvfs(space)
      return fuse_reply_statfs(request, &status)
    }
  }
}
