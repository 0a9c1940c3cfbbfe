import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The stack's own value of SEALING_KEYS: made once for a data directory, readable by its owner only, so that a restarted host can open what it sealed. */
export function sealingKeys(dataDirectory: string): string {
  const file = join(dataDirectory, "sealing-keys.json");
  try {
    writeFileSync(file, JSON.stringify({ k1: randomBytes(32).toString("base64") }), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readFileSync(file, "utf8");
}
