import type { DatabaseSync } from "node:sqlite";
import { openStoreFile } from "../../sqlite.ts";

const SCHEMA_VERSION = 3;

/** Everything the engine must not lose. What is due (`inbox`, `work`, `timers`, `entity_inbox`) stands beside what has happened (`history`). */
const schema = `
  CREATE TABLE instances (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, execution TEXT NOT NULL, status TEXT NOT NULL, output TEXT,
    custom_status TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL, sequence TEXT NOT NULL, ended TEXT
  ) STRICT;
  CREATE TABLE inputs (instance TEXT PRIMARY KEY, input TEXT NOT NULL) STRICT;
  CREATE INDEX instances_by_creation ON instances (created, id);
  CREATE TABLE history (episode INTEGER PRIMARY KEY, instance TEXT NOT NULL, events TEXT NOT NULL) STRICT;
  CREATE INDEX history_by_instance ON history (instance, episode);
  CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, event TEXT NOT NULL) STRICT;
  CREATE INDEX inbox_by_instance ON inbox (instance, id);
  CREATE TABLE work (instance TEXT NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL, input TEXT NOT NULL, PRIMARY KEY (instance, task)) STRICT;
  CREATE TABLE timers (instance TEXT NOT NULL, task INTEGER NOT NULL, fire_at INTEGER NOT NULL, PRIMARY KEY (instance, task)) STRICT;
  CREATE TABLE entities (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
  CREATE TABLE entity_inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT NOT NULL, message TEXT NOT NULL) STRICT;
  CREATE INDEX entity_inbox_by_entity ON entity_inbox (entity, id);
`;

/** Added to a store of the same version that has it not: the app looks for what failed every two minutes, among all that ended well. */
const lookups = `
  CREATE INDEX IF NOT EXISTS instances_by_status ON instances (status, created, id);
  CREATE TABLE IF NOT EXISTS left_work (instance TEXT NOT NULL, task INTEGER NOT NULL, starts INTEGER NOT NULL, PRIMARY KEY (instance, task)) STRICT;
`;

/** An open database and the lock that keeps a second host out. */
export interface Database {
  readonly sql: DatabaseSync;
  /** Runs `work` in one transaction: all of it is on disk afterwards, or none. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens `durable.sqlite` in a data directory. Throws a sentence when another host has it open, or when another version wrote it. `committed` is called
 * after every transaction.
 */
export function openDatabase(dataDirectory: string, committed: () => void = () => {}): Database {
  const { sql, close } = openStoreFile(dataDirectory, { name: "durable", owner: "functions host", version: SCHEMA_VERSION, schema });
  sql.exec(lookups);
  const [begin, commit] = [sql.prepare("BEGIN IMMEDIATE"), sql.prepare("COMMIT")];
  return {
    sql,
    close,
    transaction(work) {
      begin.run();
      let result: ReturnType<typeof work>;
      try {
        result = work();
        commit.run();
      } catch (error) {
        // A full disk ends the transaction, too.
        if (sql.isTransaction) sql.exec("ROLLBACK");
        throw error;
      }
      committed();
      return result;
    },
  };
}
