import { storageErrorOf } from "./storage-error.ts";

/** Whether what this process prints may have colours (https://no-color.org). */
export const colours = process.stdout.isTTY === true && !process.env["NO_COLOR"];

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
