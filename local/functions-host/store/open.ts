import type { DatabaseSync } from "node:sqlite";
import { createGroupCommit } from "../../group-commit.ts";
import { openStoreFile } from "../../sqlite.ts";

const SCHEMA_VERSION = 4;

/**
 * Everything that the engine must not lose. `inbox`, `work`, `timers` and `entity_inbox` are due or
 * will be. `history` has already happened. A due row is visible from `visible_at` on. `taken_until`
 * is set while a process works on the row: if that process is killed, the row becomes visible again
 * then.
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

/**
 * Added to a store of the same version without them. The app looks for failed instances every two
 * minutes, among many that ended well.
 */
const lookups = `
  CREATE INDEX IF NOT EXISTS instances_by_status ON instances (status, created, id);
  CREATE TABLE IF NOT EXISTS left_work (instance TEXT NOT NULL, task INTEGER NOT NULL, starts INTEGER NOT NULL, PRIMARY KEY (instance, task)) STRICT;
`;

/**
 * Hides the rows that a killed process had taken until they come back. Also hides later rows from
 * the same sender to the same receiver, so that their order is kept. The start of an instance
 * (sender '') comes before everything else for it.
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

/** An open database, with the lock that keeps a second host out. */
export interface Database {
  readonly sql: DatabaseSync;
  /**
   * Runs `work` so that all of it comes to disk, or none. Works of one turn of the event loop are
   * committed together. Before anything outside the store sees a result, wait for `committed`.
   */
  transaction<T>(work: () => T): T;
  /** Resolves when all works so far are on disk. */
  committed(): Promise<void>;
  /** Closes the store. Works that are not committed are lost, as in a killed process. */
  close(): void;
}

/**
 * Opens `durable.sqlite` in a data directory. Throws a sentence if another host has it open, or if
 * another version wrote it. Calls `onCommit` after every commit.
 */
export function openDatabase(dataDirectory: string, onCommit: () => void = () => {}): Database {
  const { sql, close } = openStoreFile(dataDirectory, { name: "durable", owner: "functions host", version: SCHEMA_VERSION, schema });
  sql.exec(lookups);
  sql.exec(`BEGIN; ${comeBack} COMMIT`);
  const { begin, committed } = createGroupCommit(sql, onCommit);
  const [mark, keep, undo] = [sql.prepare("SAVEPOINT work"), sql.prepare("RELEASE work"), sql.prepare("ROLLBACK TO work")];
  return {
    sql,
    close,
    committed,
    transaction(work) {
      begin();
      mark.run();
      try {
        return work();
      } catch (error) {
        // A full disk has already ended the transaction.
        if (sql.isTransaction) undo.run();
        throw error;
      } finally {
        if (sql.isTransaction) keep.run();
      }
    },
  };
}
