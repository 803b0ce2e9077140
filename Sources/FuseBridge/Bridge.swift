import Glibc
import OfficeModel
import OfficeTree
import Synchronization

/// Where a request that may take long is worked on.
enum Lane {
  /// It is about one file.
  case files
  /// It makes the kernel lock a directory.
  case directories
  /// It is one piece of a file being copied in.
  case writes
}

/// What every callback needs: the tree, and the threads that are not libfuse's.
final class Bridge: Sendable {
  let tree: MountedTree
  /// Requests for one file. They may take as long as an import, and as much of the processors: look-ups and reads go first.
  let files = JobPool(name: "files", limit: 64, nice: 5)
  /// Requests during which the kernel locks a directory. Apart from `files`: behind a full pool of imports they, and with them
  /// every `ls` of that directory, would wait.
  let directories = JobPool(name: "directories", limit: 8, nice: -5)
  /// Pieces of files, of which sixteen copies at once send as many as they can. On half of the processors: the kernel may take
  /// ten ms to find memory for a piece and lets nobody in between, however nice, so one processor has to be left to look-ups.
  let writes = JobPool(name: "writes", limit: max(1, processorCount() / 2), nice: 10)
  let notifier = Notifier()
  let watchdog = Watchdog()
  /// For requests to be received in.
  let spares = SpareMemory()
  /// How many writes are under way.
  private let writing = Atomic<Int>(0)
  /// Set when the mount ends and nobody is left to wait for.
  private let hurry = Atomic<Bool>(false)

  func pool(_ lane: Lane) -> JobPool {
    switch lane {
    case .files: files
    case .directories: directories
    case .writes: writes
    }
  }

  init(tree: MountedTree) { self.tree = tree }

  /// Begins a write, which `endWriting` has to follow. Whether it is the only one, so that a worker may see to it: with more
  /// the workers would be busy with them, and nobody would be left to answer `ls`.
  func beginWriting() -> Bool { writing.add(1, ordering: .relaxed).newValue == 1 }

  func endWriting() { writing.subtract(1, ordering: .relaxed) }

  /// Whether jobs should give up, as if their callers had.
  var isHurried: Bool { hurry.load(ordering: .relaxed) }

  /// Lets jobs under way give up.
  func hurryUp() { hurry.store(true, ordering: .relaxed) }

  /// Lets jobs under way give up, and then the callers of those that can't. No reply is left when this returns.
  func endJobs() {
    hurryUp()
    let pools = [directories, files, writes].map { ($0, $0.mark()) }
    let deadline = Deadline(milliseconds: Bridge.patience)
    while !deadline.hasPassed, pools.contains(where: { !$0.isDrained(to: $1) }) { usleep(2_000) }
    watchdog.releaseAll()
  }

  /// How long jobs may take to give up once the mount ends, in milliseconds.
  private static let patience = 2_000

  /// Tells the tree of the folders that an answer tells the kernel of, or that it told in vain (-1).
  func refer(_ answer: Answer, count: Int64) {
    switch answer {
    case .entry(let attributes) where attributes.isDirectory:
      tree.refer(to: attributes.node, count: count)
    case .listing(_, let folders):
      for folder in folders { tree.refer(to: folder, count: count) }
    default: break
    }
  }

  /// Closes what was opened for a caller who is gone: the kernel will not.
  func abandon(_ answer: Answer) {
    let tree = tree
    switch answer {
    case .opened(let opened, _), .created(_, let opened, _):
      files.submit { tree.release(opened.handle) }
    case .openedDirectory(let handle):
      tree.releaseDirectory(handle)
    default: break
    }
  }
}
