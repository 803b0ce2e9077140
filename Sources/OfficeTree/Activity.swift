import OfficeModel

/// Who reads and writes archives at this moment.
struct Activity: Sendable {
  struct Entry: Sendable, Equatable {
    enum Kind: String, Sendable {
      case reads, writes
    }

    var kind: Kind
    /// Within the mount.
    var path: String
    var user: UInt32
    var process: Int32
    /// When the file was opened, in seconds since 1970.
    var since: Int64
    /// Of what is being written.
    var written: Int64?

    /// One line: `writes users/alice.udb uid 0 cp[123] since 2026-03-05T101500Z, 4096 bytes so far`.
    var text: String {
      "\(kind.rawValue) \(path) uid \(user) \(ProcessTable.command(ofThread: process).name)[\(process)]"
        + " since \(Stamp.text(seconds: since))" + (written.map { ", \($0) bytes so far" } ?? "")
    }
  }

  let files: HandleTable<OpenFile>
  let spools: SpoolTable

  /// One entry for each open archive, in the order of paths.
  var entries: [Entry] {
    let entries = files.values.compactMap { file -> Entry? in
      switch file {
      case .archive(_, let export):
        return Entry(
          kind: .reads, path: export.label, user: export.caller.uid,
          process: ProcessTable.process(ofThread: export.caller.pid), since: export.since)
      case .spool(let file, isWriter: true):
        let path = spools.path(of: file)
        return file.state.withLock { state in
          Entry(
            kind: .writes, path: path, user: state.openerUser, process: state.opener,
            since: state.opened, written: state.size)
        }
      default: return nil
      }
    }
    return entries.sorted { ($0.path, $0.since) < ($1.path, $1.since) }
  }

  /// The text of `status/activity.txt`.
  var text: String { entries.map { $0.text + "\n" }.joined() }
}
