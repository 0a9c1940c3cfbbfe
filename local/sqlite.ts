import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { takeLock } from "./process-lock.ts";
import { withStorageErrors, withStorageErrorsOrEnd } from "./storage-error.ts";

/** The store of one service in a data directory. */
export interface StoreFile {
  /** The file is `<name>.sqlite`. */
  readonly name: string;
  /** The service that writes it, as messages name it. */
  readonly owner: string;
  readonly version: number;
  readonly schema: string;
}

/**
 * Opens a store; creates it if it is missing. Throws a sentence if another process has it open, if
 * another version wrote it, if the disk is full, or if the file is damaged. Later errors of the
 * storage name the file too.
 */
export function openStoreFile(dataDirectory: string, { name, owner, version, schema }: StoreFile): { sql: DatabaseSync; close(): void } {
  withStorageErrors(dataDirectory, () => mkdirSync(dataDirectory, { recursive: true, mode: 0o700 }));
  // A separate lock, so that other processes may still read the store.
  const release = takeLock(dataDirectory, name, owner);
  const file = join(dataDirectory, `${name}.sqlite`);
  let sql: DatabaseSync | undefined;
  try {
    const opened = withStorageErrors(file, () => new DatabaseSync(file));
    sql = opened;
    withStorageErrors(file, () => prepareStore(opened, { owner, version, schema, dataDirectory }));
    return {
      sql: withFileInErrors(opened, file),
      close() {
        opened.close();
        release();
      },
    };
  } catch (error) {
    sql?.close();
    release();
    throw error;
  }
}

function prepareStore(sql: DatabaseSync, store: Omit<StoreFile, "name"> & { readonly dataDirectory: string }): void {
  const { owner, version, schema, dataDirectory } = store;
  // OFF: a killed process loses nothing that was committed. A power cut may lose it, which is
  // acceptable for a development tool (https://sqlite.org/pragma.html#pragma_synchronous).
  sql.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 5000");
  // A part of a transaction that may be undone alone needs a journal, which would be a file.
  sql.exec("PRAGMA temp_store = MEMORY");
  const { user_version: found } = sql.prepare("PRAGMA user_version").get() as { user_version: number };
  if (found === 0) sql.exec(`BEGIN; ${schema} PRAGMA user_version = ${version}; COMMIT`);
  else if (found !== version) {
    throw new Error(
      `The store in ${dataDirectory} has version ${found}, this ${owner} writes version ${version}; remove the directory or choose another --data-dir.`,
    );
  }
}

/**
 * Makes the errors of a database name its file if the disk is full or the file is damaged. SQLite
 * does not name it.
 */
function withFileInErrors(sql: DatabaseSync, file: string): DatabaseSync {
  const withStorageErrorsOf =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R =>
      withStorageErrorsOrEnd(file, () => call(...args));
  const prepare = sql.prepare.bind(sql);
  return Object.assign(sql, {
    exec: withStorageErrorsOf(sql.exec.bind(sql)),
    prepare: withStorageErrorsOf((statement: string) => {
      const prepared = prepare(statement);
      return Object.assign(prepared, {
        run: withStorageErrorsOf(prepared.run.bind(prepared)),
        get: withStorageErrorsOf(prepared.get.bind(prepared)),
        all: withStorageErrorsOf(prepared.all.bind(prepared)),
      });
    }),
  });
}
