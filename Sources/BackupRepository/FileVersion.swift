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
      var place = (user: Int64(0), born: Int64(0))
      if let last, let name = try NameTable.number(of: last, in: connection) {
        place = (name.rawValue, .max)
      }
      var page = FilePage()
      while page.files.isEmpty {
        let (rows, end) = try FileTable.readable(
          beyond: place, limit: limit, damaged: &page.damaged, in: connection)
        guard let end else { break }
        for row in rows where row.born <= number && number < row.died {
          do throws(OfficeError) {
            let id = try NameTable.id(of: row.user, in: connection)
            if id != .office { page.files.append(row.file(of: id)) }
          } catch {
            page.damaged += 1
          }
        }
        place = end
      }
      return page
    }
  }
}

extension FileTable {
  /// A page of the office's own chain without the rows that are damaged, which are counted; and where it ends.
  fileprivate static func readable(
    beyond place: (user: Int64, born: Int64), limit: Int, damaged: inout Int,
    in connection: Connection
  ) throws(OfficeError) -> (rows: [FileRow], end: (user: Int64, born: Int64)?) {
    if let rows = try? page(chain: 0, beyond: place, limit: limit, in: connection) {
      return (rows, rows.last.map { ($0.user.rawValue, $0.born) })
    }
    var rows: [FileRow] = []
    let keys = try versions(chain: 0, beyond: place, limit: limit, in: connection)
    for key in keys {
      do throws(OfficeError) {
        if let row = try version(key.version, in: connection) { rows.append(row) }
      } catch {
        damaged += 1
      }
    }
    return (rows, keys.last.map { ($0.user, $0.born) })
  }
}

extension FileRow {
  fileprivate func file(of id: UserID) -> FileVersion {
    FileVersion(user: state(of: id), chain: chain, born: born, died: died)
  }
}
