import ItemStore
import OfficeModel

extension Repository {
  /// Erases all that any set has under this id: the one thing that changes sets. Open views lose it. Content that
  /// others hold too stays, as does what the same user had under another id. Nothing of the rest is left in the file or
  /// the log when this returns. Returns how many versions of the user's file there were; 0 if no set has the id.
  /// Throws `.busy` if a backup is running or a reader kept the log from being emptied.
  public func purge(user id: UserID) throws(OfficeError) -> Int {
    try beginBackup()
    defer { endBackup() }
    let erased = try items.write(urgent: true, mayUseReserve: true) {
      connection throws(OfficeError) -> Int? in
      guard let user = try NameTable.number(of: id, in: connection) else { return nil }
      var erasure = Erasure(id: id, user: user, repository: self, connection: connection)
      return try erasure.run()
    }
    guard let erased else { return 0 }
    noteChange()
    while try items.sweepStep() {}
    items.clearCaches()
    try items.rewrite()
    try items.checkpoint(truncate: true)
    return erased
  }
}

/// Takes one name out of all sets, their sums included, within one transaction.
private struct Erasure {
  let id: UserID
  let user: UserNumber
  let repository: Repository
  let connection: Connection
  private var sets: [BackupSet] = []
  private var areas: [Int64: [SetArea]] = [:]

  init(id: UserID, user: UserNumber, repository: Repository, connection: Connection) {
    self.id = id
    self.user = user
    self.repository = repository
    self.connection = connection
  }

  mutating func run() throws(OfficeError) -> Int {
    let rows = try SetTable.all(in: connection).rows
    sets = rows.filter { $0.state == .listed }.map(\.set)
    for set in sets { areas[set.number] = try TotalTable.areas(of: set.number, in: connection) }
    var files = 0
    for chain in Set(rows.map(\.set.chain)).sorted() {
      for area in Area.allCases { try eraseCells(area, chain) }
      files += try eraseFiles(chain)
    }
    for set in sets {
      try SetTable.save(set, .listed, in: connection)
      try TotalTable.replace(areas[set.number] ?? [], of: set.number, in: connection)
    }
    try NameTable.delete(user, in: connection)
    return files
  }

  // The newest first: what it alone shows goes before the one it grew from.
  private mutating func eraseCells(_ area: Area, _ chain: Int64) throws(OfficeError) {
    while let cell = try CellTable.last(area, of: user, chain: chain, in: connection) {
      for set in sets
      where set.chain == chain && cell.state.born <= set.number && set.number < cell.died {
        areas[set.number]?[Int(area.rawValue) - 1].add(cell.state, of: id, count: -1)
      }
      while try !repository.remove(cell, in: connection) {}
    }
  }

  private mutating func eraseFiles(_ chain: Int64) throws(OfficeError) -> Int {
    var count = 0
    while let file = try FileTable.last(of: user, chain: chain, in: connection) {
      for index in sets.indices
      where sets[index].chain == chain && file.born <= sets[index].number
        && sets[index].number < file.died
      {
        sets[index].users -= 1
      }
      try FileTable.delete(file.version, in: connection)
      count += 1
    }
    return count
  }
}
