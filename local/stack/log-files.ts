import { closeSync, existsSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StorageError, withStorageErrors } from "../storage-error.ts";

/** A larger log is renamed to `<name>.1`, and a new one begins. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** Returns the path of a service's log in a data directory. */
export function logFileOf(dataDirectory: string, service: string): string {
  return join(dataDirectory, `${service}.log`);
}

/**
 * Opens the log files, one for each service. Every stack begins new ones. Calls `failed` once, with
 * a sentence, if a log cannot be written.
 */
export function openLogFiles(dataDirectory: string, failed: (reason: string) => void) {
  const open = new Map<string, { file: number; size: number }>();
  let broken = false;
  function begin(path: string) {
    if (existsSync(path)) renameSync(path, `${path}.1`);
    return { file: openSync(path, "w", 0o600), size: 0 };
  }
  return {
    write(service: string, line: string): void {
      if (broken) return;
      const path = logFileOf(dataDirectory, service);
      try {
        withStorageErrors(path, () => {
          let log = open.get(service);
          if (log && log.size > LARGEST_BYTES) {
            closeSync(log.file);
            log = undefined;
          }
          log ??= begin(path);
          open.set(service, log);
          log.size += writeSync(log.file, `${line}\n`);
        });
      } catch (error) {
        broken = true;
        if (!(error instanceof StorageError)) throw error;
        failed(error.message);
      }
    },
    close(): void {
      for (const { file } of open.values()) closeSync(file);
      open.clear();
      broken = true;
    },
  };
}
