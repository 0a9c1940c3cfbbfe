import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../replace-file.ts";
import type { Stack } from "./index.ts";

/**
 * Writes the addresses of a running stack to its data directory, for commands in other terminals.
 * Returns the function that removes them.
 */
export function announce(dataDirectory: string, endpoints: Stack["endpoints"]): () => void {
  const file = join(dataDirectory, "endpoints.json");
  replaceFile(file, JSON.stringify(endpoints));
  return () => rmSync(file, { force: true });
}

/**
 * Returns the addresses of the running stack of a data directory. Throws a sentence that says what
 * to do if there is none.
 */
export function runningStack(dataDirectory: string): Stack["endpoints"] {
  try {
    return JSON.parse(readFileSync(join(dataDirectory, "endpoints.json"), "utf8")) as Stack["endpoints"];
  } catch {
    throw new Error("No stack is running here. Start one with `npm run dev`, or set ServiceBus to the connection string of a namespace.");
  }
}
