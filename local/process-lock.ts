import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { withStorageErrors } from "./storage-error.ts";

/** SQLite's result code if another connection holds the lock. */
const BUSY = 5;

/**
 * Takes the lock `<name>.lock` of a directory for this process. Returns the function that releases
 * it. Throws a sentence if another process holds it. The lock is a SQLite lock, so the operating
 * system releases it even if this process is killed.
 */
export function takeLock(directory: string, name: string, holder: string): () => void {
  const file = join(directory, `${name}.lock`);
  const lock = withStorageErrors(file, () => new DatabaseSync(file));
  try {
    withStorageErrors(file, () => lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE"));
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== BUSY) throw error;
    throw new Error(`Another ${holder} is running on ${directory}; choose another --data-dir.`);
  }
  return () => lock.close();
}
