import OfficeAdmin

/// A folder into which archives are copied to be imported.
struct DropFolder: Equatable {
  let node: NodeID
  let policy: ImportPolicy

  /// The folder of that node; nil for all others.
  init?(_ node: NodeID) {
    switch node.fixed {
    case .users: policy = .replace
    case .importMerge: policy = .merge
    case .importSkip: policy = .skip
    case .importPreview: policy = .preview
    default: return nil
    }
    self.node = node
  }

  /// `users/` shows what the office holds; in the others a file stays what was copied, until an hour after its last close.
  var isUsers: Bool { node == NodeID(.users) }
}
