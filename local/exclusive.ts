import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { storing } from "./storage-error.ts";

/** SQLite's result code for a lock that another connection holds. */
const BUSY = 5;

/**
 * Takes the lock `<name>.lock` of a directory for this process; answers the function that gives it back. Throws a sentence when another process holds it.
 * SQLite holds it through the operating system, which releases it however this process ends.
 */
export function takeExclusively(directory: string, name: string, holder: string): () => void {
  const file = join(directory, `${name}.lock`);
  const lock = storing(file, () => new DatabaseSync(file));
  try {
    storing(file, () => lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE"));
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== BUSY) throw error;
    throw new Error(`Another ${holder} is running on ${directory}; choose another --data-dir.`);
  }
  return () => lock.close();
}
