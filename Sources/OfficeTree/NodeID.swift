import OfficeModel

/// A node as the kernel knows it: a row's number × 16 + its kind, so nothing has to be remembered for it.
public struct NodeID: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The mount's root (libfuse: FUSE_ROOT_ID).
  public static let root = NodeID(rawValue: 1)

  init(_ kind: NodeKind, row: UInt64) { rawValue = row << 4 | kind.rawValue }

  init(branch: BranchNumber, row: UInt64) { rawValue = row << 4 | branch.rawValue }

  init(_ fixed: FixedNode) { self.init(.fixed, row: fixed.rawValue) }

  /// A job's text: its number behind 16 bits for the folder.
  init(job: Int64) {
    self.init(.fixed, row: UInt64(bitPattern: job) << 16 | FixedNode.jobs.rawValue)
  }

  init(version: Int64) { self.init(.user, row: UInt64(bitPattern: version)) }

  init(column area: Area, commit: Int64) {
    self.init(.column, row: UInt64(bitPattern: commit) << 4 | UInt64(area.rawValue))
  }

  var kind: NodeKind? { NodeKind(rawValue: rawValue & 15) }
  /// The branch that answers for this node; nil where the tree itself does.
  var branch: BranchNumber? { BranchNumber(rawValue: rawValue & 15) }
  var row: UInt64 { rawValue >> 4 }
  var number: Int64 { Int64(bitPattern: row) }

  /// The fixed node this is, if it is one.
  var fixed: FixedNode? { kind == .fixed ? FixedNode(rawValue: row) : nil }

  /// The number of the job that this is the text of; nil for all else.
  var job: Int64? {
    guard kind == .fixed, row >> 16 > 0, row & 0xFFFF == FixedNode.jobs.rawValue else { return nil }
    return Int64(bitPattern: row >> 16)
  }

  /// The area and commit of a column's node.
  var column: (area: Area, commit: Int64)? {
    guard kind == .column, let area = Area(rawValue: UInt8(row & 15)) else { return nil }
    return (area, Int64(bitPattern: row >> 4))
  }
}

/// What a node's number counts, where no branch answers for it. Raw values are part of inode numbers and must not change.
enum NodeKind: UInt64 {
  /// A folder or text that is always there, or a numbered text in such a folder.
  case fixed = 0
  case root = 1
  /// A version of a user's file.
  case user = 2
  /// A version of an area's file.
  case column = 3
  case undoGroup = 4
  case undoFile = 5
  /// A file being written.
  case spool = 6
  /// A folder that a tool keeps its temporary files in.
  case scratchFolder = 7
  /// A report of an import.
  case report = 8
}

/// The folders and texts that every mount has.
enum FixedNode: UInt64, CaseIterable {
  case readme = 1
  case users
  case areas
  case undo
  case status
  case health
  case errors
  case audit
  case userTable
  case version
  case imports
  case importMerge
  case importSkip
  case importPreview
  case reports
  case activity
  case jobs

  var name: String {
    switch self {
    case .readme: "README.txt"
    case .users: "users"
    case .areas: "areas"
    case .undo: "undo"
    case .status: "status"
    case .health: "health.txt"
    case .errors: "errors.log"
    case .audit: "audit.log"
    case .userTable: "users.txt"
    case .version: "version.txt"
    case .imports: "import"
    case .importMerge: "merge"
    case .importSkip: "skip"
    case .importPreview: "preview"
    case .reports: "reports"
    case .activity: "activity.txt"
    case .jobs: "jobs"
    }
  }

  var parent: NodeID {
    switch self {
    case .readme, .users, .areas, .undo, .status, .imports: .root
    case .health, .errors, .audit, .userTable, .version, .activity, .jobs: NodeID(.status)
    case .importMerge, .importSkip, .importPreview, .reports: NodeID(.imports)
    }
  }

  /// Within the mount.
  var path: String {
    guard let folder = parent.fixed else { return name }
    return "\(folder.name)/\(name)"
  }

  var isFolder: Bool {
    switch self {
    case .users, .areas, .undo, .status, .imports, .importMerge, .importSkip, .importPreview,
      .reports, .jobs:
      true
    default: false
    }
  }

  /// Who may look: everybody where nothing personal stands, else the mount's owner.
  var permissions: UInt32 {
    switch self {
    case .users, .areas: 0o711
    case .undo, .status, .reports, .jobs: 0o500
    case .imports, .importMerge, .importSkip, .importPreview: 0o700
    case .readme, .version: 0o444
    case .health, .errors, .audit, .userTable, .activity: 0o400
    }
  }

  static func children(of parent: NodeID) -> [FixedNode] {
    allCases.filter { $0.parent == parent }
  }

  static func named(_ name: [UInt8], in parent: NodeID) -> FixedNode? {
    children(of: parent).first { $0.name.utf8.elementsEqual(name) }
  }
}
