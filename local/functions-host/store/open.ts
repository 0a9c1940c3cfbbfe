import type { DatabaseSync } from "node:sqlite";
import { openStoreFile } from "../../sqlite.ts";

const SCHEMA_VERSION = 4;

/**
 * Everything the engine must not lose. What is due (`inbox`, `work`, `timers`, `entity_inbox`)
 * stands beside what has happened (`history`).
 * What is due can be seen from `visible_at` on. `taken_until` is set while a process works on it:
 * when it comes back if that process is killed.
 */
const schema = `
  CREATE TABLE instances (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, execution TEXT NOT NULL, status TEXT NOT NULL, output TEXT,
    custom_status TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL, sequence TEXT NOT NULL, ended TEXT
  ) STRICT;
  CREATE TABLE inputs (instance TEXT PRIMARY KEY, input TEXT NOT NULL) STRICT;
  CREATE INDEX instances_by_creation ON instances (created, id);
  CREATE TABLE history (episode INTEGER PRIMARY KEY, instance TEXT NOT NULL, events TEXT NOT NULL) STRICT;
  CREATE INDEX history_by_instance ON history (instance, episode);
  CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, event TEXT NOT NULL, sender TEXT NOT NULL,
    visible_at INTEGER NOT NULL, taken_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX inbox_by_instance ON inbox (instance, visible_at, id);
  CREATE TABLE work (
    instance TEXT NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL, input TEXT NOT NULL,
    visible_at INTEGER NOT NULL DEFAULT 0, taken_until INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (instance, task)
  ) STRICT;
  CREATE TABLE timers (instance TEXT NOT NULL, task INTEGER NOT NULL, fire_at INTEGER NOT NULL, PRIMARY KEY (instance, task)) STRICT;
  CREATE TABLE entities (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
  CREATE TABLE entity_inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT NOT NULL, message TEXT NOT NULL, sender TEXT NOT NULL,
    visible_at INTEGER NOT NULL, taken_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX entity_inbox_by_entity ON entity_inbox (entity, visible_at, id);
  CREATE INDEX entity_inbox_by_sender ON entity_inbox (entity, sender, visible_at);
`;

/** Added to a store of the same version that has it not: the app looks for what failed every two minutes, among all that ended well. */
const lookups = `
  CREATE INDEX IF NOT EXISTS instances_by_status ON instances (status, created, id);
  CREATE TABLE IF NOT EXISTS left_work (instance TEXT NOT NULL, task INTEGER NOT NULL, starts INTEGER NOT NULL, PRIMARY KEY (instance, task)) STRICT;
`;

/**
 * Hides what a killed process had taken until it comes back, and behind it what the same sender
 * sent to the same receiver later: its order is kept.
 * The start of an instance (sender '') comes before everything else for it.
 */
const comeBack = `
  UPDATE work SET visible_at = taken_until, taken_until = 0 WHERE taken_until > 0;
  UPDATE inbox SET visible_at = taken_until, taken_until = 0 WHERE taken_until > 0;
  UPDATE entity_inbox SET visible_at = taken_until, taken_until = 0 WHERE taken_until > 0;
  UPDATE inbox SET visible_at = (SELECT max(before.visible_at) FROM inbox AS before
    WHERE before.instance = inbox.instance AND before.sender IN (inbox.sender, '') AND before.id <= inbox.id);
  UPDATE entity_inbox SET visible_at = (SELECT max(before.visible_at) FROM entity_inbox AS before
    WHERE before.entity = entity_inbox.entity AND before.sender = entity_inbox.sender AND before.id <= entity_inbox.id);
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
  sql.exec(`BEGIN; ${comeBack} COMMIT`);
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
