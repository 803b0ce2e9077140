import GRDB
import OfficeModel

/// The tables of versioned items, and how a database file is made and migrated (GRDB's migrator).
public enum ItemSchema {
  /// The largest number: what has not died.
  public static let never = Int64.max

  /// Bytes of a page. Of 4, 8, 16 and 32 KiB, 16 wrote and read mails of 5 KB fastest and wasted 9 %.
  static let pageSize = 16_384

  /// Adds the item tables to a migrator. Call it before the tables that refer to them.
  public static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("items 1") { database in
      try database.execute(sql: tables)
    }
    migrator.registerMigration("content 2") { database in
      try database.execute(
        sql: "DROP INDEX chunk_sha; CREATE INDEX chunk_name ON chunk(substr(sha, 1, 5));")
    }
    migrator.registerMigration("content 3") { database in
      try database.execute(sql: "DROP INDEX chunk_name")
      try ChunkIndex.migrate(database)
    }
  }

  /// Adds what a database needs to tell others its changes (`ItemDatabase.items`) and to forget by number
  /// (`ItemDatabase.forgetStep`). One that only takes them saves the space: some 120 bytes a changed item.
  public static func registerChanges(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("items 2") { database in
      try database.execute(sql: changeIndexes)
    }
  }

  /// Makes or migrates the file at `path`: WAL, the migrator's tables, everything durable.
  ///
  /// Throws `.newerFormat` if a newer officefs wrote it, `.inputOutput` if that fails; a missing file is made
  /// only if `create` is set. On a full disk it is tried once more if `onFull` could free space.
  ///
  /// Migrations behind `essential` only make things faster: where they fail, since the disk is full or a page is damaged, the
  /// database stays as it is until it is next opened.
  public static func prepare(
    path: String, create: Bool, migrator: DatabaseMigrator, upTo essential: String? = nil,
    onFull: () -> Bool = { false }
  ) throws(OfficeError) {
    do throws(OfficeError) {
      try prepareOnce(path: path, create: create, migrator: migrator, upTo: essential)
    } catch {
      guard error.code == .noSpace, onFull() else { throw error }
      try prepareOnce(path: path, create: create, migrator: migrator, upTo: essential)
    }
  }

  private static func prepareOnce(
    path: String, create: Bool, migrator: DatabaseMigrator, upTo essential: String?
  ) throws(OfficeError) {
    if create {
      // The page size holds only if it is set before the first page is written.
      let connection = try Connection(path: path, isWriter: true, create: true)
      try connection.execute("PRAGMA page_size=\(pageSize); PRAGMA journal_mode=WAL;")
      connection.close()
    }
    do {
      var configuration = Configuration()
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA synchronous=FULL; \(temporaryFiles(beside: path))")
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let isNewer = try queue.read { try migrator.hasBeenSuperseded($0) }
      guard !isNewer else {
        throw OfficeError(
          .newerFormat, "the data directory was written by a newer officefs",
          remedy: "use that version")
      }
      if let essential, try !queue.read({ try migrator.hasCompletedMigrations($0) }) {
        let applied = try queue.read { try migrator.appliedIdentifiers($0) }
        if !applied.contains(essential) {
          try migrator.migrate(queue, upTo: essential)
        }
        do {
          try migrator.migrate(queue)
        } catch let error as DatabaseError where !failedToSynchronize(error) {
          // As if nothing had been tried.
        }
      } else {
        try migrator.migrate(queue)
      }
      try queue.close()
    } catch let error as OfficeError {
      throw error
    } catch let error as DatabaseError {
      throw StoreFailure.error(
        code: error.extendedResultCode.rawValue, text: error.message ?? "no message")
    } catch {
      throw OfficeError(.inputOutput, "the database can't be opened", cause: error)
    }
  }

  /// The pragmas with which what is sorted or copied on the way lies in nameless files next to the database: in /tmp it
  /// might not find room, and memory would grow with the office.
  static func temporaryFiles(beside path: String) -> String {
    let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
    let quoted = folder.replacing("'", with: "''")
    return "PRAGMA temp_store=FILE; PRAGMA temp_store_directory='\(quoted)';"
  }

  /// After that nobody knows what the disk holds.
  private static func failedToSynchronize(_ error: DatabaseError) -> Bool {
    [.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC].contains(error.extendedResultCode)
  }

  // By these a storage's changes between two numbers are found. Only what a delta put in has a `born` above 0.
  private static let changeIndexes = """
    CREATE INDEX IF NOT EXISTS past_died ON past(died);
    CREATE INDEX item_born ON item(storage, born, key) WHERE born > 0;
    CREATE INDEX past_storage ON past(storage, died, key);
    """

  // `born` and `died` are numbers of commits (or sets): a row is seen at n when born <= n < died.
  // Rows of `item` have not died. `mark` is the row's check. `carry` rows have the empty key.
  private static let tables = """
    CREATE TABLE storage(
      number INTEGER PRIMARY KEY AUTOINCREMENT, state INTEGER NOT NULL, changed INTEGER NOT NULL,
      mark INTEGER NOT NULL);
    CREATE INDEX storage_idle ON storage(state) WHERE state <> 1;
    CREATE TABLE item(
      storage INTEGER NOT NULL, key BLOB NOT NULL, born INTEGER NOT NULL, length INTEGER NOT NULL,
      content BLOB NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY(storage, key)) WITHOUT ROWID;
    CREATE TABLE past(
      storage INTEGER NOT NULL, key BLOB NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL,
      length INTEGER NOT NULL, content BLOB NOT NULL, mark INTEGER NOT NULL,
      PRIMARY KEY(storage, key, born)) WITHOUT ROWID;
    CREATE TABLE chunk(
      id INTEGER PRIMARY KEY, sha BLOB NOT NULL, length INTEGER NOT NULL, refs INTEGER NOT NULL,
      mark INTEGER NOT NULL);
    CREATE UNIQUE INDEX chunk_sha ON chunk(sha);
    CREATE TABLE data(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
    """
}
