import GRDB
import ItemStore
import OfficeModel

/// The tables of the live office, beside those of its items.
enum LiveSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    ItemSchema.register(in: &migrator)
    migrator.registerMigration("live 1") { database in
      try database.execute(sql: tables)
      for name in MetaTable.Name.allCases {
        try database.execute(
          sql: "INSERT INTO meta VALUES(?, 0, ?)",
          arguments: [name.rawValue, MetaTable.mark(name, 0)])
      }
      for area in Area.allCases {
        try database.execute(
          sql: "INSERT INTO area VALUES(?, 0, 0, 0, 0, 0, 0, 0, 0, ?)",
          arguments: [Int64(area.rawValue), ColumnRow().mark(area)])
      }
    }
    ItemSchema.registerChanges(in: &migrator)
    migrator.registerMigration("live 2") { database in
      // By it a backup finds who changed since the one before.
      try database.execute(sql: "CREATE INDEX user_born ON userversion(born, version)")
      for name in MetaTable.Name.allCases {
        try database.execute(
          sql: "INSERT OR IGNORE INTO meta VALUES(?, 0, ?)",
          arguments: [name.rawValue, MetaTable.mark(name, 0)])
      }
    }
    migrator.registerMigration("reports 1") { database in
      try database.execute(sql: ReportTable.schema)
    }
    migrator.registerMigration("restores 1") { database in
      try database.execute(sql: RestoredTable.schema)
    }
    // Behind `essential`.
    migrator.registerMigration("cells 2") { database in try database.execute(sql: cellsByUser) }
    return migrator
  }

  /// The last migration without which an office can't be read.
  static let essential = "restores 1"

  // A user's nine cells are read and written together, so they stand together: one page and not nine.
  private static let cellsByUser = """
    ALTER TABLE cell RENAME TO cellbyarea;
    DROP INDEX cell_storage;
    DROP INDEX cell_died;
    CREATE TABLE cell(
      area INTEGER NOT NULL, user INTEGER NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL,
      storage INTEGER NOT NULL, size INTEGER NOT NULL, items INTEGER NOT NULL,
      mtime INTEGER NOT NULL, digest BLOB NOT NULL, mark INTEGER NOT NULL,
      PRIMARY KEY(user, area, born)) WITHOUT ROWID;
    INSERT INTO cell SELECT area, user, born, died, storage, size, items, mtime, digest, mark
      FROM cellbyarea ORDER BY user, area, born;
    DROP TABLE cellbyarea;
    CREATE INDEX cell_storage ON cell(storage);
    CREATE INDEX cell_died ON cell(died) WHERE died < 9223372036854775807;
    """

  // 9223372036854775807 is "has not died"; SQLite uses these partial indexes only for queries that repeat the condition.
  private static let tables = """
    CREATE TABLE meta(
      name TEXT PRIMARY KEY, value INTEGER NOT NULL, mark INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE area(
      area INTEGER PRIMARY KEY, cells INTEGER NOT NULL, padded INTEGER NOT NULL,
      large INTEGER NOT NULL, idbytes INTEGER NOT NULL, items INTEGER NOT NULL,
      bytes INTEGER NOT NULL, changed INTEGER NOT NULL, mtime INTEGER NOT NULL,
      mark INTEGER NOT NULL);
    CREATE TABLE userversion(
      version INTEGER PRIMARY KEY AUTOINCREMENT, user INTEGER NOT NULL, id TEXT NOT NULL,
      folded TEXT NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL, mtime INTEGER NOT NULL,
      padded INTEGER NOT NULL, large INTEGER NOT NULL, mark INTEGER NOT NULL);
    CREATE UNIQUE INDEX user_live_id ON userversion(id) WHERE died = 9223372036854775807;
    CREATE UNIQUE INDEX user_live_folded ON userversion(folded) WHERE died = 9223372036854775807;
    CREATE INDEX user_died ON userversion(died) WHERE died < 9223372036854775807;
    CREATE INDEX user_id ON userversion(id, born);
    CREATE INDEX user_number ON userversion(user, born);
    CREATE TABLE cell(
      area INTEGER NOT NULL, user INTEGER NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL,
      storage INTEGER NOT NULL, size INTEGER NOT NULL, items INTEGER NOT NULL,
      mtime INTEGER NOT NULL, digest BLOB NOT NULL, mark INTEGER NOT NULL,
      PRIMARY KEY(area, user, born)) WITHOUT ROWID;
    CREATE INDEX cell_storage ON cell(storage);
    CREATE INDEX cell_died ON cell(died) WHERE died < 9223372036854775807;
    CREATE TABLE undogroup(
      number INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, party INTEGER NOT NULL,
      seconds INTEGER NOT NULL, latest INTEGER NOT NULL, name TEXT NOT NULL UNIQUE,
      mark INTEGER NOT NULL);
    CREATE TABLE undofile(
      number INTEGER PRIMARY KEY AUTOINCREMENT, entry INTEGER NOT NULL, id TEXT NOT NULL,
      version INTEGER NOT NULL, seen INTEGER NOT NULL, seconds INTEGER NOT NULL,
      author TEXT NOT NULL, mark INTEGER NOT NULL, UNIQUE(entry, id));
    CREATE INDEX undofile_seconds ON undofile(seconds);
    CREATE INDEX undofile_seen ON undofile(seen);
    CREATE INDEX undofile_version ON undofile(version);
    """
}

/// The office's counters.
enum MetaTable {
  enum Name: String, CaseIterable {
    /// The newest commit.
    case commit
    /// Views before this commit are gone.
    case purged
    /// The first number that was not given out (see `LiveStore.nextNumber`).
    case number
    /// The first user number that was not given out.
    case user
    /// The latest time that was given to a version, in nanoseconds.
    case tick
    /// Names the newest backup, so that its repository and this office know each other; 0 for none.
    case backup
    /// What the backup under way will be named.
    case nextBackup
    /// What ended after this commit is still needed by the next backup; 0 if there was none.
    case watermark
  }

  static func value(_ name: Name, in connection: Connection) throws(OfficeError) -> Int64 {
    let find = try connection.statement("SELECT value, mark FROM meta WHERE name = ?1")
    find.bind(1, name.rawValue)
    defer { find.reset() }
    guard try find.step(), find.integer(1) == mark(name, find.integer(0)) else {
      throw Damage.found("counter \(name.rawValue)")
    }
    return find.integer(0)
  }

  static func set(_ name: Name, _ value: Int64, in connection: Connection) throws(OfficeError) {
    let row = try connection.statement("UPDATE meta SET value = ?2, mark = ?3 WHERE name = ?1")
    row.bind(1, name.rawValue)
    row.bind(2, value)
    row.bind(3, mark(name, value))
    try row.run()
  }

  static func mark(_ name: Name, _ value: Int64) -> Int64 {
    var check = RowCheck(10)
    check.add(name.rawValue)
    check.add(value)
    return check.value
  }
}
