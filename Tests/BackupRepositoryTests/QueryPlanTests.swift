import Foundation
import OfficeModel
import TestSupport
import Testing

@testable import BackupRepository
@testable import ItemStore
@testable import LiveStore

@Suite("Queries that need an index use it")
struct QueryPlanTests {
  private static func plan(_ sql: StaticString, in database: ItemDatabase) throws -> String {
    try database.read { connection throws(OfficeError) in
      let explain = try connection.prepare("EXPLAIN QUERY PLAN \(sql)")
      var lines: [String] = []
      while try explain.step() { lines.append(explain.text(3)) }
      return lines.joined(separator: "; ")
    }
  }

  @Test("The office tells its changes by index")
  func feed() throws {
    let fixture = try RepositoryFixture()
    for (sql, index) in [
      (UserTable.openedSQL, "user_born"), (UserTable.closedSQL, "user_died"),
      (ItemDatabase.bornSQL, "item_born"), (ItemDatabase.diedSQL, "past_storage"),
    ] {
      let plan = try Self.plan(sql, in: fixture.store.items)
      #expect(plan.contains("SEARCH") && plan.contains(index), "\(sql): \(plan)")
      #expect(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "\(sql): \(plan)")
    }
  }

  @Test("The repository finds what a set brought and what a drop ends by index")
  func sets() throws {
    let fixture = try RepositoryFixture()
    for (sql, index) in [
      (BackupRepository.CellTable.bornSQL, "cell_born"),
      (BackupRepository.CellTable.bornAfterSQL, "cell_born"),
      (BackupRepository.CellTable.diedAfterSQL, "cell_died"),
      (BackupRepository.CellTable.sourceSQL, "cell_source"),
      (BackupRepository.CellTable.doomedSQL, "cell_died"),
      (BackupRepository.CellTable.beforeSQL, "cell_storage"),
      (BackupRepository.CellTable.afterSQL, "cell_storage"),
      (BackupRepository.FileTable.doomedSQL, "file_died"),
      (NameTable.fileSQL, "file_name"),
      (ChunkIndex.bucketSQL, "chunkname USING INTEGER PRIMARY KEY"),
      (ItemDatabase.pruneDiedSQL, "PRIMARY KEY (storage=?)"),
      (ItemDatabase.pruneBornSQL, "PRIMARY KEY (storage=?)"),
    ] {
      let plan = try Self.plan(sql, in: fixture.repository.items)
      #expect(plan.contains("SEARCH") && plan.contains(index), "\(sql): \(plan)")
      #expect(!plan.contains("SCAN"), "\(sql): \(plan)")
    }
  }
}
