import GRDB
import OfficeModel
import TestSupport
import Testing

@testable import ItemStore

@Suite("How a database is brought up to date")
struct ItemSchemaTests {
  @Test("Migrations that only make things faster come one by one; one that fails is left out")
  func faster() throws {
    let folder = try ScratchDirectory()
    let path = folder.path + "/db"
    var migrator = DatabaseMigrator()
    ItemSchema.register(in: &migrator)
    func prepare(create: Bool = false) throws {
      try ItemSchema.prepare(path: path, create: create, migrator: migrator, upTo: "content 3")
    }
    migrator.registerMigration("faster 1") { try $0.execute(sql: "CREATE TABLE one(value)") }
    try prepare(create: true)
    migrator.registerMigration("faster 2") { try $0.execute(sql: "CREATE TABLE two(value)") }
    try prepare()
    migrator.registerMigration("faster 3") { try $0.execute(sql: "CREATE TABLE two(value)") }
    try prepare()
    let connection = try Connection(path: path, isWriter: false)
    let tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('one', 'two')"
    #expect(try connection.value(tables) == 2)
    #expect(try connection.value("SELECT count(*) FROM grdb_migrations") == 5)
  }
}
