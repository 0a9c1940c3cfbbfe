/**
 * An error about a file of the data directory that cannot be written or read. The message says
 * which file, what is wrong and what to do.
 */
export class StorageError extends Error {}

/**
 * The exit code of a service that ended because of its storage. Starting it again would not help
 * (EX_IOERR of sysexits.h).
 */
export const STORAGE_EXIT_CODE = 74;

let end: (error: StorageError) => void = () => {};
/**
 * Sets the handler for the failure of an open store. Even code that catches the error cannot go on
 * without the store.
 */
export function endOnStorageError(handler: (error: StorageError) => void): void {
  end = handler;
}

/**
 * Runs `work`, which reads or writes a file. Throws a StorageError if the disk is full, or if the
 * file is damaged or not accessible.
 */
export function withStorageErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storageErrorOf(error, path) ?? error;
  }
}

/**
 * Like `withStorageErrors`, for an open store: the error ends the process (see
 * `endOnStorageError`).
 */
export function withStorageErrorsOrEnd<T>(path: string, work: () => T): T {
  try {
    return withStorageErrors(path, work);
  } catch (error) {
    if (error instanceof StorageError) end(error);
    throw error;
  }
}

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const sqlite = { readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 };
const fullCodes = ["ENOSPC", "EDQUOT", sqlite.full];
const damagedCodes = [sqlite.corrupt, sqlite.notADatabase];
const inaccessibleCodes = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EIO", sqlite.readOnly, sqlite.ioError, sqlite.cannotOpen];

/**
 * Returns a StorageError for an error of the file system or of SQLite, or nothing if the error is
 * of another kind.
 */
export function storageErrorOf(error: unknown, path: string): StorageError | undefined {
  if (!(error instanceof Error) || error instanceof StorageError) return undefined;
  const { code, errcode } = error as { code?: string; errcode?: number };
  // The upper bits of a result code are not needed here.
  const known = code === "ERR_SQLITE_ERROR" ? (errcode ?? 0) & 0xff : (code ?? "");
  if (fullCodes.includes(known)) return new StorageError(`The disk is full: ${path} cannot be written. Free some space and start again.`);
  if (damagedCodes.includes(known as number))
    return new StorageError(`The file ${path} is damaged (${error.message}). Delete it or give another --data-dir.`);
  if (inaccessibleCodes.includes(known))
    return new StorageError(`${path} cannot be opened or written (${error.message}). Check its permissions, or give another --data-dir.`);
  return undefined;
}
