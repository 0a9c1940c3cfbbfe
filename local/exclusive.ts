import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Takes the lock `<name>.lock` of a directory for this process; answers the function that gives it back. Throws a sentence when another process holds it.
 * SQLite holds it through the operating system, which releases it however this process ends.
 */
export function takeExclusively(directory: string, name: string, holder: string): () => void {
  const lock = new DatabaseSync(join(directory, `${name}.lock`));
  try {
    lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch {
    lock.close();
    throw new Error(`Another ${holder} is running on ${directory}; choose another --data-dir.`);
  }
  return () => lock.close();
}
