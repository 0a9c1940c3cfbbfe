import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the last `send` used. It is the default for `cancel`. */
export interface LastSend {
  readonly source: string;
  readonly queue: string;
}

const fileOf = (dataDirectory: string) => join(dataDirectory, "last-send.json");

/** Notes the source and the queue of a `send`. */
export function noteLastSend(dataDirectory: string, last: LastSend): void {
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    writeFileSync(fileOf(dataDirectory), JSON.stringify(last), { mode: 0o600 });
  } catch {
    // It only saves typing: without it, `cancel` needs --source.
  }
}

/** Returns what the last `send` used; nothing if there was none. */
export function readLastSend(dataDirectory: string): LastSend | undefined {
  try {
    const { source, queue } = JSON.parse(readFileSync(fileOf(dataDirectory), "utf8")) as Partial<LastSend>;
    return typeof source === "string" && typeof queue === "string" ? { source, queue } : undefined;
  } catch {
    return undefined;
  }
}
