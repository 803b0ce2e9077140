import OfficeModel
import OfficeTree

// What tools do in groups/ and settings/.

extension TreeFixture {
  func makeGroup(_ name: String) throws {
    _ = try tree.makeDirectory(
      Array(name.utf8), in: node("groups"), permissions: 0o755, caller: caller)
  }

  func removeGroup(_ name: String) throws {
    try tree.removeDirectory(Array(name.utf8), in: node("groups"), caller: caller)
  }

  /// touch(1).
  func touchMember(_ group: String, _ id: String) throws {
    try touch(id, in: node("groups/\(group)"))
  }

  /// touch(1) of a new or an existing file.
  func touch(_ name: String, in folder: NodeID) throws {
    let handle: UInt64
    do {
      handle = try open(name, in: folder, flags: [.write]).handle
    } catch let error as OfficeError where error.code == .notFound {
      handle = try tree.create(
        Array(name.utf8), in: folder, flags: [.write], permissions: 0o644, caller: caller
      ).1.handle
    }
    defer { tree.release(handle) }
    try tree.flush(handle, caller: caller, isInterrupted: { false })
  }

  func rename(_ name: String, to newName: String, in folder: NodeID) throws {
    try tree.rename(
      Array(name.utf8), in: folder, to: Array(newName.utf8), in: folder, flags: 0, caller: caller)
  }

  /// What settings/office.toml says; nil where it is not there.
  func settingsText(_ path: String = "settings") throws -> String? {
    let folder = try node(path)
    guard try names(folder).contains("office.toml") else { return nil }
    return String(decoding: try read("office.toml", in: folder), as: UTF8.self)
  }
}
