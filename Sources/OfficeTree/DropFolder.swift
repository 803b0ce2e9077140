import OfficeAdmin
import OfficeModel

/// A folder into which archives are copied to be taken in.
struct DropFolder: Equatable {
  /// What is done with them.
  enum Use: Equatable {
    /// Each is imported as a user.
    case imports(ImportPolicy)
    /// Each is kept as a backup set.
    case archives
  }

  let node: NodeID
  let use: Use

  /// The folder of that node; nil for all others.
  init?(_ node: NodeID) {
    switch node {
    case NodeID(.users): use = .imports(.replace)
    case NodeID(.importMerge): use = .imports(.merge)
    case NodeID(.importSkip): use = .imports(.skip)
    case NodeID(.importPreview): use = .imports(.preview)
    case ArchivesBranch.root: use = .archives
    default: return nil
    }
    self.node = node
  }

  /// Whether a file that was taken in is gone and its name stands for what it became; elsewhere a file stays what was
  /// copied, until an hour after its last close.
  var showsWhatBecame: Bool { use == .imports(.replace) || use == .archives }

  /// Within the mount.
  var path: String { use == .archives ? "archives" : node.fixed?.path ?? "?" }

  /// What its names mean.
  var names: EntryName.Kind { use == .archives ? .archives : .users }

  /// What the folder holds, for those who would make another one in it.
  var contents: String {
    use == .archives ? "each archive is one file, <name>.sar" : "each user is one file, <id>.udb"
  }
}
