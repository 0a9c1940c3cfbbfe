import { storageErrorOf } from "./storage-error.ts";

/** Whether what this process prints may have colours (https://no-color.org). */
export const colours = process.stdout.isTTY === true && !process.env["NO_COLOR"];

/** Resolves with a sentence when what this process prints cannot be written, because the output is a file on a full disk: the console says nothing of it. */
export function failureOfOutput(): Promise<string> {
  return new Promise((resolve) => {
    process.stdout.on("error", (error) => {
      const failed = storageErrorOf(error, "the output");
      if (failed) resolve(failed.message);
    });
  });
}
