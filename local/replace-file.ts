import { renameSync, rmSync, writeFileSync } from "node:fs";
import { withStorageErrors } from "./storage-error.ts";

/**
 * Writes a file of the data directory, readable for its owner only. If the disk is full or the
 * process is killed, the old file is still there.
 */
export function replaceFile(path: string, text: string): void {
  const part = `${path}.part`;
  try {
    withStorageErrors(path, () => writeFileSync(part, text, { mode: 0o600 }));
    withStorageErrors(path, () => renameSync(part, path));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
