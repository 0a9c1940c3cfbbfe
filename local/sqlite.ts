import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { takeExclusively } from "./exclusive.ts";

/** A store of one service in a data directory. */
export interface StoreFile {
  /** The file is `<name>.sqlite`. */
  readonly name: string;
  /** Who writes it, as sentences call it. */
  readonly owner: string;
  readonly version: number;
  readonly schema: string;
}

/** Opens a store, made anew where there is none. Throws a sentence when another process has it open, or when another version wrote it. */
export function openStoreFile(dataDirectory: string, { name, owner, version, schema }: StoreFile): { sql: DatabaseSync; close(): void } {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  // A lock of its own, so that other processes may still read the store.
  const release = takeExclusively(dataDirectory, name, owner);
  const sql = new DatabaseSync(join(dataDirectory, `${name}.sqlite`));
  // OFF: a killed process loses nothing that was committed; only a power cut may, which a development tool accepts (https://sqlite.org/pragma.html#pragma_synchronous).
  sql.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 5000");
  const close = () => {
    sql.close();
    release();
  };
  const { user_version: found } = sql.prepare("PRAGMA user_version").get() as { user_version: number };
  if (found === 0) sql.exec(`BEGIN; ${schema} PRAGMA user_version = ${version}; COMMIT`);
  else if (found !== version) {
    close();
    throw new Error(
      `The store in ${dataDirectory} has version ${found}, this ${owner} writes version ${version}; remove the directory or choose another --data-dir.`,
    );
  }
  return { sql, close };
}
