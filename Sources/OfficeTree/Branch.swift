import OfficeModel

/// A folder of the mount's root that answers for itself and for all that is below it.
///
/// `MountedTree` asks the branch that a node belongs to; all calls may be made from any thread at once, and none of those
/// that only look waits for one that writes.
protocol Branch: Sendable {
  /// Which of the nodes are this branch's.
  static var number: BranchNumber { get }

  /// Its own folder's name in the root.
  var name: [UInt8] { get }

  /// Differs when an entry of any of its folders has changed, so that no listing on its way tells of what has gone.
  var stamp: Int64 { get }

  /// What its own folder shows in the root.
  func folder() throws(OfficeError) -> Attributes

  /// The same as it was before an entry of undo, given the number of the office's file there; nil where undo has none of it.
  func folder(ofUndo file: Int64) throws(OfficeError) -> Attributes?

  /// The node a name stands for now. Throws `.notFound`.
  func lookup(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes

  /// What stat(2) shows. Throws `.stale` for a node that is gone.
  func attributes(of node: NodeID) throws(OfficeError) -> Attributes

  /// The entries of a folder. Throws `.notDirectory`.
  func pages(of node: NodeID, caller: Caller) throws(OfficeError) -> OpenFolder.Pages

  /// Whether `prepare` may have to wait for this file.
  func mayBlock(opening node: NodeID) -> Bool

  /// Waits until a file can be opened. Throws why it can't, `.interrupted` soon after `isInterrupted` turns true.
  func prepare(
    _ node: NodeID, flags: OpenFlags, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError)

  /// Opens a file. Throws `.isDirectory`, `.stale`, `.readOnly`.
  func open(
    _ node: NodeID, flags: OpenFlags, caller: Caller
  ) throws(OfficeError) -> BranchFile

  /// Where a link leads. Throws `.invalid` for all that is none.
  func target(of node: NodeID) throws(OfficeError) -> [UInt8]

  /// Makes a new file. Throws `.invalid` for a name that is not allowed, `.exists`, `.readOnly`.
  func create(
    _ name: [UInt8], in parent: NodeID, flags: OpenFlags, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> (Attributes, BranchFile)

  /// chmod, chown, utimens and truncate.
  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes

  func makeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes

  func removeDirectory(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError)

  func remove(_ name: [UInt8], in parent: NodeID, caller: Caller) throws(OfficeError)

  /// rename(2) within the branch; between two the answer is `.crossDevice`, and tools copy. `flags` are renameat2(2)'s.
  func rename(
    _ name: [UInt8], in parent: NodeID, to newName: [UInt8], in newParent: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError)

  /// Whether tools may put files into this folder and take them away.
  func isWritable(_ folder: NodeID) -> Bool

  /// The kernel knows a folder by `count` names more, or (negative) fewer: it forgets those that nobody is in once their
  /// names stand for something else.
  func refer(to folder: NodeID, count: Int64)

  /// A node's path within the mount, for logs.
  func path(of node: NodeID) -> String
}

/// Which branch a node belongs to: the lower four bits of its number. They are part of inode numbers and must not change.
enum BranchNumber: UInt64 {
  case backup = 9
  case groups = 10
  case settings = 11
  case reminders = 12
  case archives = 13
  case restore = 14
  case sessions = 15
}

/// A file of a branch that was opened, and what the kernel may do with its pages (see `Opened`).
struct BranchFile: Sendable {
  var file: OpenFile
  var keepsCache: Bool
  var isDirect: Bool
}

extension Branch {
  /// The branch's own folder in the root; what else it shows has other rows.
  static var root: NodeID { node(row: 0) }

  static func node(row: UInt64) -> NodeID { NodeID(branch: number, row: row) }
}

extension Branch {
  func isWritable(_ folder: NodeID) -> Bool { true }

  func refer(to folder: NodeID, count: Int64) {}

  func mayBlock(opening node: NodeID) -> Bool { false }

  func prepare(
    _ node: NodeID, flags: OpenFlags, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) {}
}

// A branch is read-only but for what it says itself.
extension Branch {
  func folder(ofUndo file: Int64) throws(OfficeError) -> Attributes? { nil }

  func target(of node: NodeID) throws(OfficeError) -> [UInt8] {
    throw OfficeError(.invalid, "not a link")
  }

  func create(
    _ name: [UInt8], in parent: NodeID, flags: OpenFlags, permissions: UInt32, caller: Caller
  ) throws(OfficeError) -> (Attributes, BranchFile) { throw MountedTree.readOnly }

  func change(
    _ node: NodeID, to change: AttributeChange, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) -> Attributes { throw MountedTree.readOnly }

  func makeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) -> Attributes { throw MountedTree.readOnly }

  func removeDirectory(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) { throw MountedTree.readOnly }

  func remove(
    _ name: [UInt8], in parent: NodeID, caller: Caller
  ) throws(OfficeError) { throw MountedTree.readOnly }

  func rename(
    _ name: [UInt8], in parent: NodeID, to newName: [UInt8], in newParent: NodeID, flags: UInt32,
    caller: Caller
  ) throws(OfficeError) { throw MountedTree.readOnly }
}
