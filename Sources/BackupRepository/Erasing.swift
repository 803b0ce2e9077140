import ItemStore
import OfficeModel

extension Repository {
  /// Erases all that any set has under this id: the one thing that changes sets. Open views lose it. Content that
  /// others hold too stays, as does what the same user had under another id. Nothing of the rest is left in the file or
  /// the log when this returns. `isMembership` tells by their natural keys the items of the office's own cell that go
  /// too. Returns how many versions of the user's file and of the office's cell lost something; 0 if no set has the id.
  /// Throws `.busy` if a backup or an upload is running or a reader kept the log from being emptied.
  public func purge(
    user id: UserID, isMembership: ([UInt8]) -> Bool = { _ in false }
  ) throws(OfficeError) -> Int {
    try beginErasing()
    defer {
      state.withLock { $0.isErasing = false }
      endBackup()
    }
    let erased = try commit { connection throws(OfficeError) -> Int? in
      let user = try NameTable.number(of: id, in: connection)
      var erasure = Erasure(repository: self, connection: connection)
      let versions = try erasure.run(id, user, isMembership)
      return user == nil && versions == 0 ? nil : versions
    }
    guard let erased else { return 0 }
    noteChange(areasToo: true)
    while try items.sweepStep() {}
    items.clearCaches()
    try items.rewrite()
    try items.checkpoint(truncate: true)
    return erased
  }

  private func beginErasing() throws(OfficeError) {
    try beginBackup()
    let isFree = state.withLock { state in
      state.isErasing = state.uploads.isEmpty
      return state.isErasing
    }
    guard isFree else {
      endBackup()
      throw OfficeError(.busy, "an archive is being uploaded")
    }
  }
}

/// Takes what stands under one name out of all sets, their sums included, within one transaction.
private struct Erasure {
  let repository: Repository
  let connection: Connection
  private var sets: [BackupSet] = []
  private var areas: [Int64: [SetArea]] = [:]

  init(repository: Repository, connection: Connection) {
    self.repository = repository
    self.connection = connection
  }

  mutating func run(
    _ id: UserID, _ user: UserNumber?, _ isMembership: ([UInt8]) -> Bool
  ) throws(OfficeError) -> Int {
    let rows = try SetTable.all(in: connection).rows
    let chains = Set(rows.map(\.set.chain)).sorted()
    sets = rows.filter { $0.state == .listed }.map(\.set)
    for set in sets { areas[set.number] = try TotalTable.areas(of: set.number, in: connection) }
    let office = try NameTable.number(of: .office, in: connection)
    var count = 0
    for chain in chains {
      let before = count
      if let office { count += try eraseItems(of: office, chain, isMembership) }
      if let user {
        for area in Area.allCases { try eraseCells(area, of: id, user, chain) }
        count += try eraseFiles(of: user, chain)
      }
      guard count > before else { continue }
      // The same archive uploaded again is then no longer the same set.
      for index in sets.indices where sets[index].chain == chain {
        sets[index].upload?.fingerprint = nil
      }
    }
    for set in sets {
      try SetTable.save(set, .listed, in: connection)
      try TotalTable.replace(areas[set.number] ?? [], of: set.number, in: connection)
    }
    if let user { try NameTable.delete(user, in: connection) }
    return count
  }

  /// Takes items out of all versions of the office's own cell, which is in no area's sums.
  private func eraseItems(
    of office: UserNumber, _ chain: Int64, _ isErased: ([UInt8]) -> Bool
  ) throws(OfficeError) -> Int {
    var count = 0
    for area in Area.allCases {
      let rows = try CellTable.versions(area, of: office, chain: chain, in: connection)
      var storages: Set<Int64> = []
      for storage in Set(rows.map(\.state.storage)) where storage != 0 {
        guard try repository.items.erase(from: storage, where: isErased, in: connection)
        else { continue }
        storages.insert(storage)
      }
      for var row in rows where storages.contains(row.state.storage) {
        row.state = try repository.items.remeasured(row.state, in: connection)
        try CellTable.save(row, in: connection)
        count += 1
      }
    }
    guard count > 0 else { return 0 }
    for var row in try FileTable.versions(of: office, chain: chain, in: connection) {
      let cells = try CellTable.cells(of: office, chain: chain, at: row.born, in: connection)
      let sums = CellSums(cells.map { $0 ?? .empty }, of: .office)
      (row.padded, row.large) = (sums.padded, sums.large)
      try FileTable.save(row, in: connection)
    }
    return count
  }

  // The newest first: what it alone shows goes before the one it grew from.
  private mutating func eraseCells(
    _ area: Area, of id: UserID, _ user: UserNumber, _ chain: Int64
  ) throws(OfficeError) {
    while let cell = try CellTable.last(area, of: user, chain: chain, in: connection) {
      for set in sets
      where set.chain == chain && cell.state.born <= set.number && set.number < cell.died {
        areas[set.number]?[Int(area.rawValue) - 1].add(cell.state, of: id, count: -1)
      }
      while try !repository.remove(cell, in: connection) {}
    }
  }

  private mutating func eraseFiles(
    of user: UserNumber, _ chain: Int64
  ) throws(OfficeError) -> Int {
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
