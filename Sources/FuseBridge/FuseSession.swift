import Glibc
import Logging
import OfficeModel
import OfficeTree

/// One mount of an office, from its start to its end.
public final class FuseSession {
  private let bridge: Bridge
  private let mountPoint: String
  private let settings: MountSettings
  private let logger: Logger

  /// A mount of `tree` at the empty folder `mountPoint`. Nothing happens before `run`.
  public init(tree: MountedTree, mountPoint: String, settings: MountSettings, logger: Logger) {
    bridge = Bridge(tree: tree)
    self.mountPoint = mountPoint
    self.settings = settings
    self.logger = logger
  }

  /// Mounts, serves and returns once it is unmounted: by SIGTERM, SIGINT or SIGHUP, or from outside. Call once.
  ///
  /// A signal lets imports under way finish (10 s; at once by a second signal). `onReady` is called when the mount answers.
  /// `Signals.block` has to be called before the first thread of the process. Throws what `MountPoint` finds wrong with the
  /// folder (`.notFound`, `.notDirectory`, `.notEmpty`, `.busy`), `.invalid` or `.notPermitted` if the mount is refused.
  public func run(onReady: () -> Void = {}) throws(OfficeError) {
    Signals.block()
    let path = try MountPoint.prepare(mountPoint)
    let channel = try Channel(settings: settings, bridge: bridge)
    let entry = try channel.mount(at: path)
    let notifier = bridge.notifier
    bridge.tree.connect { notice in notifier.post(notice) }
    do throws(OfficeError) {
      try serve(channel, at: path, entry, onReady)
    } catch {
      channel.unmount(entry)
      throw error
    }
    channel.unmount(entry)
    logger.info("unmounted", metadata: ["path": "\(path)"])
  }

  private func serve(
    _ channel: Channel, at path: String, _ entry: MountTable.Entry?, _ onReady: () -> Void
  ) throws(OfficeError) {
    guard let notifier = bridge.notifier.start(on: channel) else { throw noThreads() }
    let crew = Crew(settings.workers, serving: channel)
    let stop = SignalStop(channel: channel, bridge: bridge, crew: crew, entry: entry)
    let signals = stop.start()
    let watchdog = bridge.watchdog.start()
    let canServe = !crew.isEmpty && signals != nil && watchdog != nil
    if canServe {
      announce(path, onReady)
    } else {
      channel.end()
      _ = crew.dismiss(before: Deadline(milliseconds: SignalStop.grace))
    }
    crew.waitUntilGone()
    // Who still waits for a job has lost the mount, or loses it now.
    bridge.endJobs()
    if let signals { stop.end(signals) }
    crew.join()
    bridge.watchdog.close()
    watchdog?.join()
    if !bridge.notifier.close(before: Deadline(milliseconds: 2_000)) {
      // It waits for a lock of a process that waits for an answer which nobody is left to give.
      if let entry { MountPoint.abort(entry) }
    }
    notifier.join()
    // INVARIANT: nobody has a reply left to send. What hangs in a job hangs without the mount.
    channel.unmount(entry)
    bridge.directories.close()
    bridge.files.close()
    bridge.writes.close()
    if !canServe { throw noThreads() }
  }

  // stat(2) returns when INIT and GETATTR were answered (nothing is remembered yet), or with an error if the mount ended before.
  private func announce(_ path: String, _ onReady: () -> Void) {
    var attributes = stat()
    guard stat(path, &attributes) == 0, MountPoint.isMounted(path) else { return }
    ReadAhead.set(kibibytes: settings.readAhead, of: path)
    logger.info("mounted", metadata: ["path": "\(path)", "source": "\(settings.source)"])
    onReady()
    ServiceManager.tell("READY=1")
  }

  private func noThreads() -> OfficeError {
    OfficeError(.busy, "the system gives no more threads", remedy: "raise its limit of processes")
  }
}
