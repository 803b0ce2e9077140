import GRDB
import ItemStore
import OfficeModel

/// The tables of the backup sets, beside those of their items.
enum RepositorySchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    ItemSchema.register(in: &migrator)
    migrator.registerMigration("repository 1") { database in try database.execute(sql: tables) }
    migrator.registerMigration("uploads 2") { database in try database.execute(sql: uploads) }
    return migrator
  }

  // What the rows had before says the same with these columns: their checks hold.
  private static let uploads = """
    ALTER TABLE sets ADD COLUMN file TEXT NOT NULL DEFAULT '';
    ALTER TABLE sets ADD COLUMN area INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sets ADD COLUMN fingerprint BLOB NOT NULL DEFAULT x'';
    ALTER TABLE sets ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sets ADD COLUMN cause TEXT NOT NULL DEFAULT '';
    CREATE UNIQUE INDEX sets_file ON sets(file) WHERE file <> '' AND cause = '' AND state = 1;
    CREATE INDEX file_name ON file(user);
    """

  // `born` and `died` are numbers of sets; a row is seen by set n of its chain when born <= n < died.
  // 9223372036854775807 is "has not died"; SQLite uses these partial indexes only for queries that repeat the condition.
  private static let tables = """
    CREATE TABLE sets(
      number INTEGER PRIMARY KEY AUTOINCREMENT, chain INTEGER NOT NULL, state INTEGER NOT NULL,
      stamp INTEGER NOT NULL, process TEXT NOT NULL, areas INTEGER NOT NULL, day INTEGER NOT NULL,
      slot INTEGER NOT NULL, hold TEXT NOT NULL, until INTEGER NOT NULL, users INTEGER NOT NULL,
      changed INTEGER NOT NULL, added INTEGER NOT NULL, format INTEGER NOT NULL,
      backup INTEGER NOT NULL, mark INTEGER NOT NULL);
    CREATE INDEX sets_unlisted ON sets(state) WHERE state <> 1;
    CREATE UNIQUE INDEX sets_hold ON sets(hold) WHERE hold <> '';
    CREATE TABLE total(
      number INTEGER NOT NULL, area INTEGER NOT NULL, updated INTEGER NOT NULL,
      stamp INTEGER NOT NULL, seen INTEGER NOT NULL, cells INTEGER NOT NULL,
      padded INTEGER NOT NULL, large INTEGER NOT NULL, idbytes INTEGER NOT NULL,
      items INTEGER NOT NULL, bytes INTEGER NOT NULL, mark INTEGER NOT NULL,
      PRIMARY KEY(number, area)) WITHOUT ROWID;
    CREATE TABLE name(
      number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, mark INTEGER NOT NULL);
    CREATE UNIQUE INDEX name_id ON name(id);
    CREATE TABLE file(
      version INTEGER PRIMARY KEY AUTOINCREMENT, chain INTEGER NOT NULL, user INTEGER NOT NULL,
      born INTEGER NOT NULL, died INTEGER NOT NULL, mtime INTEGER NOT NULL,
      padded INTEGER NOT NULL, large INTEGER NOT NULL, mark INTEGER NOT NULL);
    CREATE UNIQUE INDEX file_user ON file(chain, user, born);
    CREATE INDEX file_died ON file(chain, died) WHERE died < 9223372036854775807;
    CREATE TABLE cell(
      chain INTEGER NOT NULL, area INTEGER NOT NULL, user INTEGER NOT NULL, born INTEGER NOT NULL,
      died INTEGER NOT NULL, storage INTEGER NOT NULL, size INTEGER NOT NULL,
      items INTEGER NOT NULL, mtime INTEGER NOT NULL, digest BLOB NOT NULL,
      source INTEGER NOT NULL, seen INTEGER NOT NULL, mark INTEGER NOT NULL,
      PRIMARY KEY(chain, area, user, born)) WITHOUT ROWID;
    CREATE INDEX cell_born ON cell(chain, born, area, user);
    CREATE INDEX cell_died ON cell(chain, died) WHERE died < 9223372036854775807;
    CREATE INDEX cell_storage ON cell(storage, born) WHERE storage <> 0;
    CREATE INDEX cell_source ON cell(source)
      WHERE died = 9223372036854775807 AND source <> 0;
    """
}
