import ItemStore
import OfficeModel

/// One version of a user's file: the same in every set that shows it.
public struct FileVersion: Sendable, Equatable {
  /// What the file is made of; `version` is persistent and never reused.
  public var user: UserState
  public var chain: Int64
  /// Sets of the chain from `born` to before `died` show it.
  public var born: Int64
  public var died: Int64

  public func isShown(by number: Int64) -> Bool { born <= number && number < died }

  /// Those of a list that show it, in the order of their numbers.
  public func sets(in list: SetList) -> [BackupSet] {
    list.all.lazy.map(\.set).filter { $0.chain == chain && isShown(by: $0.number) }
  }

  /// How many of a list show it.
  public func links(in list: SetList) -> Int {
    chain == 0 ? list.countOwn(from: born, to: died) : sets(in: list).count
  }
}

/// Some of the files that a set shows.
public struct FilePage: Sendable {
  public var files: [FileVersion] = []
  /// How many rows on the way are damaged, so that what they stand for can't be shown.
  public var damaged = 0
}

// These ask for a set by its number and pin nothing: who lists sets, or holds a view of one, knows that it is there.
extension Repository {
  /// A version of a user's file, whether or not a set still shows it; nil if its row is gone.
  public func file(version: Int64) throws(OfficeError) -> FileVersion? {
    try items.read { connection throws(OfficeError) in
      guard let row = try FileTable.version(version, in: connection) else { return nil }
      return row.file(of: try NameTable.id(of: row.user, in: connection))
    }
  }

  /// A user's file as a set of the office's own shows it.
  public func file(of id: UserID, in number: Int64) throws(OfficeError) -> FileVersion? {
    try items.read { connection throws(OfficeError) in
      guard let name = try NameTable.number(of: id, in: connection) else { return nil }
      return try FileTable.file(of: name, chain: 0, at: number, in: connection)?.file(of: id)
    }
  }

  /// A page of the files that a set of the office's own shows, beyond that of `last`, in an order that never changes.
  /// Without files at the end.
  public func files(
    in number: Int64, after last: UserID?, limit: Int
  ) throws(OfficeError) -> FilePage {
    try items.read { connection throws(OfficeError) in
      var place: Int64? = 0
      if let last { place = try NameTable.number(of: last, in: connection)?.rawValue ?? 0 }
      var page = FilePage()
      while page.files.isEmpty, let from = place {
        place = try FileTable.shown(
          chain: 0, by: number, beyond: from, limit: limit, in: connection
        ) { file in
          switch file {
          case .success(let file): if file.user.id != .office { page.files.append(file) }
          case .failure: page.damaged += 1
          }
        }
      }
      return page
    }
  }
}

extension FileTable {
  /// Goes through a page of the files that a set shows, in the order of their users' numbers; gives `body` each, or why it
  /// can't be told. Returns where the page ends; nil if nothing is beyond `user`.
  static func shown(
    chain: Int64, by number: Int64, beyond user: Int64, limit: Int, in connection: Connection,
    _ body: (Result<FileVersion, OfficeError>) throws(OfficeError) -> Void
  ) throws(OfficeError) -> Int64? {
    let keys = try begun(chain: chain, by: number, beyond: user, limit: limit, in: connection)
    for key in keys {
      let found: FileVersion?
      do throws(OfficeError) {
        found = try file(key.version, of: key.user, shownBy: number, in: connection)
      } catch {
        try body(.failure(error))
        continue
      }
      if let found { try body(.success(found)) }
    }
    return keys.last?.user
  }

  private static func file(
    _ number: Int64, of user: Int64, shownBy set: Int64, in connection: Connection
  ) throws(OfficeError) -> FileVersion? {
    guard let row = try version(number, in: connection), row.user.rawValue == user else {
      throw Damage.found("file version \(number)")
    }
    guard set < row.died else { return nil }
    return row.file(of: try NameTable.id(of: row.user, in: connection))
  }
}

extension FileRow {
  fileprivate func file(of id: UserID) -> FileVersion {
    FileVersion(user: state(of: id), chain: chain, born: born, died: died)
  }
}
