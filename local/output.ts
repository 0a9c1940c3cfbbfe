import { storageErrorOf } from "./storage-error.ts";

/**
 * Resolves with a sentence if the output of this process cannot be written, because it goes to a
 * file on a full disk. The console ignores that error.
 */
export function failureOfOutput(): Promise<string> {
  return new Promise((resolve) => {
    process.stdout.on("error", (error) => {
      const failed = storageErrorOf(error, "the output");
      if (failed) resolve(failed.message);
    });
  });
}
